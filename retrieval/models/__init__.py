"""Passages, index generations, conversations, and what was asked and answered."""

from retrieval.models.conversations import Citation, Conversation, Feedback, Query
from retrieval.models.passages import Chunk, IndexGeneration

__all__ = ["Chunk", "Citation", "Conversation", "Feedback", "IndexGeneration", "Query"]
