"""Queue entry points about people: one service call each."""

import structlog
from celery import shared_task
from django.db import DatabaseError

from audit import actors
from hr import services
from tenants import context
from tenants.models import Tenant

log = structlog.get_logger(__name__)


@shared_task(name="hr.deactivate_leavers_everywhere")
def deactivate_leavers_everywhere() -> None:
    """In every company, by its own midnight. One company's trouble does not keep the others waiting."""
    for tenant in Tenant.objects.active():
        with context.enter(tenant), actors.acting_as(actors.SYSTEM):
            try:
                services.deactivate_leavers(today=context.local_today())
            except DatabaseError as error:
                log.error("company_skipped", tenant=tenant.schema_name, error=type(error).__name__)
