"""One question on its way: who asks, from which standpoint, in which conversation."""

import time
import uuid
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from hr import access, attributes
from hr.models import Employee
from retrieval import followup, generation
from retrieval.answers import Channel, Standpoint
from retrieval.models import Conversation, Query
from retrieval.search import Stopwatch
from retrieval.services.asking.questions import clean_question
from retrieval.services.conversations import ConversationNotFound
from retrieval.tools.results import ToolResult
from retrieval.topics.texts import ApprovedText
from tenants import context

_TITLE_CHARS = 80
# Questions of a conversation among which the last complete one is looked for.
_LOOKED_BACK = 20
_MAX_KEY_CHARS = 100


class SearchUnavailable(RuntimeError):
    """Neither vectors nor the lexical index can be asked. Try again later (503)."""


class AsOfInFuture(ValueError):
    """What will be in force is for those who publish it; others ask about today and the past."""


class UnknownAttribute(ValueError):
    """An assumption about something that no policy depends on."""


@dataclass
class Run:
    """One question on its way.

    `scope` is the asker's own, which decides whose conversation it is. `reach` is what is searched with: the same, on
    the standpoint's day, or the synthetic person's. `previous` is the last question of the conversation that was
    complete by itself, `searched_for` the reading of this one that was chosen. `last` is the question just before,
    when this one points back. `for_documents` is what the documents are asked, empty when nothing is; `results` and
    `approved` are what else answers. `model` is the language model that was asked, `usage` what it cost.
    """

    question: str
    employee: Employee
    scope: access.Scope
    reach: access.Scope
    standpoint: Standpoint
    conversation: Conversation
    previous: str | None
    query_id: UUID = field(default_factory=uuid.uuid4)
    started: float = field(default_factory=time.perf_counter)
    watch: Stopwatch = field(default_factory=Stopwatch)

    searched_for: str = ""
    last: Query | None = None
    embedding: Future[NDArray[np.float32]] | None = None
    for_documents: str = ""
    asks_two_things: bool = False
    results: list[ToolResult] = field(default_factory=list)
    approved: ApprovedText | None = None
    channel: Channel = "page"
    is_streamed: bool = False
    lane: str = Query.Lane.COMPANY
    model: str = ""
    usage: generation.Usage | None = None

    def spend(self, usage: generation.Usage) -> None:
        """Count what a round with the language model cost."""
        self.usage = usage if self.usage is None else self.usage + usage

    @property
    def is_answered_otherwise(self) -> bool:
        """Whether the answer has a part that needs no document."""
        return bool(self.results) or self.approved is not None


def begin(
    *,
    question: str,
    employee: Employee,
    conversation_id: UUID | None,
    standpoint: Standpoint,
    channel: Channel = "page",
    is_streamed: bool = False,
    keep_private: bool = False,
) -> Run:
    """A run for a question that can be asked.

    :raises QuestionEmpty, QuestionTooLong: for the words.
    :raises ConversationNotFound: when it is not this person's.
    :raises AsOfInFuture, UnknownAttribute, hr.access.ProfileNotAllowed: for the standpoint.
    """
    question = clean_question(question)
    scope = access.scope_of(employee)
    reach = reach_of(employee=employee, standpoint=standpoint)
    if conversation_id is None:
        conversation, previous = Conversation(employee=employee, title=question[:_TITLE_CHARS]), None
        last = None
    else:
        conversation = _own_conversation(scope, conversation_id)
        previous = _last_complete_question(conversation)
        last = _last_question(conversation) if followup.points_back(question) else None
    return Run(
        question=question,
        employee=employee,
        scope=scope,
        reach=reach,
        standpoint=standpoint,
        conversation=conversation,
        previous=previous,
        last=last,
        for_documents=question,
        channel=channel,
        is_streamed=is_streamed,
        lane=Query.Lane.PRIVATE if keep_private else Query.Lane.COMPANY,
    )


def reach_of(*, employee: Employee, standpoint: Standpoint) -> access.Scope:
    """What is searched with from this standpoint.

    :raises AsOfInFuture, UnknownAttribute, hr.access.ProfileNotAllowed: when it cannot be taken.
    """
    if standpoint.as_of and standpoint.as_of > context.local_today() and not access.may_manage_documents(employee):
        raise AsOfInFuture
    if standpoint.profile is not None:
        reach = access.scope_as(profile=standpoint.profile, by=employee, as_of=standpoint.as_of)
    else:
        reach = access.scope_of(employee, as_of=standpoint.as_of)
    assumed: dict[str, Any] = {f"assumed_{name}": _key(name, value) for name, value in standpoint.assumed.items()}
    return replace(reach, **assumed)


def standpoint_details(*, standpoint: Standpoint) -> dict[str, Any]:
    """What the audit log keeps of a standpoint: the day, and as whom HR asked."""
    details: dict[str, Any] = {}
    if standpoint.as_of:
        details["as_of"] = standpoint.as_of.isoformat()
    if standpoint.profile:
        details["asked_as"] = {name: value for name, value in asdict(standpoint.profile).items() if value}
    return details


def _key(name: str, value: str) -> str:
    if name not in attributes.NAMES:
        raise UnknownAttribute(name)
    return access.key_of(value)[:_MAX_KEY_CHARS]


def _own_conversation(scope: access.Scope, conversation_id: UUID) -> Conversation:
    known = Conversation.objects.owned_by(scope).filter(pk=conversation_id).first()
    if known is None:
        raise ConversationNotFound
    return known


def _last_complete_question(conversation: Conversation) -> str | None:
    """One step back to a question that was complete by itself: follow-ups of follow-ups do not pile up."""
    complete = conversation.queries.filter(searched_for="").exclude(outcome=Query.Outcome.SENSITIVE)
    complete = complete.order_by("-asked_at", "pk")[:_LOOKED_BACK]
    asked = (row.question for row in complete)
    return next((before for before in asked if not followup.is_small_talk(before)), None)


def _last_question(conversation: Conversation) -> Query | None:
    return conversation.queries.select_related("record__subject_key").order_by("-asked_at", "pk").first()
