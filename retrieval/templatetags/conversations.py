"""What the side bar of every employee page shows."""

from typing import Any

from django import template

from retrieval import readers
from retrieval.models import Conversation

register = template.Library()

register.simple_tag(readers.readers_of)
register.simple_tag(readers.before_asking)

SIDE_BAR_CONVERSATIONS = 20


@register.simple_tag(takes_context=True)
def recent_conversations(context: dict[str, Any]) -> list[Conversation]:
    """The signed-in person's latest conversations. One query."""
    scope = getattr(context.get("request"), "scope", None)
    if scope is None:
        return []
    return list(Conversation.objects.owned_by(scope).order_by("-updated_at", "pk")[:SIDE_BAR_CONVERSATIONS])
