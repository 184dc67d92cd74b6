"""What the ask form offers beside the question: another day, and for HR another person."""

from typing import Any

from hr import access, attributes
from hr.access import key_of
from hr.models import Employee
from tenants import context


def choices(*, employee: Employee) -> dict[str, Any]:
    """For the ask form's template. One query, and only for those who may ask as somebody else."""
    today = context.local_today()
    if not access.may_manage_documents(employee):
        return {"today": today, "ask_as": None}
    known = set(Employee.objects.active().values_list("department", "country", "site"))
    countries = {key_of(country) for _, country, _ in known if country}
    return {
        "today": today,
        "ask_as": {
            "roles": Employee.Role.choices[:2],
            "departments": sorted({department for department, _, _ in known if department}),
            "countries": attributes.attributes(name="country", keys=countries),
            "sites": sorted({site for _, _, site in known if site}),
            "employment_types": Employee.EmploymentType.choices,
        },
    }
