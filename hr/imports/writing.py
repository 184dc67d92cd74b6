"""Writing a checked plan: a few statements for thousands of people."""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, UNUSABLE_PASSWORD_SUFFIX_LENGTH
from django.contrib.auth.models import User
from django.db.models import F, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat

from audit import services as audit
from hr.imports.plan import Entry, Plan
from hr.models import Employee
from hr.services.roles import apply_roles

_BATCH_ROWS = 1000
_RECORD = (
    "email",
    "first_name",
    "last_name",
    "role",
    "department",
    "country",
    "site",
    "employment_type",
    "grade",
    "working_days_per_week",
    "start_date",
    "end_date",
    "language",
    "is_active",
    "updated_at",
)
# Whatever lets a person do more or less than before ends their tokens.
_ENDS_TOKENS = frozenset({"role", "active"})


def write_plan(*, plan: Plan, import_id: str) -> None:
    """Make new people with logins that have no password yet, and change the others. One audit row for each of them.

    The caller holds the transaction and the lock under which the plan was made. About 3 s for 10,000 people.
    """
    new = [entry for entry in plan.entries if entry.is_new]
    changed = [entry for entry in plan.entries if not entry.is_new and entry.changed]
    _create(new)
    _change(changed)
    _set_managers(plan, [*new, *changed])
    apply_roles([entry.employee for entry in [*new, *changed] if entry.is_new or "role" in entry.changed])
    audit.record_all(_audit_rows([*new, *changed], import_id))


def _create(entries: Sequence[Entry]) -> None:
    people = [entry.employee for entry in entries]
    logins = [
        User(
            username=person.email,
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            # Unusable, different for each: nothing is hashed, and an invitation's link is bound to it. As Django's
            # make_password(None), which takes half a second for every thousand.
            password=UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(UNUSABLE_PASSWORD_SUFFIX_LENGTH // 2),
        )
        for person in people
    ]
    User.objects.bulk_create(logins, batch_size=_BATCH_ROWS)
    for person, login in zip(people, logins, strict=True):
        person.user = login
    Employee.objects.bulk_create(people, batch_size=_BATCH_ROWS)


def _change(entries: Sequence[Entry]) -> None:
    people = [entry.employee for entry in entries]
    moving = [entry.employee for entry in entries if "email" in entry.changed]
    _free_addresses(moving)
    _upsert(people, fields=_RECORD)
    ids = [entry.employee.pk for entry in entries if _ENDS_TOKENS & set(entry.changed)]
    Employee.objects.filter(pk__in=ids).update(token_version=F("token_version") + 1)
    logins = []
    for entry in entries:
        person = entry.employee
        if person.user is not None and {"email", "first_name", "last_name"} & set(entry.changed):
            person.user.username = person.user.email = person.email
            person.user.first_name, person.user.last_name = person.first_name, person.last_name
            logins.append(person.user)
    User.objects.bulk_update(logins, ["username", "email", "first_name", "last_name"], batch_size=500)


def _free_addresses(people: Sequence[Employee]) -> None:
    """Two people may swap addresses; the unique index looks at each row by itself."""
    ids = [person.pk for person in people]
    passing = Concat(Value("moving-"), Cast("pk", CharField()), Value("@import.invalid"))
    Employee.objects.filter(pk__in=ids).update(email=passing)
    User.objects.filter(employee__in=ids).update(username=passing)


def _set_managers(plan: Plan, entries: Sequence[Entry]) -> None:
    """Last, because a manager may be a new person of the same file."""
    movers = [entry.employee for entry in entries if entry.employee.employee_number in plan.managers]
    wanted = {plan.managers[person.employee_number] for person in movers}
    ids = dict(Employee.objects.filter(employee_number__in=wanted).values_list("employee_number", "pk"))
    for person in movers:
        person.manager_id = ids.get(plan.managers[person.employee_number])
    _upsert(movers, fields=("manager",))


def _upsert(people: Sequence[Employee], *, fields: Iterable[str]) -> None:
    """INSERT ... ON CONFLICT DO UPDATE: bulk_update's CASE expressions take minutes for thousands of rows."""
    if people:
        Employee.objects.bulk_create(
            people, batch_size=_BATCH_ROWS, update_conflicts=True, unique_fields=["id"], update_fields=list(fields)
        )


def _audit_rows(entries: Iterable[Entry], import_id: str) -> list[audit.Entry]:
    rows = []
    for entry in entries:
        person = entry.employee
        details: dict[str, Any] = {"import": import_id}
        if entry.is_new:
            details["role"] = person.role
        else:
            details["changed"] = sorted(entry.changed)
        if not entry.is_new and "role" in entry.changed:
            details |= {"from": entry.role_before, "to": person.role}
        verb = "employee.create" if entry.is_new else "employee.update"
        rows.append(audit.Entry(verb=verb, target=person.actor_label, details=details))
    return rows
