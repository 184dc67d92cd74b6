"""Housekeeping of the installation, in every schema."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from hr import tokens
from hr.imports import pending
from ragsite.api import counters
from tenants import context
from tenants.models import Tenant

# Failed sign-ins name addresses and networks. The lock they lead to lasts a minute; a day is for looking into them.
_KEEP_SIGN_INS = timedelta(days=1)


@shared_task(name="ragsite.clear_expired")
def clear_expired() -> None:
    """Delete what time has ended: sessions, tokens, sign-in attempts, counters, previews. Repeatable."""
    now = timezone.now()
    counters.forget_old(now=now.timestamp())
    _clear_schema(now)
    for tenant in Tenant.objects.set_up():
        with context.enter(tenant):
            _clear_schema(now)
            tokens.forget_expired(now=now)
            pending.forget_old(now=now)


def _clear_schema(now: datetime) -> None:
    Session.objects.filter(expire_date__lt=now).delete()
    for attempts in (AccessAttempt, AccessFailureLog, AccessLog):
        attempts.objects.filter(attempt_time__lt=now - _KEEP_SIGN_INS).delete()
