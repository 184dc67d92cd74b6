"""A person's own conversations, and their judgement of an answer."""

from uuid import UUID

from django.db import transaction

from audit import services as audit
from hr.access import Scope
from retrieval.models import Conversation, Feedback, Query

_MAX_TITLE_CHARS = 200


class ConversationNotFound(LookupError):
    """There is no such conversation of this person: missing and foreign are the same."""


class QueryNotFound(LookupError):
    """There is no such question of this person: missing and foreign are the same."""


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
    *, query_id: UUID, scope: Scope, rating: str, comment: str = "", is_hallucination: bool = False
) -> Feedback:
    """Record or change this person's judgement of their answer.

    :raises QueryNotFound: when the question is not theirs.
    """
    with transaction.atomic():
        query = Query.objects.owned_by(scope).filter(pk=query_id).first()
        if query is None:
            raise QueryNotFound
        feedback, _ = Feedback.objects.update_or_create(
            query=query,
            defaults={
                "rating": rating,
                "comment": comment.replace("\x00", "")[:2000],
                "is_hallucination": is_hallucination,
            },
        )
        audit.record(verb="answer.feedback", target=f"query:{query_id}", details={"rating": rating})
    return feedback
