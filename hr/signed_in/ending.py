"""Ending sessions: one, all but this one, or everything by which a person is signed in."""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from audit import services as audit
from hr.models import BrowserSession, Employee, RefreshToken, ServiceAccount
from hr.signed_in import records
from hr.tokens import families
from tenants import context
from tenants.cutoffs import Ended
from tenants.machines import operators
from tenants.models import OperatorToken, Tenant

_TOKEN_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class NotSignedIn(LookupError):
    """There is no such session of this person, or no longer."""


def end_one(*, user: Any, ref: str, reason: str = "") -> None:
    """End one place of `signed_in_of`. It is refused from its next request on.

    :raises NotSignedIn: when it is not there, or not this person's.
    """
    end_some(user=user, refs=[ref], reason=reason)


def end_some(*, user: Any, refs: Sequence[str], reason: str = "") -> None:
    """The same for several places at once; those that have ended already are passed over.

    :raises NotSignedIn: when none of them is there.
    """
    with transaction.atomic():
        ended = [ref for ref in dict.fromkeys(refs) if _end_place(user, ref)]
        if not ended:
            raise NotSignedIn("This session has ended already.")
        browsers = sum(ref.startswith("browser:") for ref in ended)
        details = {"browsers": browsers, "programs": len(ended) - browsers}
        audit.record(verb="session.end", target=_label(user), reason=reason, details=details)


def end_elsewhere(*, user: Any, request: HttpRequest) -> Ended:
    """End everything but the session of this request, for its owner."""
    key, now = request.session.session_key or "", timezone.now()
    with transaction.atomic():
        browsers = records.drop(records.rows_of(user=user).exclude(digest=records.digest_of(key)))
        programs = _end_programs(user, now)
        details = {"all_others": True, "browsers": browsers, "programs": programs}
        audit.record(verb="session.end", target=_label(user), details=details)
    return Ended(browsers=browsers, programs=programs)


def end_all(*, employee: Employee, reason: str) -> Ended:
    """End everything by which a person is signed in: browsers, programs, and tokens issued by command.

    It counts from the very next request on; the person can sign in anew.
    """
    now = timezone.now()
    with transaction.atomic():
        Employee.objects.filter(pk=employee.pk).update(token_version=F("token_version") + 1, signed_in_after=now)
        browsers = records.drop(BrowserSession.objects.filter(employee=employee))
        programs = _families_ended(RefreshToken.objects.filter(employee=employee), now)
        audit.record(
            verb="employee.revoke_tokens",
            target=employee.actor_label,
            reason=reason,
            details={"browsers": browsers, "programs": programs},
        )
    employee.refresh_from_db()
    return Ended(browsers=browsers, programs=programs)


def end_person(*, employee_id: int, reason: str) -> Ended | None:
    """A step of the platform's revocation: `end_all` for a person of the current company; None when there is none."""
    employee = Employee.objects.filter(pk=employee_id).first()
    return end_all(employee=employee, reason=reason) if employee is not None else None


def end_tokens(*, tenant: Tenant, now: datetime) -> Ended:
    """A step of a cut-off: the company's refresh tokens. Its access tokens are refused by their epoch."""
    with context.enter(tenant):
        return Ended(programs=_families_ended(RefreshToken.objects.all(), now))


def end_sessions(*, tenant: Tenant, now: datetime) -> Ended:
    """A step of a cut-off: refresh tokens and all sessions of browsers, known by person or not."""
    with context.enter(tenant):
        BrowserSession.objects.all().delete()
        # Programs' secrets are refused by their age; those before a rotation have none, and end here.
        ServiceAccount.objects.update(former_public_id="", former_digest="", former_until=None)
        browsers, _ = Session.objects.all().delete()
        return Ended(browsers=browsers, programs=_families_ended(RefreshToken.objects.all(), now))


def _end_place(user: Any, ref: str) -> int:
    kind, _, name = ref.partition(":")
    if kind == "browser":
        return _end_browser(user, name)
    return _end_program(user, name) if kind == "program" else 0


def _end_browser(user: Any, name: str) -> int:
    if not (name.isascii() and name.isdigit() and len(name) < 19):
        return 0
    return records.drop(records.rows_of(user=user).filter(pk=int(name)))


def _end_program(user: Any, name: str) -> int:
    now = timezone.now()
    if not context.has_tenant():
        if not _TOKEN_ID.fullmatch(name):
            return 0
        own = OperatorToken.objects.filter(operator_id=user.pk, public_id=name, revoked_at__isnull=True)
        return own.update(revoked_at=now)
    try:
        family = uuid.UUID(name)
    except ValueError:
        return 0
    families.lock(family)
    return _families_ended(RefreshToken.objects.filter(employee__user_id=user.pk, family=family), now)


def _end_programs(user: Any, now: datetime) -> int:
    if not context.has_tenant():
        return operators.end_tokens_of(operator_id=user.pk, now=now)
    Employee.objects.filter(user_id=user.pk).update(token_version=F("token_version") + 1)
    return _families_ended(RefreshToken.objects.filter(employee__user_id=user.pk), now)


def _families_ended(tokens: Any, now: datetime) -> int:
    """How many families had not ended before."""
    standing = tokens.filter(revoked_at__isnull=True)
    count: int = standing.filter(used_at__isnull=True, expires_at__gt=now).values("family").distinct().count()
    standing.update(revoked_at=now)
    return count


def _label(user: Any) -> str:
    return user.employee.actor_label if context.has_tenant() else f"operator:{user.pk}"
