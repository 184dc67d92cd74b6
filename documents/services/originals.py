"""Reading documents and fetching their original files: recorded like every other action."""

from uuid import UUID

from django.core.files.base import File
from django.db import transaction

from audit import services as audit
from documents import files
from documents.models import Document, DocumentVersion
from documents.services import accesses
from documents.services.receiving import StorageUnavailable


class OriginalMissing(LookupError):
    """The store has no file for the version, or one that is not this company's: to the reader both are not there."""


def open_original(*, version: DocumentVersion) -> File:
    """The version's file as it was uploaded, open for reading, after the download was recorded.

    The caller has checked that the person may read the document, and closes the file.

    :raises OriginalMissing: when there is nothing to give; a file of another company is recorded as refused.
    :raises StorageUnavailable: when the store does not answer.
    """
    target = f"document:{version.document_id}"
    try:
        source = files.open_stored(version.storage_key)
    except files.ForeignFile as error:
        audit.record_refusal(verb="document.download", target=target, reason="tenant_disagrees")
        raise OriginalMissing(str(version.pk)) from error
    except files.FileMissing as error:
        raise OriginalMissing(str(version.pk)) from error
    except Exception as error:  # folder, S3: each backend has its own classes
        raise StorageUnavailable("the file store did not give the file") from error
    try:
        with transaction.atomic():
            audit.record(
                verb="document.download", target=target, digest=version.sha256, details={"version": version.number}
            )
            accesses.note(shown=[_shown(version)], how=accesses.How.DOWNLOAD)
    except BaseException:
        source.close()
        raise
    return source


def record_reading(*, document: Document, version: DocumentVersion, how: str, query_id: UUID | None = None) -> None:
    """Record that the document's text was shown to the actor; `query_id` when they came from an answer."""
    with transaction.atomic():
        audit.record(verb="document.read", target=f"document:{document.pk}", details={"version": version.number})
        accesses.note(shown=[_shown(version)], how=how, query_id=query_id)


def record_preview(*, document: Document, version: DocumentVersion | None) -> None:
    """Record that the actor is shown the document's page in the console, with the text of `version` if there is one."""
    if version is not None:
        record_reading(document=document, version=version, how=accesses.How.PREVIEW)
        return
    audit.record_read(verb="document.read", target=f"document:{document.pk}", details={"page": "console"})


def record_list_of_readers(*, document: Document, readers: int) -> None:
    """Record that the actor is shown who may read the document."""
    audit.record_read(verb="document.list_readers", target=f"document:{document.pk}", details={"people": readers})


def _shown(version: DocumentVersion) -> accesses.Shown:
    return accesses.Shown(document_id=version.document_id, version_id=version.pk)
