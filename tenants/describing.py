"""Companies behind the ids of the platform's audit log, for a page of the operators' console."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.urls import reverse

from audit.describing import Described
from tenants import context
from tenants.models import Tenant


def describe_labels(*, labels: Collection[str], user: Any, with_names: bool) -> dict[str, Described]:
    """Step of DESCRIBE_LABELS: companies, on the platform's host only. One query, none when none is named."""
    if context.has_tenant():
        own = context.current_tenant()
        return {f"tenant:{own.uuid}": Described(text="the company")}
    ids = {uuid for label in labels if label.startswith("tenant:") and (uuid := _uuid(label[7:])) is not None}
    rows = Tenant.objects.filter(uuid__in=ids).values_list("pk", "uuid", "name") if ids else ()
    return {
        f"tenant:{uuid}": Described(text=name, url=reverse("admin:tenants_tenant_change", args=(pk,)))
        for pk, uuid, name in rows
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
