"""Mail to people: the one module that sends any."""

import smtplib
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from hr.models import Employee
from tenants import context

log = structlog.get_logger(__name__)


def is_configured() -> bool:
    """Whether there is a mail server (EMAIL_URL); otherwise mail would only be written to the log."""
    return not settings.EMAIL_BACKEND.endswith("console.EmailBackend")


def link_notice(*, employee: Employee, told: str) -> Callable[[], bool]:
    """What mails a person that somebody made a sign-in link for them; False when the server does not take it."""
    company = context.current_tenant().name
    message = render_to_string("hr/link_made.txt", {"employee": employee, "told": told, "company": company})
    subject = f"{company}: a sign-in link for you was made"
    return lambda: _send("link_notice", employee=employee, subject=subject, message=message)


def send_invitation(*, employee: Employee, url: str) -> bool:
    """Send a person their one-time link. False when the server does not take it; logged without the address."""
    values = {"employee": employee, "url": url, "company": context.current_tenant().name}
    subject = f"{values['company']}: your access to the HR assistant"
    message = render_to_string("hr/invitation.txt", values)
    return _send("invitation", employee=employee, subject=subject, message=message)


def _send(kind: str, *, employee: Employee, subject: str, message: str) -> bool:
    try:
        send_mail(subject=subject, message=message, from_email=None, recipient_list=[employee.email])
    except (smtplib.SMTPException, OSError) as error:
        log.warning(f"{kind}_not_mailed", employee=employee.pk, error=type(error).__name__)
        return False
    return True
