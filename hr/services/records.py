"""A person's record: what HR keeps about them and can correct."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from audit import services as audit
from hr import access, records
from hr.models import Employee
from tenants import context, days

# These are kept in the login, too.
_OF_THE_LOGIN = ("email", "first_name", "last_name")


class EmailTaken(ValueError):
    """Another employee of this company already has the e-mail address."""


class NumberTaken(ValueError):
    """Another employee of this company already has the employee number."""


class ManagerCycle(ValueError):
    """The manager reports, directly or through others, to the very person whose manager they should become."""


class OnlyOwners(PermissionError):
    """Who is no owner would change what lets an owner in, or shuts them out."""


class EndsBeforeStart(ValueError):
    """The last day is before the first one."""


class RecordValues(TypedDict, total=False):
    """The values of a record; those left out stay as they are. Roles and deactivation have services of their own."""

    email: str
    employee_number: str
    first_name: str
    last_name: str
    department: str
    manager: Employee | None
    country: str
    site: str
    employment_type: str
    grade: str
    working_days_per_week: Decimal
    start_date: date | None
    end_date: date | None
    language: str


def update_record(
    *, employee: Employee, by: Employee | None = None, reason: str = "", **values: Unpack[RecordValues]
) -> tuple[str, ...]:
    """Correct a record, and the login that goes with it. Returns the names of the fields that changed.

    `by` decides what may be changed of an owner; None is the operator's shell, which may change all.

    What the person may read and which policies apply to them counts from their very next request: nothing keeps a copy
    of the record. One UPDATE, and no audit row when nothing changes.

    :raises EmailTaken: when somebody else has the address.
    :raises NumberTaken: when somebody else has the number.
    :raises ManagerCycle: when the new manager is the person, or reports to them.
    :raises OnlyOwners: when `by` may not change this of an owner, even if an owner's form was open until now.
    :raises EndsBeforeStart: when the last day would be before the first.
    :raises DayOutOfRange: for a day that cannot be meant; see tenants.days.
    """
    wanted: dict[str, Any] = dict(values)
    if "email" in wanted:
        wanted["email"] = wanted["email"].strip().lower()
    with transaction.atomic():
        if wanted.get("manager") is not None:
            lock_manager_tree()
        present = Employee.objects.select_for_update().get(pk=employee.pk)
        changed = tuple(name for name, value in wanted.items() if getattr(present, name) != value)
        _check_owner(present, changed, by)
        _check(present, {name: wanted[name] for name in changed})
        # Also when the record does not change: a login that went its own way is brought back.
        _follow_in_login(present, {name: wanted[name] for name in wanted if name in _OF_THE_LOGIN})
        if not changed:
            return ()
        Employee.objects.filter(pk=employee.pk).update(
            **{name: wanted[name] for name in changed}, updated_at=timezone.now()
        )
        audit.record(
            verb="employee.update", target=employee.actor_label, reason=reason, details={"changed": sorted(changed)}
        )
    employee.refresh_from_db()
    return changed


def lock_manager_tree() -> None:
    """Nobody else moves in the company's tree until the transaction ends: two moves at once could make a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"hr.manager_tree:{context.tenant_id()}"])


def check_manager(*, employee_id: int, manager: Employee) -> None:
    """Whether the person may report to `manager`. One query; under `lock_manager_tree` the answer lasts.

    :raises ManagerCycle: says who reports to whom.
    """
    if manager.pk == employee_id:
        raise ManagerCycle("Nobody can be their own manager.")
    if Employee.objects.below(employee_id).filter(pk=manager.pk).exists():
        raise ManagerCycle(f"{manager} already reports to this person, directly or through others.")


def check_days(values: Mapping[str, Any]) -> None:
    """Whether the first and the last day among the values can be, alone and together.

    :raises DayOutOfRange: for a day that cannot be meant.
    :raises EndsBeforeStart: when the last is before the first.
    """
    start_date, end_date = values.get("start_date"), values.get("end_date")
    days.check_day(start_date)
    days.check_day(end_date)
    if records.ends_before_start(start_date=start_date, end_date=end_date):
        raise EndsBeforeStart(f"The last day, {end_date}, is before the first, {start_date}.")


def _check_owner(present: Employee, changed: Sequence[str], by: Employee | None) -> None:
    guarded = [name for name in changed if name in access.OWNERS_FIELDS]
    if guarded and by is not None and not access.may_administer(by=by, employee=present):
        told = " and ".join(name.replace("_", " ") for name in guarded)
        raise OnlyOwners(f"Only an owner may change the {told} of an owner.")


def _check(present: Employee, changed: Mapping[str, Any]) -> None:
    others = Employee.objects.exclude(pk=present.pk)
    if {"start_date", "end_date"} & changed.keys():
        check_days({"start_date": present.start_date, "end_date": present.end_date, **changed})
    if "email" in changed:
        logins = User.objects.filter(username=changed["email"]).exclude(employee=present)
        if others.with_email(changed["email"]).exists() or logins.exists():
            raise EmailTaken("Somebody in this company already has this address.")
    if "employee_number" in changed and others.with_number(changed["employee_number"]).exists():
        raise NumberTaken("Somebody in this company already has this number.")
    if changed.get("manager") is not None:
        check_manager(employee_id=present.pk, manager=changed["manager"])


def _follow_in_login(present: Employee, names: Mapping[str, Any]) -> None:
    if not names or present.user_id is None:
        return
    login = dict(names)
    if "email" in login:
        login["username"] = login["email"]
    User.objects.filter(pk=present.user_id).update(**login)
