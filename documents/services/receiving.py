"""Taking a file in: stored first, then a row, an outbox entry and an audit row in one transaction."""

import unicodedata
import uuid
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePath
from typing import Any, BinaryIO

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from audit import actors
from audit import services as audit
from documents import files, rights
from documents.models import Document, DocumentVersion, Outbox
from documents.services import applicability, editing, outbox
from documents.services.recognising import Receipt, recognise
from documents.windows import Window
from hr.access import Applicability, Audience
from tenants import context
from tenants.kill_switches import state

log = structlog.get_logger(__name__)

_MAX_NAME_CHARS = 255
_MAX_TITLE_CHARS = 300


@dataclass(frozen=True)
class Terms:
    """When and to whom an uploaded version applies. `publish=False` keeps it a draft until somebody publishes it."""

    window: Window = field(default_factory=Window)
    applicability: Applicability = field(default_factory=Applicability)
    publish: bool = True


class UploadTooLarge(ValueError):
    """The file is larger than MAX_UPLOAD_BYTES."""


class DocumentGone(LookupError):
    """The document that should get a new version was deleted."""


class EmptyTitle(ValueError):
    """Neither the title nor the file name has a visible character."""


class StorageUnavailable(RuntimeError):
    """The file store did not take the file. Nothing was recorded; the upload can be repeated."""


def receive(
    *,
    source: BinaryIO,
    original_name: str,
    title: str = "",
    external_id: str = "",
    is_confidential: bool | None = None,
    document: Document | None = None,
    audience: Audience | None = None,
    terms: Terms | None = None,
) -> Receipt:
    """Take a file in for ingestion.

    The same bytes again are recognised (documents.services.recognising says what follows). Others for a known
    `external_id` become a new version of that document, which takes over when it is ready; `is_confidential=None` keeps
    what the document has (False for a new one), and a given value takes effect at once. With `document` the file
    becomes a new version of exactly that one, whether it has an `external_id` or not; its title and readers stay.

    `audience` is for whom a new document is; a known one takes it over at once. `terms` say when and to whom the new
    version applies, and whether it is to be published; the same bytes with other days or
    readers are a new version. Where the company requires a review, what should be published lands in review.

    :raises tenants.kill_switches.state.SwitchedOff: while uploads are switched off.
    :raises UploadTooLarge: over MAX_UPLOAD_BYTES.
    :raises EmptyTitle: when there is nothing to call it by.
    :raises StorageUnavailable: when the file store is down.
    :raises DocumentGone: when `document` was deleted meanwhile.
    :raises documents.windows.WindowReversed: when the version would end before it begins.
    :raises documents.rights.UnknownValue: for a value of `audience` or `terms` that no record can have.
    :raises documents.rights.PersonalWithAudience: when `audience` names a subject and other readers.
    """
    state.check(state.Feature.UPLOADS)
    terms = terms or Terms()
    terms.window.checked()
    rights.checked_applicability(terms.applicability)
    if audience is not None:
        audience = rights.checked_audience(audience)
        # Left out stays left out: naming readers does not open a confidential document.
        is_confidential = audience.is_confidential or is_confidential
    name = clean_name(original_name)
    title = clean_title(title) or clean_title(PurePath(name).stem)
    if not title:
        raise EmptyTitle("a document needs a title")
    sha256, size_bytes = files.digest_of(source)
    if size_bytes > settings.MAX_UPLOAD_BYTES:
        raise UploadTooLarge(f"{size_bytes} bytes, {settings.MAX_UPLOAD_BYTES} are allowed")
    external_id = external_id.strip()
    suits = partial(_suits, audience=audience, terms=terms)
    with transaction.atomic():
        known = recognise(
            sha256=sha256, external_id=external_id, is_confidential=is_confidential, document=document, suits=suits
        )
    if known is not None:
        return known

    version_id = uuid.uuid4()
    key = files.key_of_version(version_id)
    try:
        files.store(key=key, source=source)
    except files.ForeignFile:
        raise
    except Exception as error:  # folder, S3: each backend has its own classes; nothing is recorded yet
        log.error("file_store_unavailable", error=type(error).__name__)
        raise StorageUnavailable("the file store did not take the file") from error
    try:
        receipt = _record(
            version_id=version_id,
            key=key,
            name=name,
            title=title,
            external_id=external_id,
            is_confidential=is_confidential,
            sha256=sha256,
            size_bytes=size_bytes,
            document=document,
            audience=audience,
            terms=terms,
        )
    except BaseException:
        files.remove(key)
        raise
    if receipt.recognised:
        files.remove(key)
    return receipt


