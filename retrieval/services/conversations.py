"""A person's own conversations, and their judgement of an answer."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit import services as audit
from hr.access import Scope
from hr.models import Employee
from retrieval.models import Conversation, Feedback, Query

_MAX_TITLE_CHARS = 200


class ConversationNotFound(LookupError):
    """There is no such conversation of this person: missing and foreign are the same."""


class QueryNotFound(LookupError):
    """There is no such question of this person: missing and foreign are the same."""


def record_list(*, scope: Scope, count: int) -> None:
    """Record that the person is shown their conversations."""
    audit.record_read(verb="conversation.list", target=f"employee:{scope.employee_id}", details={"count": count})


def record_reading(*, conversation_id: UUID, answers: int) -> None:
    """Record that the person is shown a conversation of theirs."""
    audit.record_read(verb="conversation.read", target=f"conversation:{conversation_id}", details={"answers": answers})


class AlreadyHandled(Exception):
    """The report was dealt with before."""

    def __init__(self) -> None:
        super().__init__("Somebody has dealt with this report already.")


class NotShareable(ValueError):
    """What was written about something sensitive is shared with nobody."""

    def __init__(self) -> None:
        super().__init__("This message stays with you. Please turn to the contact named in the answer.")


def rename_conversation(*, conversation_id: UUID, scope: Scope, title: str) -> None:
    """Give a conversation another title; an empty one is ignored.

    :raises ConversationNotFound: when it is not this person's.
    """
    title = " ".join(title.replace("\x00", "").split())[:_MAX_TITLE_CHARS]
    with transaction.atomic():
        own = Conversation.objects.owned_by(scope).filter(pk=conversation_id)
        if not own.exists():
            raise ConversationNotFound
        if title:
            own.update(title=title)
            audit.record(verb="conversation.rename", target=f"conversation:{conversation_id}")


def delete_conversation(*, conversation_id: UUID, scope: Scope) -> None:
    """Delete a conversation with its questions, answers and feedback. The audit rows stay; they hold no text.

    :raises ConversationNotFound: when it is not this person's.
    """
    with transaction.atomic():
        deleted, _ = Conversation.objects.owned_by(scope).filter(pk=conversation_id).delete()
        if not deleted:
            raise ConversationNotFound
        audit.record(verb="conversation.delete", target=f"conversation:{conversation_id}")


def give_feedback(
    *,
    query_id: UUID,
    scope: Scope,
    rating: str,
    comment: str = "",
    is_hallucination: bool = False,
    share: bool = False,
) -> Feedback:
    """Record or change this person's judgement of their answer; HR has to deal with it anew.

    `share`: HR may read the question, its answer and the comment, as far as the company's rule allows it at all.

    :raises QueryNotFound: when the question is not theirs.
    :raises NotShareable: when it may not be shared.
    """
    with transaction.atomic():
        query = _own_query(query_id, scope)
        if share:
            _set_lane(query, Query.Lane.SHARED)
        feedback, _ = Feedback.objects.update_or_create(
            query=query,
            defaults={
                "rating": rating,
                "comment": comment.replace("\x00", "")[:2000],
                "is_hallucination": is_hallucination,
                "handled_at": None,
                "handled_by": "",
            },
        )
        details = {"rating": rating, **({"lane": query.lane} if share else {})}
        audit.record(verb="answer.feedback", target=f"query:{query_id}", details=details)
    return feedback


def handle_feedback(*, feedback_id: int, by: Employee, reason: str) -> None:
    """Somebody of HR has dealt with a report.

    :raises AlreadyHandled: when somebody else was there first.
    """
    with transaction.atomic():
        waiting = Feedback.objects.filter(pk=feedback_id, handled_at__isnull=True)
        if not waiting.update(handled_at=timezone.now(), handled_by=by.actor_label):
            raise AlreadyHandled
        audit.record(verb="feedback.handle", target=f"feedback:{feedback_id}", reason=reason)


def choose_lane(*, query_id: UUID, scope: Scope, lane: str) -> Query:
    """The asker's say in who may read one of their questions; it counts from the next look on.

    :raises QueryNotFound: when it is not theirs.
    :raises NotShareable: when it may not be shared.
    """
    with transaction.atomic():
        query = _own_query(query_id, scope)
        _set_lane(query, lane)
        audit.record(verb="question.lane", target=f"query:{query_id}", details={"lane": query.lane})
    return query


def own_query(*, query_id: UUID, scope: Scope) -> Query:
    """A question of this person, with how it came about. One query.

    :raises QueryNotFound: when it is not theirs.
    """
    query: Query | None = Query.objects.owned_by(scope).select_related("trace").filter(pk=query_id).first()
    if query is None:
        raise QueryNotFound
    return query


def _own_query(query_id: UUID, scope: Scope) -> Query:
    query: Query | None = Query.objects.owned_by(scope).select_for_update().filter(pk=query_id).first()
    if query is None:
        raise QueryNotFound
    return query


def _set_lane(query: Query, lane: str) -> None:
    # No row for this refusal: who may read the log must not learn that the message was a sensitive one.
    if lane == Query.Lane.SHARED and query.outcome == Query.Outcome.SENSITIVE:
        raise NotShareable
    query.lane = lane
    query.save(update_fields=["lane"])
