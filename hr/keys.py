"""Master keys, and authenticated encryption under any key (AES-256-GCM of cryptography). No rows, no ORM.

A master key wraps the data key of each subject. It comes from the environment or a file of the data folder and is never
in the database, so that a copy of the database alone shows ciphertext only.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES = 32  # AES-256
_NONCE_BYTES = 12  # the length NIST SP 800-38D recommends for GCM
_FORMAT = b"\x01"  # the first byte of everything sealed here: a later format can be told apart
# Sealed content is filled up to a multiple of this, so that its length does not tell how many digits an amount has.
_BLOCK_BYTES = 64


class KeyUnavailable(RuntimeError):
    """Sealed content cannot be read or written now. Messages name keys, never content."""


class LostMasterKey(KeyUnavailable):
    """No master key is configured."""


class WrongMasterKey(KeyUnavailable):
    """A data key was wrapped by a master key that this installation does not have."""


class Tampered(KeyUnavailable):
    """Sealed content was altered, or stands in a row, field, person or company that it was not sealed for."""


@dataclass(frozen=True)
class MasterKey:
    """One master key. `key_id` is a digest and stored beside what the key wraps."""

    key_id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"MasterKey({self.key_id})"  # never the secret, in no log and no traceback


@dataclass(frozen=True)
class Place:
    """Where sealed content belongs. It opens there and nowhere else: this is the cipher's associated data."""

    tenant: str
    table: str
    field: str
    row: str
    subject: str
    key: str

    def as_bytes(self) -> bytes:
        parts = (self.tenant, self.table, self.field, self.row, self.subject, self.key)
        return json.dumps(parts, separators=(",", ":")).encode()  # a list: no two places give the same bytes


def current_master_key() -> MasterKey:
    """The master key that wraps new data keys.

    :raises LostMasterKey: when none is configured.
    """
    if not settings.FIELD_MASTER_KEY:
        raise LostMasterKey("FIELD_MASTER_KEY is not set: sealed fields can be neither read nor written")
    return _derived(settings.FIELD_MASTER_KEY)


def master_keys() -> Mapping[str, MasterKey]:
    """Every configured master key by its id: the current one, and the old ones of a rotation.

    :raises LostMasterKey: when none is configured.
    """
    known = [current_master_key(), *(_derived(text) for text in settings.FIELD_MASTER_KEYS_OLD)]
    return {key.key_id: key for key in known}


def master_key(*, key_id: str) -> MasterKey:
    """The master key with this id.

    :raises LostMasterKey: when none is configured.
    :raises WrongMasterKey: when it is not among the configured ones.
    """
    known = master_keys()
    if key_id not in known:
        raise WrongMasterKey(
            f"sealed under master key {key_id}, but FIELD_MASTER_KEY and FIELD_MASTER_KEYS_OLD hold {', '.join(known)}"
        )
    return known[key_id]


def new_data_key() -> bytes:
    """32 random bytes."""
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def seal(*, key: bytes, content: bytes, place: Place) -> bytes:
    """Ciphertext of `content`, bound to `place`. Its length tells the content's length in blocks of 64 bytes only."""
    nonce = os.urandom(_NONCE_BYTES)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, _padded(content), _FORMAT + place.as_bytes())


def unseal(*, key: bytes, sealed: bytes, place: Place) -> bytes:
    """The content.

    :raises Tampered: when key, place or ciphertext do not fit together.
    """
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        if sealed[:1] != _FORMAT:
            raise ValueError
        return _unpadded(AESGCM(key).decrypt(nonce, ciphertext, _FORMAT + place.as_bytes()))
    except (InvalidTag, ValueError):
        # Without the cause: a traceback of it would show the arguments in some log formats.
        raise Tampered(f"{place.table}.{place.field} of {place.row} was altered or is not of this row") from None


def _derived(text: str) -> MasterKey:
    """HKDF (RFC 5869), so that a text of any length gives a key of the right one; the id is a digest of the key."""
    secret = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"ragsite.field-master-key").derive(
        text.encode()
    )
    return MasterKey(key_id=hashlib.sha256(b"ragsite.field-master-key-id:" + secret).hexdigest()[:16], secret=secret)


def _padded(content: bytes) -> bytes:
    """ISO/IEC 7816-4: one byte 0x80, then zeros."""
    return content + b"\x80" + b"\x00" * (-(len(content) + 1) % _BLOCK_BYTES)


def _unpadded(content: bytes) -> bytes:
    body = content.rstrip(b"\x00")
    if not body.endswith(b"\x80"):
        raise ValueError
    return body[:-1]
