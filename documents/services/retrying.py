"""Second chances: the sweeper for what a crash left, the Retry button for what failed."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from audit import services as audit
from documents.models import DocumentVersion, Outbox
from documents.services import outbox

State = DocumentVersion.State


class NotRetryable(RuntimeError):
    """Only a rejected or failed version can be tried again."""


def sweep(*, now: datetime) -> int:
    """Take back versions whose worker died; give up on one that took INGEST_MAX_ATTEMPTS workers with it.

    Returns how many were moved. Versions that wait without an outbox row get one.
    """
    moved = 0
    for version in DocumentVersion.objects.with_expired_lease(now).order_by("pk"):
        moved += _take_back(version, now)
    waiting = DocumentVersion.objects.filter(state=State.RECEIVED, document__deleted_at__isnull=True)
    known = Outbox.objects.filter(kind=Outbox.Kind.PROCESS_VERSION).values("target_id")
    for version_id in waiting.exclude(pk__in=known).values_list("pk", flat=True):
        with transaction.atomic():
            outbox.enqueue(kind=Outbox.Kind.PROCESS_VERSION, target_id=version_id)
        moved += 1
    return moved


def retry_version(*, version: DocumentVersion, reason: str = "") -> None:
    """Process a rejected or failed version from the start.

    :raises NotRetryable: in any other state, or when its document is being deleted.
    """
    with transaction.atomic():
        moved = DocumentVersion.objects.filter(
            pk=version.pk, state__in=[State.REJECTED, State.FAILED], document__deleted_at__isnull=True
        ).update(state=State.RECEIVED, attempts=0, error_code="", error_message="", lease_until=None, finished_at=None)
        if not moved:
            raise NotRetryable("only a rejected or failed version can be tried again")
        outbox.done(kind=Outbox.Kind.FORGET_VERSION, target_id=version.pk)
        outbox.enqueue(kind=Outbox.Kind.PROCESS_VERSION, target_id=version.pk)
        audit.record(verb="document.retry", target=f"document:{version.document_id}", reason=reason)


def _take_back(version: DocumentVersion, now: datetime) -> int:
    held = DocumentVersion.objects.filter(
        pk=version.pk, attempts=version.attempts, state__in=DocumentVersion.WORKING, lease_until__lt=now
    )
    with transaction.atomic():
        if version.attempts >= settings.INGEST_MAX_ATTEMPTS:
            moved = held.update(
                state=State.FAILED,
                error_code="interrupted",
                error_message="Processing was interrupted too often. "
                "Press Retry; if it fails again, turn to your operator.",
                lease_until=None,
                finished_at=now,
            )
            if moved:
                outbox.done(kind=Outbox.Kind.PROCESS_VERSION, target_id=version.pk)
                outbox.enqueue(kind=Outbox.Kind.FORGET_VERSION, target_id=version.pk)
                audit.record(
                    verb="document.failed",
                    target=f"version:{version.pk}",
                    outcome=audit.Outcome.FAILED,
                    details={"code": "interrupted"},
                )
            return moved
        moved = held.update(state=State.RECEIVED, lease_until=None)
        if moved:
            Outbox.objects.filter(kind=Outbox.Kind.PROCESS_VERSION, target_id=version.pk).update(sent_at=None)
            outbox.enqueue(kind=Outbox.Kind.PROCESS_VERSION, target_id=version.pk)
        return moved
