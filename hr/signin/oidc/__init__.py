"""OpenID Connect, as a relying party: authorization code with PKCE, state and nonce. No rows, no ORM.

Own code on PyJWT and httpx, because the widespread libraries fetch whatever address they are told, follow redirects and
read without end; here a company's administrator names the address (docs/adr/0018).
"""

from hr.signin.oidc import claims
from hr.signin.oidc.claims import ProviderClaims
from hr.signin.oidc.fetching import ProviderUnavailable, UnsafeAddress
from hr.signin.oidc.flow import Provider, Started, begin, finish
from hr.signin.oidc.tokens import InvalidAnswer

__all__ = [
    "InvalidAnswer",
    "Provider",
    "ProviderClaims",
    "ProviderUnavailable",
    "Started",
    "UnsafeAddress",
    "begin",
    "claims",
    "finish",
]
