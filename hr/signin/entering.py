"""From a first proof to a session: at once, or after a second factor."""

import enum
from collections.abc import Mapping

from django.contrib import auth, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from audit import actors
from audit import services as audit
from hr.backends import EmployeeBackend
from hr.signin import factors, made_links, marks, passkeys, people
from tenants import context


class Progress(enum.Enum):
    """How far a sign-in is."""

    SIGNED_IN = "signed in"
    SECOND_STEP = "second step"


class SecondFactorRefused(PermissionError):
    """The second factor was wrong; the person may try again."""


class NothingPending(LookupError):
    """There is no half sign-in in this session (any more): it begins anew."""


def enter(
    request: HttpRequest, *, user: User, how: str, target: str = "", told: Mapping[str, str] | None = None
) -> Progress:
    """The person has given a first proof (`how`: password, link). With a second factor, that is awaited now.

    `told` goes into the details of the session's audit row, where no second factor is awaited.
    """
    if factors.has_any(user):
        marks.set_pending(request, user_id=user.pk, mark=user.get_session_auth_hash(), how=how, target=target)
        return Progress.SECOND_STEP
    begin(request, user=user, how=how, told=told)
    return Progress.SIGNED_IN


def begin(
    request: HttpRequest, *, user: User, how: str, factor: str = "", told: Mapping[str, str] | None = None
) -> None:
    """Begin the session. `factor` is the kind of second factor that was given, empty without one."""
    actor = people.actor_of(user)
    with actors.acting_as(actor), transaction.atomic():
        auth.login(request, user, backend=people.BACKEND)
        marks.mark_signed_in(request, second_factor=bool(factor))
        details = {"how": how, "second_factor": factor} if factor else {"how": how}
        audit.record(verb="session.sign_in", target=actor.label, details={**details, **(told or {})})
        if context.has_tenant():
            # At every sign-in, not at the first only: that may have been somebody else's.
            for made in made_links.links_made_for(user.employee):  # type: ignore[attr-defined]
                messages.warning(request, made.told, fail_silently=True)


def awaited(request: HttpRequest) -> User | None:
    """The person whose second factor this session waits for: still active, with the password they had a moment ago."""
    waiting = marks.pending(request)
    if waiting is None:
        return None
    user = EmployeeBackend().get_user(waiting.user_id)
    if user is None or not constant_time_compare(user.get_session_auth_hash(), waiting.mark):
        return None
    return user


def finish_with_code(request: HttpRequest, *, code: str) -> str:
    """End a half sign-in with a code of an app or a recovery code; where to go on.

    :raises SecondFactorRefused: for a wrong code, after the refusal was recorded.
    :raises NothingPending: when nothing waits for it, or this was one wrong code too many.
    """
    user = _awaited(request)
    kind = factors.check_code(user=user, code=code)
    if kind is None:
        _refuse(request, user, reason="code")
    return _finish(request, user, kind or "")


def finish_with_passkey(request: HttpRequest, *, answer: str) -> str:
    """The same with a passkey.

    :raises SecondFactorRefused: when it is not good, after the refusal was recorded.
    :raises NothingPending: when nothing waits for it, or this was one wrong answer too many.
    """
    user = _awaited(request)
    try:
        passkeys.check(request, user=user, answer=answer)
    except passkeys.PasskeyRefused as error:
        _refuse(request, user, reason=f"passkey_{error.reason}")
    return _finish(request, user, "passkey")


def _awaited(request: HttpRequest) -> User:
    user = awaited(request)
    if user is None:
        raise NothingPending
    return user


def _finish(request: HttpRequest, user: User, factor: str) -> str:
    waiting = marks.pending(request)
    assert waiting is not None, "asked by _awaited"
    begin(request, user=user, how=waiting.how, factor=factor)
    return waiting.target


def _refuse(request: HttpRequest, user: User, *, reason: str) -> None:
    audit.record_refusal(verb="session.second_factor_failed", target=people.actor_of(user).label, reason=reason)
    if marks.count_failure(request):
        marks.forget_pending(request)
        raise NothingPending
    raise SecondFactorRefused