def clean_name(raw: str) -> str:
    """A file name as data: last path part, no control characters, at most 255 characters; else `document`."""
    last = raw.replace("\\", "/").rsplit("/", 1)[-1]
    return _visible(last)[-_MAX_NAME_CHARS:] or "document"


def clean_title(raw: str) -> str:
    """One line of visible text, at most 300 characters."""
    return " ".join(_visible(raw).split())[:_MAX_TITLE_CHARS]


def _visible(text: str) -> str:
    """Without control characters, surrogates and NUL, which PostgreSQL or a page could not take."""
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Cn", "Co")).strip()


def _record(
    *,
    version_id: uuid.UUID,
    key: str,
    name: str,
    title: str,
    external_id: str,
    is_confidential: bool | None,
    sha256: str,
    size_bytes: int,
    document: Document | None,
    audience: Audience | None,
    terms: Terms,
) -> Receipt:
    suits = partial(_suits, audience=audience, terms=terms)
    with transaction.atomic():
        # Two uploads of the same thing at once: the second waits, then recognises the first.
        with connection.cursor() as cursor:
            same_thing = str(document.pk) if document is not None else external_id or sha256
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema() || %s))", [same_thing])
        known = recognise(
            sha256=sha256, external_id=external_id, is_confidential=is_confidential, document=document, suits=suits
        )
        if known is not None:
            return known
        if document is not None:
            document = _locked(document)
        else:
            document = _document_for(
                title=title, external_id=external_id, is_confidential=is_confidential, audience=audience
            )
        last = document.versions.aggregate(Max("number"))["number__max"] or 0
        version = DocumentVersion(
            id=version_id,
            document=document,
            number=last + 1,
            sha256=sha256,
            size_bytes=size_bytes,
            original_name=name,
            storage_key=key,
            uploaded_by=actors.current_actor().label,
            effective_from=terms.window.first,
            effective_to=terms.window.last,
            **_publication(terms),
        )
        applicability.set_applicability(version=version, applicability=terms.applicability)
        version.save(force_insert=True)
        outbox.enqueue(kind=Outbox.Kind.PROCESS_VERSION, target_id=version.pk)
        audit.record(
            verb="document.upload",
            target=f"document:{document.pk}",
            digest=sha256,
            details={
                "version": version.number,
                "bytes": size_bytes,
                "confidential": document.is_confidential,
                "publication": version.publication,
            },
        )
    return Receipt(version=version, recognised=False)


def _locked(document: Document) -> Document:
    found = Document.objects.select_for_update().filter(pk=document.pk, deleted_at__isnull=True).first()
    if found is None:
        raise DocumentGone(str(document.pk))
    return found


def _suits(version: DocumentVersion, *, audience: Audience | None, terms: Terms) -> bool:
    """Whether a version with the same bytes is what this upload wants: other readers or days make a new one."""
    if audience is not None:
        has = rights.audience_of(version.document)
        if replace(has, is_confidential=audience.is_confidential) != audience:
            return False
    if terms.window.first not in (None, version.effective_from):
        return False
    if terms.window.last not in (None, version.intended_to or version.effective_to):
        return False
    applicability = rights.checked_applicability(terms.applicability)
    return applicability in (Applicability(), rights.applicability_of(version))


def _publication(terms: Terms) -> dict[str, Any]:
    """How far HR is with a version that was just uploaded."""
    if not terms.publish:
        return {"publication": DocumentVersion.Publication.DRAFT}
    actor = actors.current_actor().label
    if context.current_tenant().requires_review:
        review = {"review_requested_at": timezone.now(), "review_requested_by": actor}
        return {"publication": DocumentVersion.Publication.IN_REVIEW, **review}
    return {"publication": DocumentVersion.Publication.PUBLISHED, "published_by": actor}


def _document_for(*, title: str, external_id: str, is_confidential: bool | None, audience: Audience | None) -> Document:
    if external_id:
        known = Document.objects.select_for_update().filter(external_id=external_id, deleted_at__isnull=True).first()
        if known is not None:
            keeps = known.is_confidential if is_confidential is None else is_confidential
            wanted = replace(audience or rights.audience_of(known), is_confidential=keeps)
            if editing.put_audience(document=known, audience=wanted):
                known.save()
                outbox.enqueue(kind=Outbox.Kind.REFILTER_DOCUMENT, target_id=known.pk)
            return known
    document = Document(title=title, external_id=external_id or None, created_by=actors.current_actor().label)
    wanted = replace(audience or Audience(), is_confidential=bool(is_confidential))
    editing.put_audience(document=document, audience=wanted)
    document.save(force_insert=True)
    return document
