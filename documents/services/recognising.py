"""The same bytes again: which version they already are, and what follows from uploading them once more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.db.models import F, Q, QuerySet

from documents import files
from documents.models import Document, DocumentVersion
from documents.services import editing, retrying

_IN_TROUBLE = (DocumentVersion.State.REJECTED, DocumentVersion.State.FAILED)

# What the uploader should be told beyond "already there".
Note = Literal["", "already_there_confidential", "made_confidential", "tried_again"]


@dataclass(frozen=True)
class Receipt:
    """What became of an upload. `recognised` means: these bytes are known, no new version was made."""

    version: DocumentVersion
    recognised: bool
    note: Note = ""


def recognise(
    *,
    sha256: str,
    external_id: str,
    is_confidential: bool | None,
    document: Document | None,
    suits: Callable[[DocumentVersion], bool],
) -> Receipt | None:
    """The version that the bytes already are, in the document that this upload would go to; None when it is new.

    Without a target, whatever document has the bytes counts. Asked to be confidential, every such document becomes so
    at once; asked to be open, a confidential one stays as it is, and the note says so. A rejected or failed version is
    processed anew. `suits` tells whether a version has the readers and days that are wanted. Called in a transaction.
    """
    known = _newest_in_force(
        DocumentVersion.objects.filter(sha256=sha256, document__deleted_at__isnull=True).select_related("document"),
        external_id=external_id,
        is_confidential=is_confidential,
        document=document,
        suits=suits,
    )
    if known is None:
        return None
    note: Note = ""
    if document is None and not external_id:
        if is_confidential:
            note = "made_confidential" if _close_all(sha256) else ""
            known.document.refresh_from_db()
        elif known.document.is_confidential:
            note = "already_there_confidential"
    if known.state in _IN_TROUBLE:
        try:
            retrying.retry_version(version=known, reason="the same file was uploaded again")
        except retrying.NotRetryable:
            pass  # somebody was faster; its state tells
        else:
            note = note or "tried_again"
        known.refresh_from_db(fields=["state", "attempts", "error_code", "error_message", "finished_at"])
    return Receipt(version=known, recognised=True, note=note)


def _newest_in_force(
    same: QuerySet[DocumentVersion],
    *,
    external_id: str,
    is_confidential: bool | None,
    document: Document | None,
    suits: Callable[[DocumentVersion], bool],
) -> DocumentVersion | None:
    """The best of the versions with these bytes: one in order before one in trouble, then the newest.

    Going back to an older text is a new version, not a repetition: only a document's last version counts, and without
    a target also the one that serves.
    """
    if document is not None:
        same = same.filter(document=document)
    elif external_id:
        same = same.filter(document__external_id=external_id)
        if is_confidential is not None:
            same = same.filter(document__is_confidential=is_confidential)
    has_target = document is not None or bool(external_id)
    in_order = (version for version in same.order_by("-received_at", "pk") if suits(version))
    usable = [version for version in in_order if _in_force(version, has_target=has_target)]

    def rank(version: DocumentVersion) -> tuple[bool, bool]:
        differs = is_confidential is not None and version.document.is_confidential != is_confidential
        return version.state in _IN_TROUBLE, differs

    return min(usable, key=rank, default=None)


def _in_force(version: DocumentVersion, *, has_target: bool) -> bool:
    is_last = not DocumentVersion.objects.filter(document=version.document_id, number__gt=version.number).exists()
    if version.state in _IN_TROUBLE:
        return is_last and _original_is_there(version)
    return is_last or (not has_target and version.document.serving_version_id == version.pk)


def _original_is_there(version: DocumentVersion) -> bool:
    """Trying again needs it. A store that does not answer is for whoever stores the upload to report."""
    try:
        return files.exists(version.storage_key)
    except Exception:  # folder, S3: each backend has its own classes
        return False


def _close_all(sha256: str) -> bool:
    """Make every open document confidential whose last or serving version has these bytes; whether there was one."""
    versions = DocumentVersion.objects.filter(sha256=sha256, document__deleted_at__isnull=True)
    serving = Q(document__serving_version_id=F("pk"))
    holders = {version.document_id for version in versions.filter(serving)}
    holders |= {version.document_id for version in versions if _in_force(version, has_target=True)}
    opened = Document.objects.select_for_update().filter(pk__in=holders, is_confidential=False, deleted_at__isnull=True)
    closed = list(opened.order_by("pk"))
    for document in closed:
        editing.edit_document(
            document=document,
            title=document.title,
            is_confidential=True,
            reason="the same file was uploaded as confidential",
        )
    return bool(closed)
