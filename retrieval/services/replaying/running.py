"""Ask a stored question again: the same person, standpoint and day, today's documents, rights, index and model.

Nothing is written into the person's conversation and no tool reads their record: only what came from the documents is
compared. Each replay leaves one audit row.
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from audit import services as audit
from hr import access
from hr.access import NoAccess, ProfileNotAllowed
from hr.models import Employee
from retrieval.answers import Standpoint
from retrieval.encoders import begin_query
from retrieval.models import AnswerTrace, Conversation, Query
from retrieval.services import explaining, hr_reading
from retrieval.services.asking import storing
from retrieval.services.asking.answering import current_threshold, from_documents
from retrieval.services.asking.hearing import hear
from retrieval.services.asking.runs import AsOfInFuture, Run, reach_of
from retrieval.services.hr_reading import NotForHr
from retrieval.services.replaying import comparing
from retrieval.services.replaying.comparing import CitedPlace, Side


class NotReplayable(Exception):
    """The question cannot be asked again. The message says why, in words for staff."""


@dataclass(frozen=True)
class Replay:
    """Then and now, and what differs. `changes` are sentences; empty when nothing of note does."""

    query_id: UUID
    as_of: date
    before: Side
    after: Side
    kept: tuple[CitedPlace, ...]
    lost: tuple[CitedPlace, ...]
    gained: tuple[CitedPlace, ...]
    changes: tuple[str, ...]
    answer: str = field(repr=False, default="")

    @property
    def is_same(self) -> bool:
        return not (self.lost or self.gained) and self.before.outcome == self.after.outcome


def replay_for_hr(*, query_id: UUID, by: Employee, reason: str) -> Replay:
    """For somebody of HR who may read the question. Who calls it records a refusal.

    :raises hr_reading.NotForHr: when they may not.
    :raises NotReplayable, asking.SearchUnavailable: when it cannot be asked again.
    """
    query = _stored(query_id)
    if query is None or not access.may_read_questions(by) or not hr_reading.is_readable(query):
        raise NotForHr
    return _recorded(query, reason=reason, viewer=access.scope_of(by))


def replay_for_operator(*, query_id: UUID, reason: str) -> Replay:
    """For an operator at the shell. What comes back names documents and figures; print no text of it unless HR could
    read it.

    :raises NotReplayable: also when there is no such question.
    :raises asking.SearchUnavailable: when nothing can be searched.
    """
    query = _stored(query_id)
    if query is None:
        raise NotReplayable("There is no such question in this company.")
    viewer = None
    if hr_reading.is_readable(query) and query.employee.is_active:
        viewer = access.scope_of(query.employee)
    return _recorded(query, reason=reason, viewer=viewer)


def _stored(query_id: UUID) -> Query | None:
    known = Query.objects.select_related("trace", "employee", "conversation")
    query: Query | None = known.filter(pk=query_id).first()
    return query


def _recorded(query: Query, *, reason: str, viewer: access.Scope | None) -> Replay:
    replay = _replay(query, viewer)
    with transaction.atomic():
        audit.record(
            verb="answer.replay",
            target=f"query:{query.pk}",
            reason=reason,
            details={
                "before": replay.before.outcome,
                "after": replay.after.outcome,
                "lost": len(replay.lost),
                "gained": len(replay.gained),
            },
        )
    return replay


def _replay(query: Query, viewer: access.Scope | None) -> Replay:
    trace: AnswerTrace | None = getattr(query, "trace", None)
    was_searched = bool(query.candidates) or (trace is not None and trace.generation is not None)
    if query.outcome == Query.Outcome.SENSITIVE or not query.question or not was_searched:
        # The same for all of them: who runs this must not learn which messages were about something sensitive.
        raise NotReplayable("This question cannot be asked again.")
    run = _run(query)
    threshold = current_threshold()
    written = None
    events = from_documents(run, threshold.value)
    while written is None:
        try:
            next(events)
        except StopIteration as ended:
            written = ended.value
    answer = storing.compose(run, written, threshold).answer
    considered = written.result.considered
    before = Side(
        outcome=explaining.shown_outcome(query),
        confidence=query.confidence,
        threshold=query.threshold,
        generator=query.generator,
        prompt_version=query.prompt_version,
        embed_model=query.embed_model,
        generation=trace.generation if trace else None,
        chunker=trace.chunker if trace else "",
    )
    after = Side(
        outcome=answer.outcome,
        confidence=answer.confidence,
        threshold=answer.threshold,
        generator=answer.generator,
        prompt_version=answer.prompt_version,
        embed_model=answer.embed_model,
        generation=considered.generation,
        chunker=considered.chunker,
    )
    found = {hit.id: rank for rank, hit in enumerate(considered.hits, start=1)}
    kept, lost, gained = comparing.compared(query, answer, run, found, viewer)
    return Replay(
        query_id=query.pk,
        as_of=run.reach.as_of,
        before=before,
        after=after,
        kept=kept,
        lost=lost,
        gained=gained,
        changes=tuple(comparing.changes(before=before, after=after, trace=trace, run=run)),
        answer=answer.text,
    )


def _run(query: Query) -> Run:
    """The question on its way once more, in no conversation and with nobody's record.

    :raises NotReplayable: when the person or the standpoint is no longer possible.
    """
    employee = query.employee
    profile = access.Profile(**query.profile) if query.profile else None
    standpoint = Standpoint(as_of=query.as_of, assumed=query.assumed, profile=profile, documents_only=True)
    try:
        scope, reach = access.scope_of(employee), reach_of(employee=employee, standpoint=standpoint)
    except NoAccess:
        raise NotReplayable("The person who asked has left; nobody has their rights today.") from None
    except ProfileNotAllowed:
        raise NotReplayable("The person who asked as somebody else may not do so any more.") from None
    except AsOfInFuture:
        raise NotReplayable("The question was about a day to come, which its asker may not ask about today.") from None
    before = Query.objects.filter(conversation=query.conversation, asked_at__lt=query.asked_at)
    complete = before.filter(searched_for="").exclude(outcome=Query.Outcome.SENSITIVE).order_by("-asked_at", "pk")
    previous = complete.values_list("question", flat=True).first() if query.searched_for else None
    run = Run(
        question=query.question,
        employee=employee,
        scope=scope,
        reach=reach,
        standpoint=standpoint,
        conversation=Conversation(employee=employee, title=""),
        previous=previous,
        for_documents=query.question,
    )
    run.embedding = begin_query(run.question)
    heard = hear(question=run.question, vector=run.embedding.result(), last=None)
    # What the record answers today is left to the record; the documents are asked what they were asked then.
    run.for_documents = heard.for_documents or query.searched_for or query.question
    return run
