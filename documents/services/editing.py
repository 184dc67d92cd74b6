"""Changing what a document is called and who may read it."""

from django.db import transaction

from audit import services as audit
from documents.models import Document, Outbox
from documents.services import outbox


def edit_document(*, document: Document, title: str, is_confidential: bool, reason: str = "") -> None:
    """Change title and confidentiality. Access follows at once, because rows are checked before anything is answered;
    the copy of the filter beside the vectors follows within one task run."""
    with transaction.atomic():
        locked = Document.objects.select_for_update().get(pk=document.pk)
        refilter = locked.is_confidential != is_confidential
        locked.title, locked.is_confidential = title, is_confidential
        locked.save(update_fields=["title", "is_confidential", "updated_at"])
        if refilter:
            outbox.enqueue(kind=Outbox.Kind.REFILTER_DOCUMENT, target_id=document.pk)
        audit.record(
            verb="document.edit",
            target=f"document:{document.pk}",
            reason=reason,
            details={"confidential": is_confidential},
        )
    document.refresh_from_db()
