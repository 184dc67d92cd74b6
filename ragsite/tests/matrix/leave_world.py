"""One of everything about leave that an id can name."""

from datetime import date
from decimal import Decimal
from typing import Any

from hr.models import (
    Employee,
    HolidayChange,
    LeaveDelegation,
    LeaveEntitlement,
    LeavePolicy,
    LeaveRequest,
    LeaveType,
    WorkingWeek,
)

# As the routes' parameters and the admin's models call them.
NAMES = (
    "request",
    "delegation",
    "leavetype",
    "leavepolicy",
    "holidaychange",
    "workingweek",
    "leaveentitlement",
    "leaverequest",
)

_MONDAY = date(date.today().year + 1, 3, 1)


def personal(employee: Employee) -> dict[str, Any]:
    """A waiting request, and the decisions passed on to a manager who does nothing else."""
    other, _ = Employee.objects.get_or_create(
        email="stand-in@leave.example",
        defaults={"employee_number": "STANDIN", "first_name": "S", "last_name": "In", "role": "manager"},
    )
    passed = LeaveDelegation.objects.create(manager=employee, delegate=other, first_day=_MONDAY, last_day=_MONDAY)
    return {"request": _request(employee).pk, "delegation": passed.pk}


def renumbered(ids: dict[str, Any], *, number: int) -> dict[str, Any]:
    """The same rows of `personal` under a number that the other company does not use."""
    LeaveRequest.objects.filter(pk=ids["request"]).update(id=number)
    LeaveDelegation.objects.filter(pk=ids["delegation"]).update(id=number)
    ids |= {"request": number, "delegation": number}
    return {"request": number, "delegation": number}


def stated(employee: Employee, **values: Any) -> dict[str, Any]:
    """What HR's pages name. `values` may set the ids."""
    kind = LeaveType.objects.create(code="matrix", name="Matrix", **values)
    policy = LeavePolicy.objects.create(country="FR", from_year=2026, annual_days=Decimal(25), **values)
    holiday = HolidayChange.objects.create(country="FR", day=date(2026, 6, 2), name="Matrix", **values)
    week = WorkingWeek.objects.create(employee=employee, **values)
    entitlement = LeaveEntitlement.objects.create(
        employee=employee, year=2026, days=Decimal(1), reason="Matrix", **values
    )
    another = {"id": values["id"] + 1} if values else {}
    return {
        "leavetype": kind.pk,
        "leavepolicy": policy.pk,
        "holidaychange": holiday.pk,
        "workingweek": week.pk,
        "leaveentitlement": entitlement.pk,
        "leaverequest": _request(employee, first_day=date(2026, 6, 1), last_day=date(2026, 6, 1), **another).pk,
    }


def _request(employee: Employee, **values: Any) -> LeaveRequest:
    fields = {"first_day": _MONDAY, "last_day": _MONDAY} | values
    return LeaveRequest.objects.create(
        employee=employee, leave_type=LeaveType.objects.get(code="unpaid"), days=Decimal(1), **fields
    )
