"""What indexes, asks and answers. Other layers import this package and call its public names."""

from retrieval.services.asking import (
    AskFailed,
    AsOfInFuture,
    ConversationNotFound,
    QuestionEmpty,
    QuestionTooLong,
    SearchUnavailable,
    UnknownAttribute,
    ask,
    ask_streaming,
)
from retrieval.services.citing import cited_documents
from retrieval.services.confirming import ProposalNotFound, ProposalRefused, confirm
from retrieval.services.conversations import (
    AlreadyHandled,
    NotShareable,
    QueryNotFound,
    choose_lane,
    delete_conversation,
    give_feedback,
    handle_feedback,
    own_query,
    rename_conversation,
)
from retrieval.services.explaining import open_explanation
from retrieval.services.finding import find
from retrieval.services.hr_reading import NotForHr, open_conversation
from retrieval.services.indexing import (
    chunk_version,
    forget_version,
    index_version,
    provision_tenant,
    refilter_document,
)

__all__ = [
    "AlreadyHandled",
    "AsOfInFuture",
    "AskFailed",
    "ConversationNotFound",
    "NotForHr",
    "NotShareable",
    "ProposalNotFound",
    "ProposalRefused",
    "QueryNotFound",
    "QuestionEmpty",
    "QuestionTooLong",
    "SearchUnavailable",
    "UnknownAttribute",
    "ask",
    "ask_streaming",
    "choose_lane",
    "chunk_version",
    "cited_documents",
    "confirm",
    "delete_conversation",
    "find",
    "forget_version",
    "give_feedback",
    "handle_feedback",
    "index_version",
    "open_conversation",
    "open_explanation",
    "own_query",
    "provision_tenant",
    "refilter_document",
    "rename_conversation",
]
