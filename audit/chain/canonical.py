"""What is hashed of a row: every column, in one form that a row has when it is written and when it is read again.

`row_hash` is an HMAC-SHA256 over the row's place (schema, id, sequence, hash of the row before it) and the digest of
its body. The digest is computed where the row is recorded; under the lock on the head only the short rest is. Sealed
content is in the body by its digest, so that an export verifies without it, and after its key is destroyed.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from audit.chain.keys import ChainKey

# The first item of what is hashed: a later form can be told apart.
_FORM = "1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_dump = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode
# JSON as PostgreSQL's jsonb takes it: no NaN, no infinity.
_dump_strictly = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class Body(NamedTuple):
    """Everything a row says. Values are as they come from PostgreSQL, `at` in microseconds since 1970 (UTC)."""

    at: int
    actor_kind: str
    actor: str
    verb: str
    target: str
    outcome: str
    reason: str
    request_id: str
    prompt_version: str
    model_version: str
    confidence: float | None
    digest: str
    details: str
    sealed_digest: str
    subject_key_id: str

    def hashed(self) -> bytes:
        """SHA-256 of the body."""
        parts = [_FORM, *self]
        parts[11] = None if self.confidence is None else repr(float(self.confidence))
        parts[13] = canonical_json(self.details)
        return hashlib.sha256(_dump(parts).encode()).digest()


def row_hash(*, key: ChainKey, schema: str, row_id: int, sequence: int, previous: bytes, body: bytes) -> bytes:
    """The key's id and the HMAC of one row at its place in the chain, 40 bytes. About 2 microseconds."""
    place = f"{row_id}|{sequence}|{previous.hex()}|{body.hex()}|{schema}"
    return key.key_id + hmac.digest(key.secret, place.encode(), "sha256")


def microseconds(at: datetime) -> int:
    """As PostgreSQL keeps it."""
    return (at - _EPOCH) // _MICROSECOND


def sealed_digest(sealed: bytes | None) -> str:
    """What the body says of sealed content: the SHA-256 of the ciphertext, or nothing."""
    return "" if sealed is None else hashlib.sha256(sealed).hexdigest()


def json_text(value: object) -> str:
    """JSON that jsonb accepts.

    :raises ValueError: for NaN, an infinity, or a string with a zero character, which PostgreSQL cannot keep.
    :raises TypeError: for what JSON has no form for.
    """
    text = _dump_strictly(value)
    if "\\u0000" in text or "\\ud" in text:
        _check_strings(json.loads(text))
    return text


def canonical_json(text: str) -> str:
    """One form of a JSON value: keys in order, numbers as jsonb prints them (1e3 is 1000, 1.50 keeps its zero)."""
    if text == "{}":
        return text
    # A number becomes a string that begins with a zero character, which no string in jsonb can.
    return _dump(json.loads(text, parse_int=_whole, parse_float=_decimal))


def _whole(text: str) -> str:
    return "\0" + text


def _decimal(text: str) -> str:
    plain = format(Decimal(text), "f")
    return "\0" + (plain.lstrip("-") if not plain.strip("-0.") else plain)


def _check_strings(value: object) -> None:
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, list):
        for item in value:
            _check_strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            check_text(name)
            _check_strings(item)


def check_text(value: str) -> None:
    """PostgreSQL keeps neither a zero character nor half of a surrogate pair.

    :raises ValueError: when it is in there.
    """
    if "\0" in value:
        raise ValueError("a zero character")
    value.encode()
