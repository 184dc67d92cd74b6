"""Passages, index generations, conversations, what was asked and answered, tools, and words on sensitive topics."""

from retrieval.models.conversations import Citation, Conversation, Feedback, Query
from retrieval.models.passages import Chunk, IndexGeneration
from retrieval.models.tools import AnswerRecord, ToolCall, ToolProposal
from retrieval.models.topics import SensitiveTopicText
from retrieval.models.traces import AnswerTrace

__all__ = [
    "AnswerRecord",
    "AnswerTrace",
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
