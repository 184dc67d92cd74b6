"""One of everything about the assistant's tools that an id can name."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from hr.models import Employee
from retrieval.models import Query, SensitiveTopicText, ToolCall, ToolProposal

# As the admin's models call them.
NAMES = ("sensitivetopictext", "toolcall")


def proposed(*, employee: Employee, query: Query) -> dict[str, Any]:
    """Something that waits for the person's click."""
    now = timezone.now()
    proposal = ToolProposal.objects.create(
        id=uuid.uuid4(),
        query=query,
        employee=employee,
        tool="request_leave",
        arguments={},
        digest="1",
        created_at=now,
        expires_at=now + timedelta(minutes=15),
    )
    return {"proposal": proposal.pk}


def called(employee: Employee, **values: Any) -> dict[str, Any]:
    """A call of a tool, and the words on a topic, which every company has under the same numbers."""
    call = ToolCall.objects.create(
        employee=employee,
        tool="my_manager",
        arguments_digest="0",
        is_allowed=True,
        outcome="done",
        called_at=timezone.now(),
        **values,
    )
    topic = SensitiveTopicText.objects.order_by("pk").first()
    assert topic is not None
    return {"toolcall": call.pk} | ({} if values else {"sensitivetopictext": topic.pk})
