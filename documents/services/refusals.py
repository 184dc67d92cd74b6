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


def record_refused_reading(*, scope: Scope, document_id: UUID | None = None, version_id: UUID | None = None) -> None:
    """Record, outside of any transaction, that a document or a version was asked for and not shown, and by which rule.

    One query and one row, whether it is closed to them or missing, so that the time it takes tells nothing either.
    """
    wanted = Document.objects.filter(deleted_at__isnull=True)
    wanted = wanted.filter(pk=document_id) if version_id is None else wanted.filter(versions=version_id)
    document = wanted.first()
    reason = NOT_THERE
    if document is not None:
        decision = access.decide(scope=scope, audience=rights.audience_of(document))
        reason = NOT_FOR_THEM if decision.allowed else decision.rule
    target = f"document:{document.pk if document else document_id or version_id}"
    audit.record_refusal(verb="document.read", target=target, reason=reason)
