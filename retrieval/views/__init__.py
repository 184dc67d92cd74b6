"""The employee pages."""

from retrieval.views.asking import home, stream
from retrieval.views.conversations import conversation, conversation_list, delete_conversation, rename_conversation
from retrieval.views.feedback import feedback
from retrieval.views.passages import document, original, passage

__all__ = [
    "conversation",
    "conversation_list",
    "delete_conversation",
    "document",
    "feedback",
    "home",
    "original",
    "passage",
    "rename_conversation",
    "stream",
]
