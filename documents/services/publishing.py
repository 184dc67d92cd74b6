"""Which version is in force when: publishing one makes room for it among the others of its document."""

from collections.abc import Collection
from datetime import date, timedelta

from django.utils import timezone

from documents.models import Document, DocumentVersion, Outbox
from documents.querysets import DocumentVersionQuerySet
from documents.services import outbox

Publication = DocumentVersion.Publication
_ONE_DAY = timedelta(days=1)


def key_of_applicability(
    *, countries: Collection[str], sites: Collection[str], employment_types: Collection[str]
) -> str:
    """To whom a version applies, as one text: equal texts, equal people."""
    return "/".join("|".join(sorted(keys)) for keys in (countries, sites, employment_types))


def enter_into_force(*, version: DocumentVersion, document: Document, today: date) -> None:
    """Fit a version that is published and about to be ready into its document's timeline, and settle who stands for it.

    Called in the transaction of the flip, under the document's lock, before the version's state says ready (or before
    its publication says published). For the same people, an earlier version ends the day before this one begins; one
    that begins later limits this one; of two with the same first day the one with the higher number stays.
    """
    if version.effective_from is None:
        version.effective_from = today
    for other in _same_people(version).order_by("effective_from", "number"):
        assert other.effective_from is not None, "a published, ready version has a first day"
        if other.effective_from == version.effective_from and other.number > version.number:
            _withdraw(version, by_number=other.number)
            break
        if other.effective_from == version.effective_from:
            _withdraw(other, by_number=version.number)
            other.save(update_fields=["publication", "withdrawn_at", "withdrawn_reason"])
        elif other.effective_from < version.effective_from:
            if other.effective_to is None or other.effective_to >= version.effective_from:
                other.effective_to = version.effective_from - _ONE_DAY
                other.save(update_fields=["effective_to"])
        elif version.effective_to is None or version.effective_to >= other.effective_from:
            version.effective_to = other.effective_from - _ONE_DAY
    if version.publication == Publication.PUBLISHED and version.published_at is None:
        version.published_at = timezone.now()
    version.save(
        update_fields=[
            "effective_from",
            "effective_to",
            "publication",
            "published_at",
            "withdrawn_at",
            "withdrawn_reason",
        ]
    )


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


def _same_people(version: DocumentVersion) -> DocumentVersionQuerySet:
    others = DocumentVersion.objects.published().filter(document=version.document_id, applies_key=version.applies_key)
    return others.exclude(pk=version.pk)


def _withdraw(version: DocumentVersion, *, by_number: int) -> None:
    version.publication = Publication.WITHDRAWN
    version.withdrawn_at = timezone.now()
    version.withdrawn_reason = f"Replaced on its first day by version {by_number}."
    outbox.enqueue(kind=Outbox.Kind.FORGET_VERSION, target_id=version.pk)
