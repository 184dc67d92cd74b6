"""Which version is in force when: publishing one makes room for it among the others of its document.

Everything here runs in the caller's transaction, under the document's lock (`select_for_update`).
"""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from audit import services as audit
from documents import rights, windows
from documents.models import Document, DocumentVersion, Outbox
from documents.services import applicability as applying
from documents.services import outbox
from documents.windows import Entry, Fit, Window, WindowReversed
from hr.access import Applicability
from tenants.days import DayOutOfRange

Publication = DocumentVersion.Publication
# What changes when a version takes its place.
TIMELINE_FIELDS = [
    "effective_from",
    "effective_to",
    "applies_countries",
    "applies_sites",
    "applies_employment_types",
    "applies_key",
    "intended_to",
    "ended_by",
    "publication",
    "publication_note",
    "published_at",
    "published_by",
    "withdrawn_at",
    "withdrawn_reason",
]


class TimelineConflict(ValueError):
    """The version does not fit among the other published versions of its document. The message says what to do."""


class VersionsOverlap(TimelineConflict):
    """Two versions would be in force on one day for people who are neither the same nor apart."""


class WindowTaken(TimelineConflict):
    """A newer version for the same people begins on the same day, or before the last day that was asked for."""


@dataclass(frozen=True)
class Placement:
    """What became of a version's window, and of the versions around it, as their numbers."""

    window: Window
    ended: tuple[int, ...] = ()
    replaced: tuple[int, ...] = ()
    limited_by: int | None = None

    def __str__(self) -> str:
        said = [f"In force {self.window}."]
        said += [f"Version {number} ends the day before." for number in self.ended]
        said += [f"Version {number}, which began on the same day, is replaced." for number in self.replaced]
        said += [f"Version {self.limited_by} follows."] if self.limited_by else []
        return " ".join(said)


def enter_into_force(*, version: DocumentVersion, document: Document, today: date) -> None:
    """Fit a version that is published and about to be ready into its document's timeline.

    Called in the transaction of the flip, before the version's state says ready. Nobody is there to be asked: a version
    that does not fit becomes a draft with the explanation, one that a newer version replaced meanwhile is withdrawn.
    """
    wanted = version.effective_from
    if version.effective_from is None:
        version.effective_from = today
    result, others = _fitted(version)
    newer = others.get(result.replaced_by or 0)
    if newer is not None:
        _withdraw(version, by=newer)
        version.save(update_fields=TIMELINE_FIELDS)
        return
    try:
        result.window.checked()
        _refuse_overlap(version, result.window, others)
    except (VersionsOverlap, WindowReversed, DayOutOfRange) as error:
        version.publication = Publication.DRAFT
        version.publication_note = f"Not published: {error}"[:500]
        version.effective_from = wanted
        version.save(update_fields=TIMELINE_FIELDS)
        audit.record(
            verb="document.version_kept_as_draft",
            target=f"document:{document.pk}",
            outcome=audit.Outcome.FAILED,
            details={"version": version.number, "why": type(error).__name__},
        )
        return
    _take_place(version, result, others)


def make_room(*, version: DocumentVersion) -> Placement:
    """Put a ready version that is not published yet into its window, and publish it.

    For the same people, an earlier version ends the day before; the next one ends this one; one that began on the same
    day is replaced.

    :raises VersionsOverlap: when it shares a day with a version for people who are neither the same nor apart.
    :raises WindowTaken: when a newer version begins on the same day, or before the last day that was asked for.
    """
    result, others = _room_for(version)
    version.publication = Publication.PUBLISHED
    _take_place(version, result, others)
    return Placement(
        window=result.window,
        ended=tuple(result.shortened),
        replaced=result.replaced,
        limited_by=result.limited_by,
    )


def check_room(*, version: DocumentVersion, window: Window, applicability: Applicability) -> None:
    """Raise what publishing it on these days for these people would raise; nothing is saved.

    :raises documents.windows.WindowReversed: when it would end before it begins.
    :raises documents.rights.UnknownValue: for a country or employment type that does not exist.
    :raises documents.services.TooManyKeys: for more than can be kept.
    :raises TimelineConflict: when it does not fit among the other versions.
    """
    applying.set_applicability(version=version, applicability=applicability)
    version.effective_from, version.effective_to = window.first, window.last
    _room_for(version)


