"""What a token says, and how it is signed and read. The database is not asked here; see authentication.py for that.

PyJWT checks signature and times; the key decides the algorithm; everything else is compared here, strictly by type,
because a claim of an unexpected type is how token checks have been fooled.
"""

import re
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import jwt
from jwt.utils import base64url_decode, base64url_encode

from tenants import context, keys

Kind = Literal["access", "refresh"]

ISSUER = "hr-assistant"
# Longer is nothing of ours: a token of this product has about 700 characters.
_MAX_CHARS = 4096
# How far the clocks of two web servers may differ before one refuses the other's fresh token.
_CLOCK_DIFFERENCE_SECONDS = 5
_HEADER_NAMES = frozenset({"alg", "kid", "typ"})
_EMPLOYEE_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_TEXT_CLAIMS = ("iss", "aud", "sub", "tenant_id", "email", "role", "pwd", "jti", "typ")
_NUMBER_CLAIMS = ("ver", "epo", "iat", "nbf", "exp")


class InvalidToken(PermissionError):
    """The token is not good here. `reason` is for logs and tests, never for the caller."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ForeignToken(InvalidToken):
    """Properly signed by us, but for another company: the two walls disagree."""


@dataclass(frozen=True)
class Claims:
    """The claims of a token whose signature, times, tenant and kind were checked.

    `session` is the id of the refresh_tokens row that the token came with, None for one issued by command.
    `password_mark` changes with the password, `version` with everything else that ends a person's tokens. `kid` names
    the key that signed it, which may have been revoked since this process last read the keys.
    """

    kind: Kind
    employee_id: int
    email: str
    role: str
    version: int
    password_mark: str
    session: int | None
    jti: str
    expires_at: datetime
    kid: str


def sign(
    *,
    kind: Kind,
    employee_id: int,
    email: str,
    role: str,
    version: int,
    password_mark: str,
    session: int | None,
    jti: str,
    lifetime: timedelta,
) -> str:
    """A signed token for a person of the current tenant.

    :raises tenants.context.NoTenant: in the public schema.
    """
    key, now, tenant = keys.signing_key(), int(time.time()), context.current_tenant()
    tenant_id = str(tenant.uuid)
    payload: dict[str, Any] = {
        "iss": ISSUER,
        "aud": tenant_id,
        "tenant_id": tenant_id,
        "sub": str(employee_id),
        "email": email,
        "role": role,
        "ver": version,
        "epo": tenant.token_epoch,
        "pwd": password_mark,
        "jti": jti,
        "typ": kind,
        "iat": now,
        "nbf": now,
        "exp": now + int(lifetime.total_seconds()),
    }
    if session is not None:
        payload["sid"] = session
    return jwt.encode(payload, key.secret, algorithm=key.algorithm, headers={"kid": key.kid})


def read(*, token: str, kind: Kind) -> Claims:
    """The claims of a token that is good, of the wanted kind, and for the current tenant.

    :raises ForeignToken: when it is good, but another company's.
    :raises InvalidToken: for everything else.
    """
    if len(token) > _MAX_CHARS:
        raise InvalidToken("too_long")
    try:
        kid, payload = _verified(token)
    except InvalidToken:
        raise
    # RecursionError: JSON nested deeper than the interpreter's stack.
    except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise InvalidToken(type(error).__name__) from None
    _check_types(payload)
    if payload["aud"] != context.tenant_id() or payload["tenant_id"] != payload["aud"]:
        raise ForeignToken("tenant")
    if payload["typ"] != kind:
        raise InvalidToken("kind")
    if payload["epo"] != context.current_tenant().token_epoch:
        raise InvalidToken("cut_off")
    return Claims(
        kind=kind,
        employee_id=int(payload["sub"]),
        email=payload["email"],
        role=payload["role"],
        version=payload["ver"],
        password_mark=payload["pwd"],
        session=payload.get("sid"),
        jti=payload["jti"],
        expires_at=datetime.fromtimestamp(payload["exp"], tz=UTC),
        kid=kid,
    )


def new_jti() -> str:
    return uuid.uuid4().hex


def _verified(token: str) -> tuple[str, dict[str, Any]]:
    """The key's id and the claims."""
    signature = token.rpartition(".")[2]
    # Base 64 has several spellings of the same bytes, and a decoder takes any: only the one that we wrote counts.
    if base64url_encode(base64url_decode(signature)).decode() != signature:
        raise InvalidToken("spelling")
    header = jwt.get_unverified_header(token)
    if not set(header) <= _HEADER_NAMES or not isinstance(header.get("kid"), str):
        raise InvalidToken("header")
    key = keys.believed_key(kid=header["kid"], now=datetime.now(UTC))
    if key is None:
        raise InvalidToken("unknown_key")
    payload = jwt.decode(
        token,
        key.secret,
        algorithms=[key.algorithm],
        issuer=ISSUER,
        options={
            "require": [*_TEXT_CLAIMS, *_NUMBER_CLAIMS],
            # Compared below: a disagreement about the tenant has to be told from all other refusals.
            "verify_aud": False,
            # Checked below with a tolerance, which expiry must not have.
            "verify_iat": False,
            "verify_nbf": False,
        },
    )
    return key.kid, payload


def _check_types(payload: dict[str, Any]) -> None:
    if not all(isinstance(payload[name], str) for name in _TEXT_CLAIMS):
        raise InvalidToken("claim_type")
    if not all(type(payload[name]) is int for name in _NUMBER_CLAIMS):  # True is an int, too, and no number here
        raise InvalidToken("claim_type")
    if "sid" in payload and (type(payload["sid"]) is not int or not 0 < payload["sid"] < 2**63):
        raise InvalidToken("claim_type")
    if not _EMPLOYEE_ID.fullmatch(payload["sub"]) or not payload["exp"] < 2**33:
        raise InvalidToken("claim_value")
    if max(payload["iat"], payload["nbf"]) > time.time() + _CLOCK_DIFFERENCE_SECONDS:
        raise InvalidToken("not_yet")
