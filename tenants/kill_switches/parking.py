"""Tasks that wait while something is off. A row for each, sent again on release; the row goes when it is sent."""

import json
from collections.abc import Sequence
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone

from tenants import context
from tenants.kill_switches import state
from tenants.models import ParkedTask, Tenant

log = structlog.get_logger(__name__)

# Sent in one go; the rest follows with the scheduled run, ten seconds later.
_BATCH = 500


def park(*, tenant: Tenant, task: str, args: Sequence[Any], kwargs: dict[str, Any], feature: str) -> None:
    """Keep a task until what it needs is on again. The same task twice waits once."""
    arguments = json.dumps([list(args), kwargs], separators=(",", ":"), sort_keys=True)
    row = ParkedTask(tenant=tenant, task=task, arguments=arguments, feature=feature, parked_at=timezone.now())
    with context.enter_platform():
        ParkedTask.objects.bulk_create([row], ignore_conflicts=True)
    log.info("task_parked", task=task, tenant=tenant.schema_name, feature=feature)


def send_back() -> int:
    """Send every waiting task whose feature is on again; return how many. A queue that is down leaves them waiting."""
    snapshot = state.renew()
    sent = 0
    with context.enter_platform(), transaction.atomic():
        waiting = ParkedTask.objects.select_for_update(skip_locked=True, of=["self"]).select_related("tenant")
        for row in waiting.order_by("pk")[:_BATCH]:
            if row.tenant.state == Tenant.State.SUSPENDED and not snapshot.knows_suspension(row.tenant_id):
                continue
            if snapshot.blocking(feature=row.feature, tenant_pk=row.tenant_id) is not None:
                continue
            if not _send(row):
                break
            row.delete()
            sent += 1
    return sent


def _send(row: ParkedTask) -> bool:
    args, kwargs = json.loads(row.arguments)
    known = current_app.tasks.get(row.task)
    if known is None:
        log.error("parked_task_unknown", task=row.task)
        return True
    try:
        with context.enter(row.tenant):
            known.apply_async(tuple(args), kwargs, retry=False)
    except Exception as error:  # any transport has its own error classes; the row stays whatever it was
        log.warning("queue_unavailable", error=type(error).__name__)
        return False
    return True
