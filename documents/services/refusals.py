"""What somebody asked for and may not read: the same answer as for what is not there, but not the same row."""

from uuid import UUID

from audit import services as audit
from documents import rights
from documents.models import Document
from hr import access
from hr.access import Scope

# Nothing of this id, so nothing that somebody tried to get at.
NOT_THERE = "not_there"
# They may read the document; no version of it is for them on this day.
NOT_FOR_THEM = "not_for_them"


def record_refused_document(*, scope: Scope, document_id: UUID) -> None:
    """Record, outside of any transaction, that a document was asked for and not shown, and by which rule.

    One query and one row, whether it is closed to them or missing, so that the time it takes tells nothing either.
    """
    _record(scope, Document.objects.filter(deleted_at__isnull=True, pk=document_id).first(), document_id)


def record_refused_version(*, scope: Scope, version_id: UUID) -> None:
    """The same for a version: the row names its document."""
    _record(scope, Document.objects.filter(deleted_at__isnull=True, versions=version_id).first(), version_id)


def _record(scope: Scope, document: Document | None, asked_id: UUID) -> None:
    reason = NOT_THERE
    if document is not None:
        decision = access.decide(scope=scope, audience=rights.audience_of(document))
        reason = NOT_FOR_THEM if decision.allowed else decision.rule
    target = f"document:{document.pk if document else asked_id}"
    audit.record_refusal(verb="document.read", target=target, reason=reason)
