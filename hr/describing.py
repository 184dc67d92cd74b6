"""Names behind the pseudonyms of the audit log, for a page that HR reads; nothing of this is stored."""

from collections.abc import Collection
from typing import Any

from django.urls import reverse

from audit.describing import Described
from hr import access
from hr.models import Employee
from tenants import context

_PREFIX = "employee:"


def describe_labels(*, labels: Collection[str], user: Any, with_names: bool) -> dict[str, Described]:
    """Step of DESCRIBE_LABELS: people, for those who may see everybody's record. One query, none when none is named."""
    if not with_names or not context.has_tenant():
        return {}
    reader = getattr(user, "employee", None)
    if reader is None or not access.may_manage_people(reader):
        return {}
    ids = {int(number) for label in labels if (number := label.removeprefix(_PREFIX)) != label and _is_id(number)}
    people = Employee.objects.filter(pk__in=ids).only("first_name", "last_name", "role") if ids else ()
    return {
        person.actor_label: Described(
            text=f"{person} ({person.get_role_display()})", url=reverse("admin:hr_employee_change", args=(person.pk,))
        )
        for person in people
    }


def person_field() -> Any:
    """Step of FIND_PERSON: a field that looks for people by name; None where there are none."""
    return Employee._meta.get_field("manager") if context.has_tenant() else None


def _is_id(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 19
