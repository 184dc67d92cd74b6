"""People: hire, correct, promote, shut out and let in. Every function writes its audit row in the same transaction."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from audit import services as audit
from hr.models import Employee
from hr.services.roles import apply_role


class EmailTaken(ValueError):
    """Another employee of this company already has the e-mail address."""


class LastOwner(ValueError):
    """The company would be left without an active person who can administer it."""


def create_employee(
    *, email: str, first_name: str, last_name: str, role: str, employee_number: str = "", password: str | None = None
) -> Employee:
    """Add a person with a login. Without a password the login cannot be used until its one-time link was.

    :raises EmailTaken: when the address is in use.
    """
    email = email.strip().lower()
    with transaction.atomic():
        if Employee.objects.with_email(email).exists() or User.objects.filter(username=email).exists():
            raise EmailTaken(email)
        user = User.objects.create_user(
            username=email, email=email, password=password, first_name=first_name, last_name=last_name
        )
        employee = Employee.objects.create(
            user=user,
            employee_number=employee_number or _next_number(),
            email=email,
            first_name=first_name,
            last_name=last_name,
            role=role,
        )
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


def reactivate(*, employee: Employee, reason: str = "") -> None:
    """Let a deactivated person in again."""
    with transaction.atomic():
        Employee.objects.filter(pk=employee.pk).update(is_active=True, token_version=F("token_version") + 1)
        employee.refresh_from_db()
        audit.record(verb="employee.reactivate", target=employee.actor_label, reason=reason)


def rename_employee(*, employee: Employee, first_name: str, last_name: str) -> None:
    """Correct a person's names, in the record and in their login."""
    with transaction.atomic():
        Employee.objects.filter(pk=employee.pk).update(first_name=first_name, last_name=last_name)
        User.objects.filter(employee=employee).update(first_name=first_name, last_name=last_name)
        audit.record(verb="employee.rename", target=employee.actor_label)


def _next_number() -> str:
    last = Employee.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return f"E{last + 1:05d}"


def _check_not_last_owner(employee: Employee) -> None:
    others = Employee.objects.select_for_update().active().filter(role=Employee.Role.CEO).exclude(pk=employee.pk)
    if not others.exists():
        raise LastOwner("the company needs at least one active owner")
