"""The console's pages on the assistant: answers and reports on them, sensitive topics, calls of tools."""

from retrieval.admin.answers import AnswerAdmin
from retrieval.admin.reports import ReportAdmin
from retrieval.admin.tool_calls import ToolCallAdmin
from retrieval.admin.topics import SensitiveTopicAdmin

__all__ = ["AnswerAdmin", "ReportAdmin", "SensitiveTopicAdmin", "ToolCallAdmin"]
