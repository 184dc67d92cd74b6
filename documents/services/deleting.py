"""Deletion: invisible in the deciding transaction, then removed everywhere and verified."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit import services as audit
from documents import files
from documents.models import Document, Outbox
from documents.services import outbox
from tenants.steps import run_steps


class NotRemoved(RuntimeError):
    """Something of a deleted document is still there after its removal. The task is tried again."""


def delete_document(*, document: Document, reason: str = "") -> None:
    """Delete a document: from the commit on nothing shows it; rows, files and vectors follow within one task run.

    Deleting what is already deleted changes nothing.
    """
    with transaction.atomic():
        decided = Document.objects.filter(pk=document.pk, deleted_at__isnull=True).update(
            deleted_at=timezone.now(), external_id=None, serving_version=None
        )
        if not decided:
            return
        outbox.enqueue(kind=Outbox.Kind.DELETE_DOCUMENT, target_id=document.pk)
        audit.record(verb="document.delete", target=f"document:{document.pk}", reason=reason)


def remove_document(*, document_id: UUID) -> None:
    """Remove a deleted document's vectors, files and rows, and check that they are gone. Can be repeated.

    :raises NotRemoved: when a file or a vector survived.
    """
    document = Document.objects.filter(pk=document_id, deleted_at__isnull=False).first()
    if document is None:
        outbox.done(kind=Outbox.Kind.DELETE_DOCUMENT, target_id=document_id)
        return
    versions = list(document.versions.all())
    for version in versions:
        run_steps("FORGET_VERSION", version_id=version.pk)
        files.remove(version.storage_key)
        if files.exists(version.storage_key):
            raise NotRemoved(f"file of version {version.pk}")
    with transaction.atomic():
        Outbox.objects.filter(target_id__in=[version.pk for version in versions]).delete()
        document.delete()
        outbox.done(kind=Outbox.Kind.DELETE_DOCUMENT, target_id=document_id)
        audit.record(verb="document.removed", target=f"document:{document_id}", details={"versions": len(versions)})
