"""Coming in and going out: links, sessions and passwords."""

from django.contrib import auth
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from audit import actors, covering
from audit import services as audit
from audit.attempts import attempt_of
from hr import links, mail
from hr.models import Employee
from hr.signin import entering, factors, made_links
from hr.signin.entering import Progress
from hr.signin.people import signs_in_by_sso_only


class NoLogin(ValueError):
    """The person has no login that a sign-in link could open."""


class SignInRefused(PermissionError):
    """Wrong address, wrong password, deactivated or throttled: one refusal, so that nothing can be learned from it."""


class NoSecondFactor(LookupError):
    """There is no second factor that could be removed."""


class LinkRefused(LookupError):
    """A one-time sign-in link is wrong, used, expired, another company's, or its person was deactivated."""


def new_sign_in_link(*, employee: Employee, reason: str = "") -> str:
    """The path of a one-time link with which the person chooses a password. Until then the old one goes on working.

    Somebody who has a password is told at their next sign-ins, on their Security page, and by mail where there is any:
    whoever opens the link can act as them.

    :raises NoLogin: for a deactivated person, or one without a login.
    """
    if employee.user is None or not employee.is_active:
        raise NoLogin("Only an active person with a login can get a sign-in link.")
    had_password = employee.user.has_usable_password()
    with transaction.atomic():
        audit.record(
            verb="employee.sign_in_link",
            target=employee.actor_label,
            reason=reason,
            details={"had_password": had_password},
        )
        covering.cover_at_once()
        path = links.sign_in_path(employee)
    if had_password and mail.is_configured():
        made = made_links.MadeLink(made_at=timezone.now(), made_by=actors.current_actor().label)
        notice = mail.link_notice(employee=employee, told=made.told)  # written here: later there may be no company
        transaction.on_commit(notice)
    return path


def sign_in(*, request: HttpRequest, email: str, password: str, target: str = "") -> Progress:
    """Begin a session for the person with this address and password, or wait for their second factor.

    :raises SignInRefused: for every kind of failure, after the refusal was recorded (without the address).
    """
    user = auth.authenticate(request, username=email, password=password)
    if user is None:
        throttled = getattr(request, "axes_locked_out", False)
        audit.record_refusal(
            verb="session.sign_in_failed",
            reason="throttled" if throttled else "credentials",
            details=attempt_of(request=request, account=email),
        )
        raise SignInRefused
    if signs_in_by_sso_only(user):  # type: ignore[arg-type]
        # In the same words as a wrong password: the page offers the company's provider to everybody anyway.
        audit.record_refusal(verb="session.sign_in_failed", reason="sso_only")
        raise SignInRefused
    return entering.enter(request, user=user, how="password", target=target)  # type: ignore[arg-type]


def sign_in_by_link(*, request: HttpRequest, uid: str, token: str, password: str) -> Progress:
    """Give the link's person the password and begin a session, or wait for their second factor, which no link replaces.

    The link is used up by that; older sessions end.

    :raises LinkRefused: when the link is not (or no longer) good, after the refusal was recorded.
    """
    with transaction.atomic():
        link = links.open_link(uid=uid, token=token)
        # Two clicks at once: the second waits, and then finds a link that has been used.
        locked = User.objects.select_for_update().filter(pk=link.user.pk).exists() if link else False
        link = links.open_link(uid=uid, token=token) if locked else None
        if link is not None and not signs_in_by_sso_only(link.user):
            made = {"link_made_by": link.made_by, "link_made_at": link.made_at.isoformat()}
            _set_password(link.user.employee, password, how="link", **made)
            link.user.refresh_from_db()
            return entering.enter(request, user=link.user, how="link", told=made)
    audit.record_refusal(verb="session.sign_in_failed", reason="link")
    raise LinkRefused


def change_password(*, request: HttpRequest, employee: Employee, password: str) -> None:
    """Give a signed-in person another password. Their other sessions and their tokens end; this session goes on."""
    with transaction.atomic():
        _set_password(employee, password, how="account page")
        auth.update_session_auth_hash(request, employee.user)  # type: ignore[arg-type]


def reset_second_factor(*, employee: Employee, reason: str) -> None:
    """For somebody who lost app, passkeys and recovery codes: all are removed, and their API tokens end.

    Where their role needs a second factor, their next sign-in leads to a new one.

    :raises NoSecondFactor: when there is nothing to remove.
    """
    with transaction.atomic():
        if employee.user is None or not factors.remove_all(user=employee.user, reason=reason):
            raise NoSecondFactor("This person has no second factor.")
        Employee.objects.filter(pk=employee.pk).update(token_version=F("token_version") + 1)


def sign_out(*, request: HttpRequest) -> None:
    """End the session; a quiet return when there is none."""
    with transaction.atomic():
        if request.user.is_authenticated:
            audit.record(verb="session.sign_out", target=request.user.employee.actor_label)
        auth.logout(request)


def _set_password(employee: Employee, password: str, *, how: str, **told: str) -> None:
    user = employee.user
    assert user is not None, "only a person with a login has a password"
    user.set_password(password)
    user.save(update_fields=["password"])
    Employee.objects.filter(pk=employee.pk).update(token_version=F("token_version") + 1)
    audit.record(verb="employee.choose_password", target=employee.actor_label, details={"how": how, **told})
