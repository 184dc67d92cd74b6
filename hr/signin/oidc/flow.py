"""The two halves of a sign-in through a provider."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.crypto import constant_time_compare

from hr.signin.oidc import discovery, fetching, tokens

_SCOPE = "openid email profile"


@dataclass(frozen=True)
class Provider:
    """How to talk to a company's provider. `redirect_uri` is ours, letter by letter as it is registered there."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str

    def __repr__(self) -> str:
        return f"Provider({self.issuer})"  # never the secret, in no log and no traceback


@dataclass(frozen=True)
class Started:
    """A sign-in under way: where the browser goes, and what the session keeps to recognise the answer."""

    url: str
    state: str
    nonce: str
    verifier: str


def begin(provider: Provider, *, again: bool = False) -> Started:
    """Where to send the browser. With `again` the person has to prove who they are there, even if they just did.

    :raises fetching.ProviderUnavailable: when the provider does not say where.
    :raises fetching.UnsafeAddress: when it says where we do not go.
    """
    metadata = discovery.metadata_of(provider.issuer)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.redirect_uri,
        "scope": _SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if again else {}),
    }
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return Started(f"{metadata.authorization_endpoint}{joint}{urlencode(query)}", state, nonce, verifier)


def finish(provider: Provider, *, started: Started, state: str, code: str, issuer: str = "") -> dict[str, Any]:
    """Exchange the code that came back for the claims of whoever signed in.

    `issuer` is the answer's `iss` (RFC 9207), empty when it has none.

    :raises tokens.InvalidAnswer: when the answer is none to our question, or proves nothing.
    :raises fetching.ProviderUnavailable: when the provider does not answer, or refuses the code.
    """
    if not constant_time_compare(state, started.state):
        raise tokens.InvalidAnswer("state")
    if issuer and issuer != provider.issuer:
        raise tokens.InvalidAnswer("issuer")
    if not code or len(code) > 4096:
        raise tokens.InvalidAnswer("no_code")
    metadata = discovery.metadata_of(provider.issuer)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect_uri,
        "code_verifier": started.verifier,
    }
    headers = {}
    if metadata.takes_secret_in_form:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    else:
        # RFC 6749, 2.3.1: both are form-encoded before they are joined.
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    answer = fetching.post_form(metadata.token_endpoint, form=form, headers=headers)
    return tokens.read_id_token(
        answer.get("id_token"), metadata=metadata, client_id=provider.client_id, nonce=started.nonce
    )
