"""Whether the side bar leads a person to their team's leave."""

from typing import Any

from django import template

from hr.services import leave

register = template.Library()


@register.simple_tag(takes_context=True)
def has_team(context: dict[str, Any]) -> bool:
    """The signed-in person decides on somebody's leave. Two queries at most, none for employees."""
    employee = getattr(context.get("request"), "employee", None)
    return employee is not None and leave.has_team(employee=employee)
