"""Ask a question, get a stored, cited answer or an honest abstention."""

from collections.abc import Iterator
from uuid import UUID

from hr.models import Employee
from retrieval.answers import Answer, Event
from retrieval.services.conversations import ConversationNotFound

__all__ = ["ConversationNotFound", "ask", "ask_streaming"]


class QuestionEmpty(ValueError):
    """The question has no visible character."""


class QuestionTooLong(ValueError):
    """The question is longer than MAX_QUESTION_CHARS."""


class SearchUnavailable(RuntimeError):
    """Neither vectors nor the lexical index can be asked. Try again later (503)."""


class AskFailed(RuntimeError):
    """The answer could not be stored and audited, so it is not given."""


def ask(*, question: str, employee: Employee, conversation_id: UUID | None = None) -> Answer:
    """Answer from the documents that `employee` may read, store and audit it.

    Without `conversation_id` a new conversation begins.

    :raises QuestionEmpty, QuestionTooLong, ConversationNotFound, SearchUnavailable:
    """
    raise NotImplementedError


def ask_streaming(*, question: str, employee: Employee, conversation_id: UUID | None = None) -> Iterator[Event]:
    """The same as `ask`, told as it happens; the last event is `final` or `error`. Bad input raises before the first event.

    The iterator enters its tenant and actor by itself, because a streamed body is read after the middleware returned.
    """
    raise NotImplementedError
