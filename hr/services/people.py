"""People: hire, promote, shut out and let in. Every function writes its audit row in the same transaction."""

from datetime import date
from typing import Unpack

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from audit import covering
from audit import services as audit
from hr.models import Employee
from hr.services.records import EmailTaken, NumberTaken, RecordValues, check_days
from hr.services.roles import apply_role
from tenants import context

log = structlog.get_logger(__name__)


class LastOwner(ValueError):
    """The company would be left without an active person who can administer it."""


class LastDayPassed(ValueError):
    """Somebody whose last day has passed cannot be let in again."""


def create_employee(*, role: str, password: str | None = None, **values: Unpack[RecordValues]) -> Employee:
    """Add a person with a login. Without a password the login cannot be used until its one-time link was.

    `values` needs the address and both names; without an employee number it gets the next free one.

    :raises EmailTaken: when the address is in use.
    :raises NumberTaken: when the employee number is, whatever its case.
    :raises EndsBeforeStart: when the last day is before the first.
    :raises DayOutOfRange: for a day that cannot be meant; see tenants.days.
    """
    check_days(values)
    email = values["email"] = values["email"].strip().lower()
    with transaction.atomic():
        if Employee.objects.with_email(email).exists() or User.objects.filter(username=email).exists():
            raise EmailTaken("Somebody in this company already has this address.")
        number = values["employee_number"] = values.get("employee_number") or _next_number()
        if Employee.objects.with_number(number).exists():
            raise NumberTaken("Somebody in this company already has this number.")
        user = User.objects.create_user(
            username=email,
            email=email,
            password=password,
            first_name=values["first_name"],
            last_name=values["last_name"],
        )
        employee = Employee.objects.create(user=user, role=role, **values)
        apply_role(employee)
        audit.record(verb="employee.create", target=employee.actor_label, details={"role": role})
    return employee


def change_role(*, employee: Employee, role: str, reason: str = "") -> None:
    """Give a person another role; it counts from their very next request.

    :raises LastOwner: when nobody else could administer the company.
    """
    with transaction.atomic():
        before = employee.role
        if before == Employee.Role.CEO and role != before:
            _check_not_last_owner(employee)
        Employee.objects.filter(pk=employee.pk).update(role=role, token_version=F("token_version") + 1)
        employee.refresh_from_db()
        apply_role(employee)
        audit.record(
            verb="employee.change_role",
            target=employee.actor_label,
            reason=reason,
            details={"from": before, "to": role},
        )
        covering.cover_at_once()


def deactivate(*, employee: Employee, reason: str = "") -> None:
    """Shut a person out from their next request on; the record stays.

    :raises LastOwner: when nobody else could administer the company.
    """
    with transaction.atomic():
        if employee.role == Employee.Role.CEO:
            _check_not_last_owner(employee)
        Employee.objects.filter(pk=employee.pk).update(is_active=False, token_version=F("token_version") + 1)
        employee.refresh_from_db()
        audit.record(verb="employee.deactivate", target=employee.actor_label, reason=reason)


def deactivate_leavers(*, today: date) -> int:
    """Shut out everybody whose last day has passed; how many. The only owner stays until there is another one.

    One query when nobody has left, and can be repeated at any time.
    """
    count = 0
    for employee in Employee.objects.active().filter(end_date__lt=today).order_by("pk"):
        try:
            deactivate(employee=employee, reason="the last day has passed")
            count += 1
        except LastOwner:
            log.warning("last_owner_has_left", employee=employee.pk)
    return count


def reactivate(*, employee: Employee, reason: str = "") -> None:
    """Let a deactivated person in again.

    :raises LastDayPassed: when their last day has passed; they would be shut out again at once.
    """
    if employee.end_date is not None and employee.end_date < context.local_today():
        raise LastDayPassed("Their last day has passed: correct it in the record first.")
    with transaction.atomic():
        Employee.objects.filter(pk=employee.pk).update(is_active=True, token_version=F("token_version") + 1)
        employee.refresh_from_db()
        audit.record(verb="employee.reactivate", target=employee.actor_label, reason=reason)


def _next_number() -> str:
    """E and five digits, after the newest row; further when somebody typed such a number by hand."""
    last = Employee.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    number = last + 1
    while Employee.objects.with_number(f"E{number:05d}").exists():
        number += 1
    return f"E{number:05d}"


def _check_not_last_owner(employee: Employee) -> None:
    others = Employee.objects.select_for_update().active().filter(role=Employee.Role.CEO).exclude(pk=employee.pk)
    if not others.exists():
        raise LastOwner("the company needs at least one active owner")
