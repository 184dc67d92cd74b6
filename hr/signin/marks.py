"""What a session knows about how its person came in. Times are Unix seconds.

A session without marks is one whose person has proved nothing lately: everything here then errs on the strict side.
"""

import time
from dataclasses import asdict, dataclass

from django.http import HttpRequest

CONFIRMED_AT = "signin_confirmed_at"
SECOND_FACTOR_AT = "signin_second_factor_at"
_PENDING = "signin_pending"
_FAILURES = "signin_failures"

# Long enough to fetch a phone, too short to come back to somebody else's half sign-in after lunch.
PENDING_SECONDS = 600
# Wrong answers after which a half sign-in, or a session that cannot confirm who it is, ends.
MAX_FAILURES = 5


@dataclass(frozen=True)
class Pending:
    """A sign-in whose first proof was right and whose second is awaited. Nobody is signed in by it."""

    user_id: int
    mark: str
    at: float
    how: str
    target: str


def mark_signed_in(request: HttpRequest, *, second_factor: bool) -> None:
    """The person has just proved who they are, with a second factor or without."""
    for key in (_PENDING, _FAILURES):
        request.session.pop(key, None)
    request.session[CONFIRMED_AT] = time.time()
    if second_factor:
        request.session[SECOND_FACTOR_AT] = time.time()


def confirmed_seconds_ago(request: HttpRequest) -> float:
    """Since the person last proved who they are; infinite when this session does not know."""
    at = request.session.get(CONFIRMED_AT)
    # A clock that was set back must not make a confirmation last longer.
    return time.time() - at if isinstance(at, int | float) and at <= time.time() + 60 else float("inf")


def has_second_factor(request: HttpRequest) -> bool:
    return SECOND_FACTOR_AT in request.session


def set_pending(request: HttpRequest, *, user_id: int, mark: str, how: str, target: str) -> None:
    """Remember the first proof. The session gets another key, so that one planted before leads nowhere."""
    request.session.cycle_key()
    request.session.pop(_FAILURES, None)
    request.session[_PENDING] = asdict(Pending(user_id=user_id, mark=mark, at=time.time(), how=how, target=target))


def pending(request: HttpRequest) -> Pending | None:
    """The half sign-in of this session, unless it is too old."""
    stored = request.session.get(_PENDING)
    if not stored or not 0 <= time.time() - stored["at"] <= PENDING_SECONDS:
        return None
    return Pending(**stored)


def forget_pending(request: HttpRequest) -> None:
    for key in (_PENDING, _FAILURES):
        request.session.pop(key, None)


def count_failure(request: HttpRequest) -> bool:
    """One wrong answer more; True when it was one too many."""
    failures = int(request.session.get(_FAILURES, 0)) + 1
    request.session[_FAILURES] = failures
    return failures >= MAX_FAILURES
