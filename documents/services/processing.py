"""The ingestion state machine: received -> parsing -> chunking -> indexing -> ready, or rejected / failed.

Every move is a conditional UPDATE that tells who got there first. A worker holds a version by a lease, which it renews;
whatever it leaves behind when it dies, the sweeper takes back. Every step can be repeated without a trace.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from audit import services as audit
from documents import files
from documents.models import Document, DocumentVersion, Outbox, VersionText
from documents.orders import ORDERS, orders_in
from documents.parsing import Limits, Parsed, ParseFailed, Rejected, parse_file
from documents.services import outbox, publishing, standing
from documents.services.receiving import clean_title
from tenants import context
from tenants.kill_switches import state
from tenants.kill_switches.state import SwitchedOff
from tenants.steps import run_steps

log = structlog.get_logger(__name__)

State = DocumentVersion.State
_SEPARATOR = "\n\n"


class LeaseLost(RuntimeError):
    """The sweeper or a deletion took the version away; whoever holds it now does the work."""


@dataclass(frozen=True)
class Lease:
    """The right to work on a version. `attempt` tells two holders of the same version apart."""

    version_id: UUID
    attempt: int

    def renew(self) -> None:
        """Hold it for INGEST_LEASE_SECONDS from now.

        :raises LeaseLost: when it is no longer held.
        :raises SwitchedOff: when the company was switched off meanwhile.
        """
        state.check(state.Feature.EVERYTHING)
        self._update(lease_until=_lease_end())

    def move(self, *, source: str, target: str, **changes: Any) -> None:
        """Move the version on, if it is still ours and in `source`.

        :raises LeaseLost: otherwise.
        :raises SwitchedOff: when the company was switched off meanwhile.
        """
        state.check(state.Feature.EVERYTHING)
        self._update(_state=source, state=target, lease_until=_lease_end(), **changes)

    def _update(self, _state: str | None = None, **changes: Any) -> None:
        held = DocumentVersion.objects.filter(
            pk=self.version_id,
            attempts=self.attempt,
            state__in=DocumentVersion.WORKING,
            document__deleted_at__isnull=True,
        )
        if _state is not None:
            held = held.filter(state=_state)
        if not held.update(**changes):
            raise LeaseLost(str(self.version_id))


def process_version(*, version_id: UUID) -> None:
    """Take a received version all the way to a final state. A quiet return when it is gone or somebody else's.

    Slow work (parsing, embedding) stands outside of transactions. A document's fault ends in rejected or failed with a
    code; a fault of ours (store, database) raises, and the sweeper tries again up to INGEST_MAX_ATTEMPTS times.
    """
    version = _claim(version_id)
    if version is None:
        return
    lease = Lease(version_id=version.pk, attempt=version.attempts)
    try:
        _parse(version, lease)
        _chunk(version, lease)
        _index(version, lease)
        _publish(version, lease)
        _refilter(version)
    except (Rejected, ParseFailed) as refusal:
        _end(lease, refusal)
    except SwitchedOff:
        _stop_for_now(lease)
        raise  # the task waits for the release (tenants.tasks)
    except LeaseLost:
        log.info("lease_lost", version=str(version_id))
    except DatabaseError:
        raise
    except Exception:
        _give_back(lease)
        raise


def _claim(version_id: UUID) -> DocumentVersion | None:
    claimed = DocumentVersion.objects.filter(
        pk=version_id, state=State.RECEIVED, document__deleted_at__isnull=True
    ).update(state=State.PARSING, attempts=F("attempts") + 1, lease_until=_lease_end(), error_code="", error_message="")
    if not claimed:
        return None  # gone, finished, or another worker got there first
    return DocumentVersion.objects.select_related("document").get(pk=version_id)


def _parse(version: DocumentVersion, lease: Lease) -> None:
    with files.local_copy(version.storage_key) as path:
        parsed = parse_file(
            path=path,
            original_name=version.original_name,
            limits=Limits(max_bytes=settings.MAX_UPLOAD_BYTES),
        )
    with transaction.atomic():
        _store_text(version, parsed)
        _take_title(version, parsed)
        lease.move(
            source=State.PARSING,
            target=State.CHUNKING,
            parsed_at=timezone.now(),
            page_count=parsed.page_count,
            media_type=parsed.media_type,
            flags=_flags(parsed),
        )


def _flags(parsed: Parsed) -> list[str]:
    """What parsing found odd, and `orders` when the text gives a language model some."""
    text = _SEPARATOR.join(block.text for block in parsed.blocks)
    return sorted({*parsed.flags, *([ORDERS] if orders_in(text) else [])})


def _store_text(version: DocumentVersion, parsed: Parsed) -> None:
    """In one statement, also where an earlier attempt left a text."""
    fields = _text_fields(parsed)
    VersionText.objects.bulk_create(
        [VersionText(version=version, **fields)],
        update_conflicts=True,
        unique_fields=["version"],
        update_fields=list(fields),
    )


def _take_title(version: DocumentVersion, parsed: Parsed) -> None:
    """A document that is only called by its file's name takes the title that stands in the file."""
    title = clean_title(parsed.title or "")
    by_file_name = clean_title(PurePath(version.original_name).stem)
    if title and Document.objects.filter(pk=version.document_id, title=by_file_name).update(title=title):
        version.document.title = title


