"""What a message is about before anything is searched: something sensitive, the asker's own record, the documents."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval import followup
from retrieval.encoders import get_encoder
from retrieval.exemplars import NONE, phrasebook
from retrieval.models import Query
from retrieval.services import sealed_parts
from retrieval.tools import leave, people_meant
from retrieval.tools.intents import PHRASES, Intent, intent_of
from retrieval.topics.detecting import Alarm, alarm_of
from retrieval.topics.detecting import prepare as prepare_topics

# Where one message asks two things: "... and ...?", "...? ...".
_JOINED = re.compile(r"\s*[?;]\s+|\.\s+|,?\s+(?:and(?: also)?|but|also)\s+", re.I)
_CLAUSE_WORDS = 3
# A longer message is a story, in which single words say little of what is wanted; also a bound on the time it takes.
_HEARD_CHARS = 600
_MAX_CLAUSES = 6
_ASKS = re.compile(r"(?:who|what|when|where|why|which|how|can|could|may|do|does|is|are|am|will|would|should)\b", re.I)
_OF_RULE = re.compile(r"\b(?:can|may|could|should|must) (?:i|we|you)\b", re.I)
# Also a comma divides what is told from what is asked.
_TOLD = re.compile(r"\s*[?;.,:]\s+|,?\s+(?:and(?: also)?|but|also|so)\s+", re.I)
_RULES = {
    "harassment": "harassment policy",
    "grievance": "grievance procedure",
    "bereavement": "bereavement leave",
    "health": "sick leave",
    "redundancy": "redundancy and dismissal",
    "whistleblowing": "whistleblowing and reporting misconduct",
}
# Somebody who is ill today wants to know what to do; that is under sick leave.
_IS_SICK = re.compile(
    r"\b(?:i['’]?m|i am|i feel|feeling|fall|call(?:ing)? in|report\w*)\s+(?:\w+\s+){0,3}(?:sick|ill|unwell)\b(?! of\b)"
    r"|\bi(?:['’]ve| have|['’]ve got| have got| got| caught|['’]ve caught| have caught)"
    r" (?:an? |the )?(?:\w+ )?(?:flu|cold|fever|migraine)\b",
    re.I,
)
_FIGURES = re.compile(r"\b\d{1,4}[./-]\d{1,2}(?:[./-](?:\d{2,4})?)?(?!\d)")
_PRONOUN = re.compile(r"\b(?:them|they|these|those|it|this|that|one)\b", re.I)
# What a pronoun in the other half of a message stands for.
_SUBJECTS = {
    "leave_balance": "annual leave days",
    "leave_requests": "a leave request",
    "request_leave": "annual leave",
    "paystubs": "pay",
    "paystub_line": "pay",
    "my_manager": "manager",
    "my_department": "department",
    "team_absences": "absences",
}
# Nearer than this to a tool, the record alone answers; below, the documents are asked as well.
_SURE = 0.35
# What is left is the record's business; "how many days do I get?" can also be the policy's.
_OF_RECORD = re.compile(
    r"\b(?:left|remain\w*|balance|available|still|used|taken|accrued|carried|unused|booked|lapse|got)\b", re.I
)


@dataclass(frozen=True)
class Heard:
    """`tool`: whose result answers, or the label of somebody else's record; `none` when the documents do.

    `for_documents` is what they are asked, empty when nothing is. `asks_two_things`: that is a question of its own, so
    that it has to be said when the documents do not answer it.
    """

    alarm: Alarm | None
    tool: str
    for_documents: str
    asks_two_things: bool = False

    @property
    def wants_record(self) -> bool:
        return self.tool != NONE


def prepare() -> None:
    """Embed the example phrases in this process, about a second once."""
    phrasebook(PHRASES)
    prepare_topics()


def hear(*, question: str, vector: NDArray[np.float32], last: Query | None) -> Heard:
    """What `question` is about. `vector` is its embedding; `last` the question before it in the conversation.

    Under 1 ms; a message that asks two things costs the encoding of its parts.
    """
    if followup.is_small_talk(question):
        return Heard(alarm=None, tool=NONE, for_documents=question)
    text, vector = _without_figures(question, vector)
    alarm = alarm_of(question=text, vector=vector) or _alarm_before(question, last)
    if alarm is not None:
        return Heard(alarm=alarm, tool=NONE, for_documents=_rule_of(question, alarm) if alarm.with_policy else "")
    if len(question) > _HEARD_CHARS:
        return Heard(alarm=None, tool=NONE, for_documents=question)
    intent = intent_of(question=question, vector=vector)
    if intent.is_about_someone_else:
        return Heard(alarm=None, tool=intent.tool, for_documents="")
    clauses = _clauses(question) if people_meant.speaks_of_oneself(question) else []
    if len(clauses) > 1:
        return _of_clauses(question, intent, clauses)
    return _of_one(question, intent)


def _of_one(question: str, intent: Intent) -> Heard:
    """What a message is about that asks one thing."""
    if not intent.wants_record and _IS_SICK.search(question):
        return Heard(alarm=None, tool=NONE, for_documents=f"{question} (reporting sick leave)")
    return Heard(alarm=None, tool=intent.tool, for_documents="" if _is_sure(question, intent) else question)


def _without_figures(question: str, vector: NDArray[np.float32]) -> tuple[str, NDArray[np.float32]]:
    """The question with a day in the place of each date in figures: a model reads figures as anything."""
    text, count = _FIGURES.subn("Monday", question)
    return (text, get_encoder().encode_queries([text])[0]) if count else (question, vector)


def _of_clauses(question: str, whole: Intent, clauses: list[str]) -> Heard:
    vectors = get_encoder().encode_queries(clauses)
    intents = [intent_of(question=clause, vector=vector) for clause, vector in zip(clauses, vectors, strict=True)]
    others = [intent for intent in intents if intent.is_about_someone_else]
    if others:
        return Heard(alarm=None, tool=others[0].tool, for_documents="")
    wanting = [(clause, intent) for clause, intent in zip(clauses, intents, strict=True) if intent.wants_record]
    asking = [clause for clause, intent in zip(clauses, intents, strict=True) if not intent.wants_record]
    if not wanting:
        return _of_one(question, whole)
    tool = whole.tool if whole.wants_record else max((intent for _, intent in wanting), key=lambda i: i.margin).tool
    rest = " ".join(clause for clause in asking if not followup.is_small_talk(clause) and _asks(clause))
    if rest and followup.points_back(rest):
        rest = _with_subject(rest, tool)
    return Heard(alarm=None, tool=tool, for_documents=rest, asks_two_things=bool(rest))


def _with_subject(clause: str, tool: str) -> str:
    """ "Can I carry them over?" with what the other half of the message was about in the place of the pronoun."""
    subject = _SUBJECTS.get(tool, "")
    named, count = _PRONOUN.subn(subject, clause, count=1)
    return named if count else f"{clause} {subject}".strip()


def _is_sure(question: str, intent: Intent) -> bool:
    """Whether the record alone answers."""
    if intent.tool == leave.BALANCE and (_OF_RULE.search(question) or not _OF_RECORD.search(question)):
        return False
    return intent.wants_record and intent.margin >= _SURE


def _rule_of(question: str, alarm: Alarm) -> str:
    """What the documents are asked of a message that also tells: its asking halves, with the topic's name."""
    asking = [part for part in _parts(question) if _ASKS.match(part)]
    if len(asking) in (0, len(_parts(question))):
        return question
    rest, subject = " ".join(asking), _RULES[alarm.topic]
    return rest if subject.split()[0] in rest.casefold() else f"{rest} ({subject})"


def _parts(question: str) -> list[str]:
    return [part for part in (part.strip(" ?.,;") for part in _TOLD.split(question)) if part]


def _clauses(question: str) -> list[str]:
    """The parts of a message that could each be asked alone; the message itself when a part is too short for that."""
    parts = [part.strip(" ?.,;") for part in _JOINED.split(question)]
    parts = [part for part in parts if part]
    is_clear = len(parts) <= _MAX_CLAUSES and all(len(part.split()) >= _CLAUSE_WORDS for part in parts)
    return parts if is_clear else [question]


def _asks(clause: str) -> bool:
    return _ASKS.match(clause) is not None


def _alarm_before(question: str, last: Query | None) -> Alarm | None:
    """ "What should I do?" after something sensitive is still about that."""
    if last is None or last.outcome != Query.Outcome.SENSITIVE or not followup.points_back(question):
        return None
    parts = sealed_parts.opened(last)
    return Alarm(topic=parts.approved.topic, with_policy=False) if parts and parts.approved else None
