"""Ask a question, get a stored, cited answer or an honest abstention.

search -> confidence -> abstain or ask back, or write from the passages only -> verify -> check access again -> store
and audit.
"""

from retrieval.services.asking.answering import ask
from retrieval.services.asking.questions import QuestionEmpty, QuestionTooLong, clean_question, digest_of
from retrieval.services.asking.runs import (
    AsOfInFuture,
    SearchUnavailable,
    UnknownAttribute,
    reach_of,
    standpoint_details,
)
from retrieval.services.asking.storing import AskFailed
from retrieval.services.asking.streaming import ask_streaming
from retrieval.services.conversations import ConversationNotFound

__all__ = [
    "AsOfInFuture",
    "AskFailed",
    "ConversationNotFound",
    "QuestionEmpty",
    "QuestionTooLong",
    "SearchUnavailable",
    "UnknownAttribute",
    "ask",
    "ask_streaming",
    "clean_question",
    "digest_of",
    "reach_of",
    "standpoint_details",
]
