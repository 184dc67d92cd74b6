"""Passages, index generations, conversations, what was asked and answered, tools, and words on sensitive topics."""

from retrieval.models.conversations import Citation, Conversation, Feedback, Query
from retrieval.models.passages import Chunk, IndexGeneration
from retrieval.models.tools import AnswerRecord, ToolCall, ToolProposal
from retrieval.models.topics import SensitiveTopicText

__all__ = [
    "AnswerRecord",
    "Chunk",
    "Citation",
    "Conversation",
    "Feedback",
    "IndexGeneration",
    "Query",
    "SensitiveTopicText",
    "ToolCall",
    "ToolProposal",
]
