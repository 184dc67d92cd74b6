"""Housekeeping of the installation, in every schema."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.utils import timezone

from audit import actors
from audit.findings.scan import scan
from documents.services import accesses
from hr import tokens
from hr.imports import pending
from hr.signed_in import records
from ragsite.api import counters
from tenants import audit_logs, context
from tenants.machines import operators
from tenants.models import Tenant

log = structlog.get_logger(__name__)

# Failed sign-ins name addresses and networks. The lock they lead to lasts a minute; a day is for looking into them.
_KEEP_SIGN_INS = timedelta(days=1)


@shared_task(name="ragsite.clear_expired")
def clear_expired() -> None:
    """Delete what time has ended: sessions, tokens, sign-in attempts, counters, previews. Repeatable."""
    now = timezone.now()
    counters.forget_old(now=now.timestamp())
    _clear_schema(now)
    operators.forget_expired(now=now)
    for tenant in Tenant.objects.set_up():
        with context.enter(tenant):
            _clear_schema(now)
            tokens.forget_expired(now=now)
            pending.forget_old(now=now)
            accesses.forget_before(moment=now - timedelta(days=settings.ACCESS_HISTORY_DAYS))


def _clear_schema(now: datetime) -> None:
    Session.objects.filter(expire_date__lt=now).delete()
    records.forget_expired(now=now)
    for attempts in (AccessAttempt, AccessFailureLog, AccessLog):
        attempts.objects.filter(attempt_time__lt=now - _KEEP_SIGN_INS).delete()


@shared_task(name="ragsite.scan_audit_everywhere")
def scan_audit_everywhere() -> None:
    """Look for what is suspicious in the platform's log and in each company's. Repeatable: nothing is found twice."""
    now = timezone.now()
    with actors.acting_as(actors.Actor(kind="system", label="task:ragsite.scan_audit")):
        scan(now=now, time_zone=UTC)
        for tenant in Tenant.objects.set_up():
            with context.enter(tenant):
                try:
                    scan(now=now, time_zone=ZoneInfo(tenant.time_zone))
                except DatabaseError as error:  # one company's trouble must not keep the others waiting
                    log.error("company_skipped", tenant=tenant.schema_name, error=type(error).__name__)


@shared_task(name="ragsite.write_audit_checkpoints")
def write_audit_checkpoints() -> None:
    """Put down how far each audit log has come, where it cannot be taken back with the database."""
    audit_logs.write_checkpoints(now=timezone.now())


@shared_task(name="ragsite.verify_audit_everywhere")
def verify_audit_everywhere() -> None:
    """Verify every audit log from its first row to its last; each says so in itself."""
    audit_logs.verify_all()
