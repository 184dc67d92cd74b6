"""{% saved_filters cl %}: a person's own filters above a list, and the form that keeps the present one."""

from typing import Any

from django import template

from ragsite.saved_filters import services
from ragsite.saved_filters.models import SavedFilter

register = template.Library()


@register.inclusion_tag("admin/parts/saved_filters.html", takes_context=True)
def saved_filters(context: dict[str, Any], cl: Any) -> dict[str, Any]:
    """One query."""
    request = context["request"]
    page = f"{cl.opts.app_label}_{cl.opts.model_name}"
    present = services.normalised(request.META.get("QUERY_STRING", ""))
    rows = SavedFilter.objects.filter(owner_id=request.user.pk, page=page).order_by("name", "pk")
    mine = [{"row": row, "is_present": row.query == present} for row in rows]
    return {
        "mine": mine,
        "page": page,
        "present": present,
        "can_save": bool(present) and not any(one["is_present"] for one in mine),
        "csrf_token": context.get("csrf_token"),
        "list_path": request.path,
    }
