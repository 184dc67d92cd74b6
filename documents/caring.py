"""Which documents somebody should look after: due, without an owner, never cited, ending, beginning, waiting."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from documents.models import Document, DocumentVersion
from hr.access import Scope
from tenants.steps import run_steps

# A review is announced a month ahead; an end two months ahead, so that a new version can be written and reviewed.
REVIEW_AHEAD_DAYS = 30
END_AHEAD_DAYS = 60
# New documents are not yet cited; after a quarter somebody should ask why.
UNCITED_AFTER_DAYS = 90
_MAX_ROWS = 200


@dataclass(frozen=True)
class Item:
    """One document with what is the matter."""

    document: Document
    note: str
    is_late: bool = False


@dataclass(frozen=True)
class Concern:
    """One heading of the page with its documents, at most 200. `advice` says what to do."""

    title: str
    advice: str
    items: tuple[Item, ...]


def concerns(*, scope: Scope, today: date) -> tuple[Concern, ...]:
    """All concerns about documents that this person may read. About eight queries."""
    documents = Document.objects.visible_to(scope).select_related("owner")
    versions = DocumentVersion.objects.visible_to(scope).select_related("document__owner")
    return (
        Concern("Due for review", "Read it again, then set the next date on its page.", _due(documents, today)),
        Concern(
            "Ending without a successor", "Upload the next version, or give it more days.", _ending(versions, today)
        ),
        Concern("Waiting for review or publication", "Approve or publish it, or send it back.", _waiting(versions)),
        Concern("Scheduled to begin", "Nothing, if the days are right.", _scheduled(versions, today)),
        Concern("Without an owner", "Name somebody who keeps it up to date.", _without_owner(documents)),
        Concern("Never cited", "See whether people find it, or need it.", _never_cited(versions, today)),
    )


def _due(documents: Any, today: date) -> tuple[Item, ...]:
    due = documents.filter(review_due_date__lte=today + timedelta(days=REVIEW_AHEAD_DAYS))
    return _items(
        due.order_by("review_due_date", "pk"),
        lambda document: (
            Item(document, f"since {document.review_due_date}", is_late=True)
            if document.review_due_date < today
            else Item(document, f"by {document.review_due_date}")
        ),
    )


def _ending(versions: Any, today: date) -> tuple[Item, ...]:
    successor = DocumentVersion.objects.published().filter(
        document=OuterRef("document"),
        applies_key=OuterRef("applies_key"),
        effective_from__gt=OuterRef("effective_from"),
    )
    last_days = Q(effective_to__gte=today, effective_to__lte=today + timedelta(days=END_AHEAD_DAYS))
    ending = versions.in_force_on(today).filter(last_days, ~Exists(successor))
    return _items(
        ending.order_by("effective_to", "pk"),
        lambda version: Item(version.document, f"version {version.number} ends on {version.effective_to}"),
    )


def _waiting(versions: Any) -> tuple[Item, ...]:
    waiting = versions.filter(state="ready", publication__in=["draft", "in_review"])

    def item(version: DocumentVersion) -> Item:
        state = "approved, not published" if version.reviewed_at else version.get_publication_display().lower()
        return Item(version.document, f"version {version.number}: {state}")

    return _items(waiting.order_by("received_at", "pk"), item)


def _scheduled(versions: Any, today: date) -> tuple[Item, ...]:
    scheduled = versions.published().filter(effective_from__gt=today)
    return _items(
        scheduled.order_by("effective_from", "pk"),
        lambda version: Item(version.document, f"version {version.number} from {version.effective_from}"),
    )


def _without_owner(documents: Any) -> tuple[Item, ...]:
    ownerless = documents.filter(owner__isnull=True, subject__isnull=True)
    return _items(ownerless.order_by("title", "pk"), lambda document: Item(document, ""))


def _never_cited(versions: Any, today: date) -> tuple[Item, ...]:
    in_force = versions.in_force_on(today).filter(document__subject__isnull=True)
    old = in_force.filter(effective_from__lte=today - timedelta(days=UNCITED_AFTER_DAYS))
    first_each = {version.document_id: version for version in old.order_by("-effective_from", "pk")}
    cited: set[UUID] = set().union(*run_steps("CITED_DOCUMENTS", document_ids=set(first_each)))
    uncited = [version for version in first_each.values() if version.document_id not in cited]
    return tuple(
        Item(version.document, f"in force since {version.effective_from}")
        for version in sorted(uncited, key=lambda one: (one.effective_from, one.pk))[:_MAX_ROWS]
    )


def _items(rows: Iterable[Any], item: Callable[[Any], Item]) -> tuple[Item, ...]:
    return tuple(item(row) for row in rows[:_MAX_ROWS])  # type: ignore[index]
