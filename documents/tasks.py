"""Queue entry points: ids in, one service call, a vanished row is a quiet return."""

from collections.abc import Callable
from uuid import UUID

import structlog
from celery import Task, shared_task
from django.db import DatabaseError
from django.utils import timezone

from documents import services
from documents.models import Document, Outbox
from documents.services import outbox, standing
from tenants import context
from tenants.kill_switches.state import Feature
from tenants.models import Tenant
from tenants.steps import run_steps
from tenants.tasks import TenantTask

log = structlog.get_logger(__name__)


@shared_task(name="documents.process_version", base=TenantTask, needs=(Feature.VECTORS,))
def process_version(version_id: str) -> None:
    services.process_version(version_id=UUID(version_id))


@shared_task(name="documents.forget_version", base=TenantTask)
def forget_version(version_id: str) -> None:
    run_steps("FORGET_VERSION", version_id=UUID(version_id))
    outbox.done(kind=Outbox.Kind.FORGET_VERSION, target_id=UUID(version_id))


@shared_task(name="documents.delete_document", base=TenantTask)
def delete_document(document_id: str) -> None:
    services.remove_document(document_id=UUID(document_id))


@shared_task(name="documents.refilter_document", base=TenantTask)
def refilter_document(document_id: str) -> None:
    document = Document.objects.filter(pk=document_id).first()
    if document is not None:
        run_steps("REFILTER_DOCUMENT", document=document)
    outbox.done(kind=Outbox.Kind.REFILTER_DOCUMENT, target_id=UUID(document_id))


@shared_task(name="documents.send_outbox_everywhere")
def send_outbox_everywhere() -> None:
    _for_each_company(lambda: services.send_due(now=timezone.now()))


@shared_task(name="documents.sweep_everywhere")
def sweep_everywhere() -> None:
    _for_each_company(_sweep)


def _sweep() -> None:
    services.sweep(now=timezone.now())
    standing.settle_standing_versions(today=context.local_today())


def _for_each_company(work: Callable[[], object]) -> None:
    """One company's trouble (its schema being removed, say) must not keep the others waiting."""
    for tenant in Tenant.objects.active():
        with context.enter(tenant):
            try:
                work()
            except DatabaseError as error:
                log.error("company_skipped", tenant=tenant.schema_name, error=type(error).__name__)


BY_KIND: dict[str, Task] = {
    Outbox.Kind.PROCESS_VERSION: process_version,
    Outbox.Kind.FORGET_VERSION: forget_version,
    Outbox.Kind.DELETE_DOCUMENT: delete_document,
    Outbox.Kind.REFILTER_DOCUMENT: refilter_document,
}
