"""Checking an id token: signature, algorithm, issuer, audience, times, nonce (OpenID Connect Core 1.0, 3.1.3.7)."""

import time
from typing import Any

import jwt
from django.utils.crypto import constant_time_compare

from hr.signin.oidc import discovery

# Asymmetric only: with an HMAC the client secret would do for a signature.
_KEY_TYPES = {"RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "ES256": "EC", "ES384": "EC"}
_MAX_CHARS = 32_000
_LEEWAY_SECONDS = 30
# How old a token may be that was issued for the sign-in of this very minute.
_MAX_AGE_SECONDS = 600


class InvalidAnswer(PermissionError):
    """What came back is no proof of who somebody is. `reason` is for the audit log, never for the caller."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_id_token(token: Any, *, metadata: discovery.Metadata, client_id: str, nonce: str) -> dict[str, Any]:
    """The claims of a good id token.

    :raises InvalidAnswer: for any other.
    :raises fetching.ProviderUnavailable: when the provider's keys cannot be had.
    """
    if not isinstance(token, str) or len(token) > _MAX_CHARS:
        raise InvalidAnswer("no_token")
    try:
        header = jwt.get_unverified_header(token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in _KEY_TYPES or not (kid is None or isinstance(kid, str)):
            raise InvalidAnswer("algorithm")
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(discovery.keys_of(metadata, kid=kid), algorithm, kid),
            algorithms=[algorithm],
            issuer=metadata.issuer,
            audience=client_id,
            leeway=_LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise InvalidAnswer(type(error).__name__) from None
    _check(claims, client_id=client_id, nonce=nonce)
    return claims


def _check(claims: dict[str, Any], *, client_id: str, nonce: str) -> None:
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise InvalidAnswer("subject")
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != client_id:
        raise InvalidAnswer("authorized_party")
    if "azp" in claims and claims["azp"] != client_id:
        raise InvalidAnswer("authorized_party")
    given = claims.get("nonce")
    if not isinstance(given, str) or not constant_time_compare(given, nonce):
        raise InvalidAnswer("nonce")
    if not isinstance(claims["iat"], int | float) or claims["iat"] < time.time() - _MAX_AGE_SECONDS:
        raise InvalidAnswer("too_old")


def _key(keys: list[dict[str, Any]], algorithm: str, kid: str | None) -> Any:
    fitting = [
        key
        for key in keys
        if key.get("kty") == _KEY_TYPES[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid") == kid)
    ]
    if len(fitting) != 1:  # without an id, only an only key may be meant
        raise InvalidAnswer("unknown_key")
    return jwt.PyJWK(fitting[0], algorithm=algorithm).key