def _room_for(version: DocumentVersion) -> tuple[Fit, dict[int, DocumentVersion]]:
    asked = Window(version.effective_from, version.effective_to).checked()
    result, others = _fitted(version)
    if result.replaced_by is not None:
        raise WindowTaken(
            f"Version {result.replaced_by} is newer and begins on the same day, {asked.first}. "
            "Withdraw it first, or choose another first day."
        )
    if result.limited_by is not None and asked.last is not None:
        raise WindowTaken(
            f"Version {result.limited_by} begins on {others[result.limited_by].effective_from}, before the last day "
            f"asked for, {asked.last}. Leave the last day empty or choose an earlier one, or move version "
            f"{result.limited_by}."
        )
    _refuse_overlap(version, result.window, others)
    return result, others


def give_room_back(*, version: DocumentVersion) -> tuple[int, ...]:
    """What this version ended early lasts again as it was meant to, up to whatever follows now; returns the numbers.

    The version itself is no longer published. One that would get into another's way stays as short as it is.
    """
    longer = []
    for earlier in version.ended_versions.published().order_by("number"):  # type: ignore[attr-defined]
        before, by = earlier.effective_to, earlier.ended_by
        earlier.effective_to, earlier.ended_by = earlier.intended_to, None
        result, others = _fitted(earlier)
        try:
            _refuse_overlap(earlier, result.window, others)
        except VersionsOverlap:
            earlier.effective_to, earlier.ended_by = before, by
            continue
        _set_window(earlier, result, others)
        earlier.save(update_fields=TIMELINE_FIELDS)
        longer.append(earlier.number)
    return tuple(longer)


def _entry(version: DocumentVersion) -> Entry:
    window = Window(version.effective_from, version.effective_to)
    return Entry(number=version.number, window=window, applicability=rights.applicability_of(version))


def _fitted(version: DocumentVersion) -> tuple[Fit, dict[int, DocumentVersion]]:
    """How it fits among the published versions for the same people, and all others by number. One query."""
    published = DocumentVersion.objects.published().filter(document=version.document_id).exclude(pk=version.pk)
    others = {other.number: other for other in published}
    same = [_entry(other) for other in others.values() if other.applies_key == version.applies_key]
    return windows.fit(entry=_entry(version), same_people=same), others


def _refuse_overlap(version: DocumentVersion, window: Window, others: dict[int, DocumentVersion]) -> None:
    entry = Entry(number=version.number, window=window, applicability=rights.applicability_of(version))
    different = [_entry(other) for other in others.values() if other.applies_key != version.applies_key]
    conflict = windows.conflicting(entry=entry, others=different)
    if conflict is not None:
        assert conflict.window.first is not None and window.first is not None, "both have begun or will"
        begins_later = conflict.window.first >= window.first
        way_out = (
            f"Let this one end before {conflict.window.first}, withdraw version {conflict.number},"
            if begins_later
            else f"Give version {conflict.number} a last day before {window.first}, withdraw it,"
        )
        raise VersionsOverlap(
            f"Version {conflict.number} is in force {conflict.window} and applies to "
            f"{rights.people_of(conflict.applicability)}; this one would apply to "
            f"{rights.people_of(entry.applicability)} at the same time, so some people would have two. "
            f"{way_out} or let both apply to different people."
        )


def _take_place(version: DocumentVersion, result: Fit, others: dict[int, DocumentVersion]) -> None:
    """Write the others first: the exclusion constraint looks at each statement."""
    for number, last in result.shortened.items():
        other = others[number]
        if other.ended_by_id is None:
            other.intended_to = other.effective_to
        other.effective_to, other.ended_by = last, version
        other.save(update_fields=TIMELINE_FIELDS)
    for number in result.replaced:
        _withdraw(others[number], by=version)
        others[number].save(update_fields=TIMELINE_FIELDS)
    _set_window(version, result, others)
    version.publication_note = ""
    if version.publication == Publication.PUBLISHED and version.published_at is None:
        version.published_at = timezone.now()
    version.save(update_fields=TIMELINE_FIELDS)
    # Days and people are copied beside the vectors.
    outbox.enqueue(kind=Outbox.Kind.REFILTER_DOCUMENT, target_id=version.document_id)


def _set_window(version: DocumentVersion, result: Fit, others: dict[int, DocumentVersion]) -> None:
    limit = others[result.limited_by] if result.limited_by is not None else None
    version.intended_to, version.ended_by = (version.effective_to if limit else None), limit
    version.effective_from, version.effective_to = result.window.first, result.window.last


def _withdraw(version: DocumentVersion, *, by: DocumentVersion) -> None:
    version.publication = Publication.WITHDRAWN
    version.withdrawn_at = timezone.now()
    version.withdrawn_reason = f"Replaced on its first day by version {by.number}."
    version.ended_by = by
    outbox.enqueue(kind=Outbox.Kind.FORGET_VERSION, target_id=version.pk)
