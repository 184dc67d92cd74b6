"""The version that stands for a document where one has to be shown. Rights and answers never rest on it."""

from datetime import date

from django.db import transaction

from documents.models import Document, DocumentVersion


def settle_standing_version(*, document: Document, today: date) -> None:
    """Choose the version that stands for the document in lists: in force today, else the next one, else the last."""
    published = list(document.versions.published())  # type: ignore[attr-defined]

    def rank(version: DocumentVersion) -> tuple[int, int, int]:
        assert version.effective_from is not None, "a published, ready version has a first day"
        if version.effective_from > today:
            return 1, (version.effective_from - today).days, -version.number
        if version.effective_to is None or version.effective_to >= today:
            return 0, 0, -version.number
        return 2, (today - version.effective_to).days, -version.number

    standing = min(published, key=rank, default=None)
    if document.serving_version_id != (standing.pk if standing else None):
        document.serving_version = standing
        document.save(update_fields=["serving_version", "updated_at"])


def settle_standing_versions(*, today: date) -> int:
    """Let versions that came into force at midnight stand for their documents; returns how many did. One query if none.

    Answers do not wait for it.
    """
    stale = list(Document.objects.with_stale_standing_version(today).values_list("pk", flat=True)[:200])
    for document_id in stale:
        with transaction.atomic():
            document = Document.objects.select_for_update().filter(pk=document_id, deleted_at=None).first()
            if document is not None:
                settle_standing_version(document=document, today=today)
    return len(stale)
