"""What a provider says about itself (OpenID Connect Discovery 1.0), and its keys; both kept for some minutes."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from hr.signin.oidc import fetching

# A new key is found at once (below); this is how long a withdrawn one is still believed.
_KEPT_SECONDS = 600
# How often an unknown key id makes us ask again: somebody could send us many.
_ASKED_AGAIN_SECONDS = 30


@dataclass(frozen=True)
class Metadata:
    """Where the provider does what."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    takes_secret_in_form: bool


def metadata_of(issuer: str) -> Metadata:
    """The provider's description, kept for some minutes.

    :raises fetching.UnsafeAddress: when it names an address that we do not ask.
    :raises fetching.ProviderUnavailable: when there is none, or it is another's.
    """
    key = _key("metadata", issuer)
    known = cache.get(key)
    if known is None:
        known = fetching.get_json(issuer.rstrip("/") + "/.well-known/openid-configuration")
        _checked(issuer, known)
        cache.set(key, known, _KEPT_SECONDS)
    return _checked(issuer, known)


def keys_of(metadata: Metadata, *, kid: str | None) -> list[dict[str, Any]]:
    """The provider's public keys. Asked again, once in a while, when none of the kept ones is called `kid`.

    :raises fetching.ProviderUnavailable: when they cannot be had.
    """
    key = _key("keys", metadata.jwks_uri)
    known = cache.get(key)
    if known is not None and (kid is None or any(each.get("kid") == kid for each in known)):
        return list(known)
    if known is not None and not cache.add(_key("asked", metadata.jwks_uri), 1, _ASKED_AGAIN_SECONDS):
        return list(known)
    given = fetching.get_json(metadata.jwks_uri).get("keys")
    if not isinstance(given, list):
        raise fetching.ProviderUnavailable("no_keys")
    found = [each for each in given if isinstance(each, dict)]
    cache.set(key, found, _KEPT_SECONDS)
    return found


def forget(issuer: str) -> None:
    """Ask anew: for the test button, and after the settings changed."""
    known = cache.get(_key("metadata", issuer))
    if isinstance(known, dict):
        cache.delete(_key("keys", str(known.get("jwks_uri"))))
    cache.delete(_key("metadata", issuer))
    fetching.forget_failures()


def _checked(issuer: str, given: dict[str, Any]) -> Metadata:
    # Discovery 4.3: letter by letter, or one provider could speak for another.
    if given.get("issuer") != issuer:
        raise fetching.ProviderUnavailable("other_issuer")
    places = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        place = given.get(name)
        if not isinstance(place, str):
            raise fetching.ProviderUnavailable(f"no_{name}")
        fetching.check_address(place)
        places[name] = place
    methods = given.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    in_form = isinstance(methods, list) and "client_secret_basic" not in methods
    return Metadata(issuer=issuer, takes_secret_in_form=in_form, **places)


def _key(kind: str, address: str) -> str:
    return f"oidc:{kind}:{salted_hmac('hr.signin.oidc', address, algorithm='sha256').hexdigest()[:32]}"
