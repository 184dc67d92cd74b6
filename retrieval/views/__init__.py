"""The employee pages."""

from retrieval.views.asking import home, stream
from retrieval.views.conversations import conversation, conversation_list, delete_conversation, rename_conversation
from retrieval.views.feedback import feedback
from retrieval.views.lanes import lane
from retrieval.views.passages import document, original, passage
from retrieval.views.proposals import confirm, leave_days

__all__ = [
    "confirm",
    "conversation",
    "conversation_list",
    "delete_conversation",
    "document",
    "feedback",
    "home",
    "lane",
    "leave_days",
    "original",
    "passage",
    "rename_conversation",
    "stream",
]
