"""The outbox: what a transaction decided reaches the queue, even when the process dies right after the commit."""

from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from documents.models import Outbox

log = structlog.get_logger(__name__)

# One sender looks at this many rows at a time; the rest follows with the next run, ten seconds later.
_BATCH = 200


def enqueue(*, kind: Outbox.Kind, target_id: UUID) -> None:
    """Add work to the outbox inside the caller's transaction, and try to send it right after the commit."""
    row, created = Outbox.objects.get_or_create(kind=kind, target_id=target_id)
    if not created:  # whoever is at it may have read what was there before this transaction
        Outbox.objects.filter(pk=row.pk).update(sent_at=None)
    transaction.on_commit(partial(send_one, row_id=row.pk), robust=True)


def take_on(*, kind: Outbox.Kind, target_id: UUID) -> None:
    """Work that this transaction enqueued, and that the caller itself does right after the commit: nothing is sent.

    The row stays until `done`; when the caller dies before, the work is sent like a lost message.
    """
    Outbox.objects.filter(kind=kind, target_id=target_id).update(sent_at=timezone.now())


def done(*, kind: Outbox.Kind, target_id: UUID) -> None:
    """The work is finished; forget it. Belongs into the transaction that finishes it."""
    # Not `delete()`: as django-tenants listens to every model's deletions, that would read the rows first.
    Outbox.objects.filter(kind=kind, target_id=target_id)._raw_delete(using=connection.alias)  # type: ignore[attr-defined]


def send_one(*, row_id: int) -> None:
    """Hand one row to the queue. A broker that is down is no error: the row stays and the next run sends it."""
    row = Outbox.objects.filter(pk=row_id, sent_at__isnull=True).first()
    if row is not None:
        _try_to_send([row], timezone.now())


def send_due(*, now: datetime) -> int:
    """Hand all due rows of the current tenant to the queue; return how many were sent. Two senders share the work."""
    with transaction.atomic():
        rows = list(Outbox.objects.due(now).select_for_update(skip_locked=True).order_by("pk")[:_BATCH])
        return _try_to_send(rows, now)


def _try_to_send(rows: list[Outbox], now: datetime) -> int:
    from documents import tasks  # tasks import the services

    sent = []
    for row in rows:
        try:
            tasks.BY_KIND[row.kind].apply_async((str(row.target_id),), retry=False)
        except Exception as error:  # any transport has its own error classes; the row stays due whatever it was
            log.warning("queue_unavailable", error=type(error).__name__)
            break
        sent.append(row.pk)
    Outbox.objects.filter(pk__in=sent).update(sent_at=now, attempts=F("attempts") + 1)
    return len(sent)