def _text_fields(parsed: Parsed) -> dict[str, Any]:
    """The text that offsets count in, and each block's place in it."""
    blocks, position = [], 0
    for block in parsed.blocks:
        end = position + len(block.text)
        blocks.append(
            {
                "kind": block.kind,
                "level": block.level,
                "page": block.page,
                "heading_path": list(block.heading_path),
                "start": position,
                "end": end,
            }
        )
        position = end + len(_SEPARATOR)
    return {"text": _SEPARATOR.join(block.text for block in parsed.blocks), "blocks": blocks}


def _chunk(version: DocumentVersion, lease: Lease) -> None:
    [count] = run_steps("CHUNK_VERSION", version=version)
    if count == 0:
        raise Rejected(code="no_text", detail="no passage")
    lease.move(source=State.CHUNKING, target=State.INDEXING, chunk_count=count)


def _index(version: DocumentVersion, lease: Lease) -> None:
    run_steps("INDEX_VERSION", version=version, renew=lease.renew)


def _publish(version: DocumentVersion, lease: Lease) -> None:
    """The one flip: after it a published version answers on its days, and no older one does."""
    now = timezone.now()
    with transaction.atomic():
        document = Document.objects.select_for_update().get(pk=version.document_id)
        version.refresh_from_db()  # HR may have given it other days, or another publication, while it was worked on
        today = context.local_today()
        if version.publication == DocumentVersion.Publication.PUBLISHED:
            publishing.enter_into_force(version=version, document=document, today=today)
            outbox.take_on(kind=Outbox.Kind.REFILTER_DOCUMENT, target_id=document.pk)
        lease.move(source=State.INDEXING, target=State.READY, ready_at=now, finished_at=now)
        standing.settle_standing_version(document=document, today=today)
        if version.publication == DocumentVersion.Publication.WITHDRAWN:
            outbox.enqueue(kind=Outbox.Kind.FORGET_VERSION, target_id=version.pk)
        outbox.done(kind=Outbox.Kind.PROCESS_VERSION, target_id=version.pk)
        audit.record(
            verb="document.ready",
            target=f"document:{document.pk}",
            digest=version.sha256,
            # Orders are counted by a rule; what else is odd, such as hidden text, is common and stands on the version.
            details={"version": version.number, **({"flags": version.flags} if ORDERS in version.flags else {})},
        )


def _refilter(version: DocumentVersion) -> None:
    """The days were settled after the vectors were written. The outbox repeats it when we die before this."""
    run_steps("REFILTER_DOCUMENT", document=version.document)
    outbox.done(kind=Outbox.Kind.REFILTER_DOCUMENT, target_id=version.document_id)


def _end(lease: Lease, refusal: Rejected | ParseFailed) -> None:
    state = State.REJECTED if isinstance(refusal, Rejected) else State.FAILED
    with transaction.atomic():
        moved = DocumentVersion.objects.filter(
            pk=lease.version_id, attempts=lease.attempt, state__in=DocumentVersion.WORKING
        ).update(
            state=state,
            error_code=refusal.code,
            error_message=refusal.message[:500],
            lease_until=None,
            finished_at=timezone.now(),
        )
        if not moved:
            return
        outbox.done(kind=Outbox.Kind.PROCESS_VERSION, target_id=lease.version_id)
        # Whatever an earlier attempt may have written.
        outbox.enqueue(kind=Outbox.Kind.FORGET_VERSION, target_id=lease.version_id)
        audit.record(
            verb=f"document.{state}",
            target=f"version:{lease.version_id}",
            outcome=audit.Outcome.FAILED,
            details={"code": refusal.code},
        )


def _stop_for_now(lease: Lease) -> None:
    """Back to the beginning, as if nobody had begun: being switched off is no attempt that failed."""
    DocumentVersion.objects.filter(
        pk=lease.version_id, attempts=lease.attempt, state__in=DocumentVersion.WORKING
    ).update(state=State.RECEIVED, attempts=F("attempts") - 1, lease_until=None)


def _give_back(lease: Lease) -> None:
    """End the lease now, so that the sweeper need not wait for it."""
    DocumentVersion.objects.filter(
        pk=lease.version_id, attempts=lease.attempt, state__in=DocumentVersion.WORKING
    ).update(lease_until=timezone.now())


def _lease_end() -> Any:
    return timezone.now() + timedelta(seconds=settings.INGEST_LEASE_SECONDS)
