"""Inviting people who have not chosen a password yet."""

from dataclasses import dataclass

from django.db import transaction

from audit import services as audit
from hr import links, mail
from hr.models import Employee
from hr.services.sessions import NoLogin


class AlreadySignedUp(ValueError):
    """The person has chosen a password; a new sign-in link is what they may need."""


@dataclass(frozen=True)
class Invitation:
    """A one-time link. Somebody has to hand it over when it was not `mailed`."""

    employee: Employee
    url: str
    mailed: bool


def invite(*, employee: Employee, base_url: str, reason: str = "") -> Invitation:
    """Make a one-time link with which the person chooses a password, and mail it where mail is configured.

    It works once, in this company only, for 3 days; signing up ends all links of the person. `base_url` is the
    company's scheme and host. Mail goes out after the audit row is safe; a server that is down costs 10 s at most.

    :raises NoLogin: for a deactivated person, or one without a login.
    :raises AlreadySignedUp: for one who has a password.
    """
    if employee.user is None or not employee.is_active:
        raise NoLogin("Only an active person with a login can be invited.")
    if employee.user.has_usable_password():
        raise AlreadySignedUp("Has a password already; make a sign-in link if they forgot it.")
    by_mail = mail.is_configured()
    with transaction.atomic():
        audit.record(verb="employee.invite", target=employee.actor_label, reason=reason, details={"by_mail": by_mail})
        url = base_url.rstrip("/") + links.sign_in_path(employee)
    return Invitation(employee, url, mailed=by_mail and mail.send_invitation(employee=employee, url=url))
