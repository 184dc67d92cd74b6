"""Incidents, contacts and saved filters for the matrix."""

from typing import Any

from ragsite.incidents import services as incidents
from ragsite.models import OnCallContact
from ragsite.saved_filters.models import SavedFilter
from tenants.models import Tenant

NAMES = ("incident", "step", "oncallcontact", "filter")


def saved(*, user_id: int, page: str, first_id: int = 0) -> dict[str, Any]:
    """Somebody's own filter; `first_id` moves its number away from those of other companies.

    Numbers are long, so that two answers can be compared without them.
    """
    row = SavedFilter(owner_id=user_id, page=page, name="Mine", query="q=example")
    row.pk = (first_id or 5_000_000) + user_id
    row.save(force_insert=True)
    return {"filter": row.pk}


def platforms(company: Tenant) -> dict[str, Any]:
    """An open incident with its first step, and a contact."""
    incident = incidents.open_incident(
        title="Of the matrix", kind="leak", severity="high", summary="", companies=[company]
    )
    contact = OnCallContact.objects.create(kind="on_call", name="Of the matrix", reach="+00 1")
    step = incident.steps.order_by("ordinal").first()
    assert step is not None
    return {"incident": incident.pk, "step": step.pk, "oncallcontact": contact.pk}
