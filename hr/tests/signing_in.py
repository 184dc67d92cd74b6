"""Second factors in tests: a person with an authenticator app, and the codes that it shows."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.models import User
from django.test import Client

from hr.signin import codes, marks
from tenants import context
from tenants.models import Tenant

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_app(tenant: Tenant | None, user: User) -> None:
    """An authenticator app with SECRET, and recovery codes."""
    if tenant is None:
        _give(user)
        return
    with context.enter(tenant):
        _give(user)


def code(*, later: int = 0) -> str:
    """What the app shows now, or so many periods later: a code counts once, so a second sign-in needs the next."""
    return codes.code_at(secret=SECRET, now=time.time() + 30 * later)


def recovery_codes(tenant: Tenant, user: User) -> list[str]:
    with context.enter(tenant):
        row = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
        return RecoveryCodes(row).get_unused_codes()


def age_session(tenant: Tenant | None, browser: Client, *, minutes: int) -> None:
    """As if the person had proved who they are so long ago. Without a tenant: an operator's session."""
    with context.enter(tenant) if tenant else context.enter_platform():
        session = browser.session
        session[marks.CONFIRMED_AT] = time.time() - minutes * 60
        session.save()


def _give(user: User) -> None:
    codes.activate(user=user, secret=SECRET, counter=0)
    RecoveryCodes.activate(user)
