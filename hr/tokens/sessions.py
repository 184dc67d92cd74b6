"""Token sessions: begun by a password, kept alive by rotating refresh tokens, ended by log-out or by theft."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from audit import actors
from audit import services as audit
from audit.attempts import attempt_of
from hr.models import Employee, RefreshToken
from hr.signed_in.words import browser_of, network_of
from hr.signin import factors, people
from hr.tokens import claims as tokens
from hr.tokens import families
from hr.tokens.authentication import act_as, report_foreign_token
from hr.tokens.claims import Claims, ForeignToken, InvalidToken
from hr.tokens.metrics import REFRESH_REUSES
from hr.tokens.people import password_mark, person_of


class WrongCredentials(PermissionError):
    """Wrong address, wrong password, deactivated, or locked for a minute: one refusal that tells nothing."""


class SecondFactorRequired(WrongCredentials):
    """Address and password are right, and a code is needed as well: none was given."""


class NoSession(LookupError):
    """The token was issued by command: it belongs to no session that could be ended."""


@dataclass(frozen=True)
class TokenPair:
    """An access token, the refresh token that follows it up, and how long the former is good, in seconds."""

    access: str
    refresh: str
    expires_in_seconds: int


@dataclass(frozen=True)
class _Family:
    """What every refresh token of one session carries on."""

    id: uuid.UUID
    begun_at: datetime
    browser: str
    network: str


def begin_session(*, request: HttpRequest, email: str, password: str, otp: str = "") -> TokenPair:
    """Check address and password, and the code of who has or needs a second factor; begin a session.

    Unknown addresses cost the same time (Django hashes for nothing). Who signs in through the company's provider only
    gets no tokens here.

    :raises SecondFactorRequired: when the code is missing, and nothing else.
    :raises WrongCredentials: for every other kind of failure. Each is recorded before.
    """
    user = auth.authenticate(request, username=email, password=password)
    employee = Employee.objects.select_related("user").filter(user=user, is_active=True).first() if user else None
    if employee is None:
        locked = getattr(request, "axes_locked_out", False)
        audit.record_refusal(
            verb="token.sign_in_failed",
            reason="throttled" if locked else "credentials",
            details=attempt_of(request=request, account=email),
        )
        raise WrongCredentials
    missing = _what_is_missing(employee, otp)
    if missing:
        audit.record_refusal(verb="token.sign_in_failed", target=employee.actor_label, reason=missing)
        raise SecondFactorRequired if missing == "second_factor" and not otp else WrongCredentials
    act_as(employee)
    with transaction.atomic():
        now = timezone.now()
        pair = _issue_pair(employee=employee, family=_Family(uuid.uuid4(), now, *_words(request)), now=now)
        audit.record(verb="token.sign_in", target=employee.actor_label)
    return pair


def _what_is_missing(employee: Employee, otp: str) -> str:
    user = employee.user
    assert user is not None, "found by the login"
    if people.signs_in_by_sso_only(user):
        return "sso_only"
    needs_one = people.needs_second_factor(user) or factors.has_any(user)
    return "second_factor" if needs_one and factors.check_code(user=user, code=otp) is None else ""


def rotate(*, refresh: str) -> TokenPair:
    """A new pair for a refresh token, which is used up by that.

    A second use means that two hold it, and one of them is a thief: the whole session ends for both.

    :raises InvalidToken: for every kind of failure.
    """
    claims = _read_refresh(refresh)
    employee = person_of(claims=claims)
    act_as(employee)
    now = timezone.now()
    with transaction.atomic():
        row = RefreshToken.objects.filter(digest=_digest(claims.jti), employee=employee).first()
        if row is None:
            raise InvalidToken("unknown_refresh_token")
        families.lock(row.family)
        used = RefreshToken.objects.filter(
            pk=row.pk, used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
        ).update(used_at=now)
        if used:
            family = _Family(row.family, row.begun_at or row.created_at, row.browser, row.network)
            pair = _issue_pair(employee=employee, family=family, now=now)
            audit.record(verb="token.refresh", target=employee.actor_label)
            return pair
        # No raise inside: the revocation has to be committed.
        _revoke_reused(row=row, now=now)
    raise InvalidToken("refresh_token_used")


def end_session(*, claims: Claims) -> None:
    """Log out: the session's refresh and access tokens are refused from now on. A session that has ended stays so.

    :raises NoSession: for a token that was issued by command.
    """
    own = RefreshToken.objects.filter(employee_id=claims.employee_id)
    row = own.filter(pk=claims.session).first() if claims.session is not None else None
    if row is None:
        raise NoSession
    with transaction.atomic():
        families.lock(row.family)
        if _revoke_family(family=row.family, now=timezone.now()):
            audit.record(verb="token.sign_out", target=f"employee:{claims.employee_id}")


def end_session_of(*, refresh: str) -> None:
    """Log out with the refresh token: whoever holds it may end what it continues.

    :raises InvalidToken: when it is none of this company's.
    """
    claims = _read_refresh(refresh)
    act_as(person_of(claims=claims))
    end_session(claims=claims)


def issue_access_token(*, employee: Employee, reason: str) -> str:
    """An access token without a session, for the command line. It cannot be refreshed.

    :raises InvalidToken: for a person who is deactivated or has no login.
    """
    if employee.user is None or not employee.is_active or not employee.user.is_active:
        raise InvalidToken("deactivated")
    with transaction.atomic():
        audit.record(verb="token.issue", target=employee.actor_label, reason=reason)
        return _sign(employee=employee, kind="access", session=None, jti=tokens.new_jti())


def forget_expired(*, now: datetime) -> int:
    """Delete refresh tokens that time has ended anyway; returns how many."""
    deleted, _ = RefreshToken.objects.filter(expires_at__lt=now).delete()
    return deleted


def _read_refresh(refresh: str) -> Claims:
    try:
        return tokens.read(token=refresh, kind="refresh")
    except ForeignToken:
        report_foreign_token()
        raise


def _words(request: HttpRequest) -> tuple[str, str]:
    return browser_of(request.headers.get("User-Agent", "")), network_of(get_client_ip_address(request) or "")


def _issue_pair(*, employee: Employee, family: _Family, now: datetime) -> TokenPair:
    jti = tokens.new_jti()
    row = RefreshToken.objects.create(
        employee=employee,
        family=family.id,
        begun_at=family.begun_at,
        browser=family.browser,
        network=family.network,
        digest=_digest(jti),
        created_at=now,
        expires_at=now + settings.REFRESH_TOKEN_LIFETIME,
    )
    return TokenPair(
        access=_sign(employee=employee, kind="access", session=row.pk, jti=tokens.new_jti()),
        refresh=_sign(employee=employee, kind="refresh", session=row.pk, jti=jti),
        expires_in_seconds=int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()),
    )


def _sign(*, employee: Employee, kind: tokens.Kind, session: int | None, jti: str) -> str:
    return tokens.sign(
        kind=kind,
        employee_id=employee.pk,
        email=employee.email,
        role=employee.role,
        version=employee.token_version,
        password_mark=password_mark(employee),
        session=session,
        jti=jti,
        lifetime=settings.ACCESS_TOKEN_LIFETIME if kind == "access" else settings.REFRESH_TOKEN_LIFETIME,
    )


def _revoke_reused(*, row: RefreshToken, now: datetime) -> None:
    row.refresh_from_db()
    if row.used_at is None:
        return  # revoked or expired, and shown for the first time: no theft to be seen in that
    REFRESH_REUSES.inc()
    _revoke_family(family=row.family, now=now)
    audit.record(
        verb="token.refresh",
        target=actors.current_actor().label,
        outcome=audit.Outcome.REFUSED,
        reason="used_twice",
        details={"family": str(row.family)},
    )


def _revoke_family(*, family: uuid.UUID, now: datetime) -> int:
    return RefreshToken.objects.filter(family=family, revoked_at__isnull=True).update(revoked_at=now)


def _digest(jti: str) -> str:
    return hashlib.sha256(jti.encode()).hexdigest()
