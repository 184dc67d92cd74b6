"""Access and refresh tokens: our own issuing and checking. Other modules import this package and call its names.

`hr.tokens.authentication.TenantTokenAuthentication` is the gate of the API; it is named in the settings.
"""

from hr.tokens.claims import Claims, ForeignToken, InvalidToken
from hr.tokens.sessions import (
    NoSession,
    SecondFactorRequired,
    TokenPair,
    WrongCredentials,
    begin_session,
    end_session,
    end_session_of,
    forget_expired,
    issue_access_token,
    rotate,
)

__all__ = [
    "Claims",
    "ForeignToken",
    "InvalidToken",
    "NoSession",
    "SecondFactorRequired",
    "TokenPair",
    "WrongCredentials",
    "begin_session",
    "end_session",
    "end_session_of",
    "forget_expired",
    "issue_access_token",
    "rotate",
]
