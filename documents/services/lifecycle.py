"""A version's way: draft, in review, published, withdrawn. Each move is a conditional UPDATE under the document's lock.

The actor is whoever the audit log says is acting (audit.actors). What is published or withdrawn here counts from the
next request, because rows are checked before anything is answered; copies beside the vectors follow in a task.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit import actors
from audit import services as audit
from documents import rights
from documents.models import Document, DocumentVersion, Outbox
from documents.services import applicability as applying
from documents.services import outbox, publishing, standing
from documents.services.publishing import Placement
from documents.windows import Window
from hr.access import Applicability
from tenants import context

Publication = DocumentVersion.Publication
State = DocumentVersion.State
_NO_REVIEW: dict[str, Any] = {
    "review_requested_at": None,
    "review_requested_by": "",
    "reviewed_at": None,
    "reviewed_by": "",
}


class WrongPublication(RuntimeError):
    """The version's state does not allow this move, or somebody else was faster."""


class NotReady(RuntimeError):
    """Only a version that was read and indexed can be published."""


class ReviewMissing(RuntimeError):
    """This company publishes only what a second person has reviewed."""


class OwnReview(PermissionError):
    """Nobody reviews what they uploaded or submitted themselves."""


def submit_for_review(*, version: DocumentVersion, reason: str = "") -> None:
    """Ask a second HR person to look at a draft.

    :raises WrongPublication: unless it is a draft.
    """
    with _locked(version) as current:
        _move(
            current,
            source=(Publication.DRAFT,),
            target=Publication.IN_REVIEW,
            **{**_NO_REVIEW, "review_requested_at": timezone.now(), "review_requested_by": _actor()},
        )
        _record(current, verb="document.version_submit", reason=reason)
    version.refresh_from_db()


def approve(*, version: DocumentVersion, reason: str = "") -> None:
    """Note that the acting person reviewed the version; it can be published from now on.

    :raises WrongPublication: unless it is in review and not yet approved.
    :raises OwnReview: for the person who uploaded or submitted it.
    """
    with _locked(version) as current:
        if actors.current_actor().kind != "employee" or _actor() in (current.uploaded_by, current.review_requested_by):
            raise OwnReview("Somebody else than the person who uploaded or submitted it has to review it.")
        if current.reviewed_at is not None:
            raise WrongPublication("It was approved already.")
        _move(
            current,
            source=(Publication.IN_REVIEW,),
            target=Publication.IN_REVIEW,
            reviewed_at=timezone.now(),
            reviewed_by=_actor(),
        )
        _record(current, verb="document.version_approve", reason=reason)
    version.refresh_from_db()


def return_to_draft(*, version: DocumentVersion, reason: str) -> None:
    """Send a version in review back, with what is wrong with it. An approval it has is void.

    :raises WrongPublication: unless it is in review.
    """
    with _locked(version) as current:
        _move(
            current,
            source=(Publication.IN_REVIEW,),
            target=Publication.DRAFT,
            **_NO_REVIEW,
            publication_note=f"Sent back: {reason}"[:500],
        )
        _record(current, verb="document.version_return", reason=reason)
    version.refresh_from_db()


def publish_version(
    *,
    version: DocumentVersion,
    window: Window | None = None,
    applicability: Applicability | None = None,
    reason: str = "",
) -> Placement:
    """Publish a ready draft or reviewed version, now or (with a first day to come) on schedule.

    `window` and `applicability` default to what the version has; without any first day it is today, in the company's
    time zone. An earlier version for the same people ends the day before.

    :raises WrongPublication: when it is published or withdrawn.
    :raises NotReady: while it is being processed, or when it could not be read.
    :raises ReviewMissing: when the company requires a second person's review and there was none, or it was of other
        days or people.
    :raises documents.windows.WindowReversed: when it would end before it begins.
    :raises documents.rights.UnknownValue: for a country or employment type that does not exist.
    :raises publishing.TimelineConflict: when it does not fit among the other versions; nothing is changed.
    """
    with _locked(version) as current:
        _refuse_unless(current, Publication.DRAFT, Publication.IN_REVIEW)
        if current.state != State.READY:
            raise NotReady("It has to be read and indexed first; see its state.")
        if context.current_tenant().requires_review and current.reviewed_at is None:
            raise ReviewMissing(
                "Your company publishes only what a second HR person has reviewed. Submit it for review first."
            )
        if context.current_tenant().requires_review and _is_beyond(current, window, applicability):
            raise ReviewMissing(
                "It was reviewed for other days or people. Change its days first and have that reviewed, too."
            )
        placement = _place(current, window=window, applicability=applicability)
        _record(current, verb="document.version_publish", reason=reason, placement=placement)
    version.refresh_from_db()
    return placement


def change_window(
    *,
    version: DocumentVersion,
    window: Window,
    applicability: Applicability | None = None,
    reason: str = "",
) -> Placement:
    """Give a version other days or other people. What a published one had ended early lasts as it was meant to again.

    A draft only remembers them. Without a first day, a published version keeps the one it has. Where the company
    requires a review, a published version only gets an earlier last day, and an approval of a version that gets more is
    void: one person alone would otherwise say from when and for whom a policy counts.

    :raises WrongPublication: when it is withdrawn.
    :raises ReviewMissing: when a review is required and a published version would get other days or people.
    :raises documents.windows.WindowReversed: when it would end before it begins.
    :raises documents.rights.UnknownValue: for a country or employment type that does not exist.
    :raises publishing.TimelineConflict: when it does not fit among the other versions; nothing is changed.
    """
    with _locked(version) as current:
        _refuse_unless(current, Publication.DRAFT, Publication.IN_REVIEW, Publication.PUBLISHED)
        is_beyond = context.current_tenant().requires_review and _is_beyond(current, window, applicability)
        if is_beyond and current.publication == Publication.PUBLISHED:
            raise ReviewMissing(
                "It is published, and your company publishes only what a second HR person has reviewed. Let it end "
                "earlier or withdraw it, or upload a new version with these days and people, which is then reviewed."
            )
        if current.publication == Publication.PUBLISHED and current.state == State.READY:
            if window.first is None:
                window = replace(window, first=current.effective_from)
            _move(current, source=(Publication.PUBLISHED,), target=Publication.DRAFT)
            publishing.give_room_back(version=current)
            placement = _place(current, window=window, applicability=applicability)
        else:
            _take_over(current, window=window, applicability=applicability)
            if is_beyond:
                current.reviewed_at, current.reviewed_by = None, ""
            current.save(update_fields=[*publishing.TIMELINE_FIELDS, "reviewed_at", "reviewed_by"])
            placement = Placement(window=window)
        _record(current, verb="document.version_window", reason=reason, placement=placement)
    version.refresh_from_db()
    return placement


def withdraw_version(*, version: DocumentVersion, reason: str) -> tuple[int, ...]:
    """Take a version back: no answer cites it from now on, for whatever day is asked, and employees cannot open it.

    The file and its audit trail stay; search copies go within one task run. One that has not begun gives its days back
    to the version that it would have ended; after one that was in force nothing comes back by itself. Returns the
    numbers of the versions that last longer again.

    :raises WrongPublication: when it is withdrawn already.
    """
    with _locked(version) as current:
        has_begun = current.effective_from is not None and current.effective_from <= context.local_today()
        _move(
            current,
            source=(Publication.DRAFT, Publication.IN_REVIEW, Publication.PUBLISHED),
            target=Publication.WITHDRAWN,
            withdrawn_at=timezone.now(),
            withdrawn_reason=reason[:500],
            ended_by=None,
        )
        longer = () if has_begun else publishing.give_room_back(version=current)
        # Nothing may bring it back by mistake: what it ended stays ended once it had begun.
        current.ended_versions.update(ended_by=None)  # type: ignore[attr-defined]
        standing.settle_standing_version(document=current.document, today=context.local_today())
        if current.state in DocumentVersion.FINAL:
            outbox.enqueue(kind=Outbox.Kind.FORGET_VERSION, target_id=current.pk)
        outbox.enqueue(kind=Outbox.Kind.REFILTER_DOCUMENT, target_id=current.document_id)
        _record(current, verb="document.version_withdraw", reason=reason)
    version.refresh_from_db()
    return longer


@contextmanager
def _locked(version: DocumentVersion) -> Iterator[DocumentVersion]:
    """The version as it is now, in a transaction that holds its document's lock."""
    try:
        with transaction.atomic():
            document = Document.objects.select_for_update().filter(pk=version.document_id, deleted_at=None).first()
            current = DocumentVersion.objects.filter(pk=version.pk).first() if document is not None else None
            if document is None or current is None:
                raise WrongPublication("The document was deleted meanwhile.")
            current.document = document
            yield current
    except IntegrityError as error:
        # The lock keeps two publications apart; the exclusion constraint is the last wall behind it.
        if "one_version_in_force" not in str(error):
            raise
        raise publishing.VersionsOverlap("Another version is in force on some of these days.") from error


def _is_beyond(version: DocumentVersion, window: Window | None, applicability: Applicability | None) -> bool:
    """Whether these are other people, another first day or a later last day than the version has."""
    has = Window(version.effective_from, version.intended_to if version.ended_by_id else version.effective_to)
    asked = window or has
    if applicability is not None and rights.checked_applicability(applicability) != rights.applicability_of(version):
        return True
    begins_elsewhere = asked.first is not None and has.first is not None and asked.first != has.first
    return begins_elsewhere or (has.last is not None and (asked.last is None or asked.last > has.last))


def _refuse_unless(version: DocumentVersion, *allowed: str) -> None:
    if version.publication not in allowed:
        raise WrongPublication(f"It is {version.get_publication_display().lower()}; this cannot be done now.")


def _move(version: DocumentVersion, *, source: tuple[str, ...], target: str, **changes: Any) -> None:
    moved = DocumentVersion.objects.filter(pk=version.pk, publication__in=source).update(publication=target, **changes)
    if not moved:
        version.refresh_from_db(fields=["publication"])
        _refuse_unless(version)
    for name, value in {"publication": target, **changes}.items():
        setattr(version, name, value)


def _place(version: DocumentVersion, *, window: Window | None, applicability: Applicability | None) -> Placement:
    _take_over(version, window=window, applicability=applicability)
    if version.effective_from is None:
        version.effective_from = context.local_today()
    version.published_by = version.published_by or _actor()
    placement = publishing.make_room(version=version)
    standing.settle_standing_version(document=version.document, today=context.local_today())
    return placement


def _take_over(version: DocumentVersion, *, window: Window | None, applicability: Applicability | None) -> None:
    if window is not None:
        window.checked()
        version.effective_from, version.effective_to = window.first, window.last
    if applicability is not None:
        applying.set_applicability(version=version, applicability=applicability)


def _actor() -> str:
    return actors.current_actor().label


def _record(version: DocumentVersion, *, verb: str, reason: str, placement: Placement | None = None) -> None:
    details: dict[str, Any] = {"version": version.number}
    if placement is not None:
        details |= {"from": str(placement.window.first or ""), "to": str(placement.window.last or "")}
        details |= {"ended": list(placement.ended), "replaced": list(placement.replaced)}
    audit.record(
        verb=verb, target=f"document:{version.document_id}", reason=reason, digest=version.sha256, details=details
    )
