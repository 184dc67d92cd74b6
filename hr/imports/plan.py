"""What an import would do: every row checked, alone and against the others, before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hr import access, records
from hr.imports import managers
from hr.imports.columns import read_heading
from hr.imports.problems import Problem
from hr.imports.resource import EmployeeResource
from hr.imports.sheets import Sheet
from hr.models import Employee

# An empty cell of these leaves an existing person's value alone; of all others it clears it.
_KEPT_WHEN_EMPTY = ("role", "working_days_per_week", "active")
_NEEDED = ("email", "first_name", "last_name")
_PLAIN = (
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
)


@dataclass
class Entry:
    """One row: the person as they will be. `changed` names the columns that differ from the database."""

    line: int
    employee: Employee
    is_new: bool
    values: Mapping[str, Any]
    changed: list[str] = field(default_factory=list)
    role_before: str = ""

    @property
    def is_leaving(self) -> bool:
        return "active" in self.changed and not self.employee.is_active


@dataclass
class Plan:
    """`entries` only counts when there are no `problems`."""

    rows: int
    ignored_columns: tuple[str, ...]
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    # Managers by employee number, of those entries whose manager changes; "" for none.
    managers: dict[str, str] = field(default_factory=dict)


def make_plan(*, sheet: Sheet, by: Employee | None, today: date) -> Plan:
    """Read every row and compare it with the company's people. One query, however many rows; writes nothing.

    `by` decides which roles may be given; None is the operator's shell, which may give all.

    :raises SheetRefused: when the heading cannot be used.
    """
    heading = read_heading(sheet.heading)
    plan = Plan(rows=len(sheet.rows), ignored_columns=heading.ignored)
    known = list(Employee.objects.select_related("user", "manager").order_by("pk"))
    rows = _read_rows(plan, sheet, heading.places)
    people = _People(known)
    for row in rows:
        _plan_row(plan, people, row, today)
    _check_addresses(plan, known)
    _check_rights(plan, by)
    managers.plan_managers(plan=plan, known=known)
    _check_an_owner_stays(plan, known)
    plan.problems.sort(key=lambda problem: (problem.line, problem.column))
    return plan


@dataclass(frozen=True)
class _Row:
    """The cells that could be read, and the columns of those that could not."""

    line: int
    values: Mapping[str, Any]
    bad: frozenset[str]


class _People:
    """The company's people by number; also by what is left of a number in careless hands."""

    def __init__(self, known: Sequence[Employee]) -> None:
        self.by_number = {person.employee_number: person for person in known}
        self.alike = {_careless(person.employee_number): person.employee_number for person in known}
        self.lines: dict[str, int] = {}
        # The first line with a number, whatever its case.
        self.twins: dict[str, int] = {}


def _careless(number: str) -> str:
    """Spreadsheets drop leading zeros, people mix cases."""
    return number.casefold().lstrip("0")


def _read_rows(plan: Plan, sheet: Sheet, places: Mapping[str, int]) -> list[_Row]:
    resource = EmployeeResource()
    rows = []
    for line, cells in sheet.rows:
        values: dict[str, Any] = {}
        for column, place in places.items():
            try:
                values[column] = resource.read_cell(column=column, text=cells[place] if place < len(cells) else "")
            except ValueError as error:
                plan.problems.append(Problem(line, column, str(error)))
        rows.append(_Row(line, values, frozenset(places.keys() - values.keys())))
    return rows


def _plan_row(plan: Plan, people: _People, row: _Row, today: date) -> None:
    line, values = row.line, row.values

    def refuse(column: str, reason: str) -> None:
        plan.problems.append(Problem(line, column, reason))

    number = values.get("employee_number")
    if number is None:
        return
    if not number:
        return refuse("employee_number", "Missing: by it a person is recognised.")
    if number in people.lines:
        return refuse("employee_number", f"{number} is also in line {people.lines[number]}.")
    people.lines[number] = line
    present = people.by_number.get(number)
    twin = people.twins.setdefault(number.casefold(), line)
    if present is None and twin != line:
        return refuse("employee_number", f"{number} is also in line {twin}, but for capitals: one person or two?")
    if present is None and _careless(number) in people.alike:
        meant = people.alike[_careless(number)]
        return refuse("employee_number", f"Is this {meant}? Write it exactly so (leading zeros are easily lost).")
    is_new = present is None
    employee = present or Employee(employee_number=number)
    entry = Entry(line=line, employee=employee, is_new=is_new, values=values, role_before=employee.role)
    for name in _NEEDED:
        if values.get(name) == "" or (is_new and name not in values and name not in row.bad):
            refuse(name, "Missing.")
    for name in _PLAIN:
        if name not in values or (name in _KEPT_WHEN_EMPTY and values[name] in ("", None)):
            continue
        if getattr(employee, name) != values[name]:
            setattr(employee, name, values[name])
            entry.changed.append(name)
    if records.ends_before_start(start_date=employee.start_date, end_date=employee.end_date):
        refuse("end_date", f"Is before the first day, {employee.start_date}.")
    _plan_state(entry, today, refuse)
    plan.entries.append(entry)


def _plan_state(entry: Entry, today: date, refuse: Any) -> None:
    """Leavers are shut out by `active` or by a last day that has passed. Nobody comes back without `active` = yes."""
    employee, said = entry.employee, entry.values.get("active")
    has_left = employee.end_date is not None and employee.end_date < today
    if said and has_left:
        return refuse("active", f"yes, but the last day, {employee.end_date}, has passed.")
    active = said if said is not None else employee.is_active and not has_left
    if employee.is_active != active:
        employee.is_active = active
        entry.changed.append("active")


def _check_addresses(plan: Plan, known: Sequence[Employee]) -> None:
    """Each address once, among the people as they will be: two may also swap theirs."""
    planned = {entry.employee.pk for entry in plan.entries if not entry.is_new}
    owners = {person.email.casefold(): "" for person in known if person.pk not in planned}
    lines: dict[str, int] = {}
    for entry in plan.entries:
        email = entry.employee.email.casefold()
        if not email:
            continue
        if email in lines:
            plan.problems.append(Problem(entry.line, "email", f"Is also in line {lines[email]}."))
        elif email in owners:
            plan.problems.append(Problem(entry.line, "email", "Somebody with another number has this address."))
        lines.setdefault(email, entry.line)


def _check_rights(plan: Plan, by: Employee | None) -> None:
    """The same rules as on the page of a person; see hr.access."""
    if by is None:
        return
    roles = access.roles_given_by(by)
    is_owner = Employee.Role.CEO in roles
    for entry in plan.entries:
        if entry.role_before == Employee.Role.CEO and not entry.is_new and not is_owner:
            for column in ("role", "active", *access.OWNERS_FIELDS):
                if column in entry.changed:
                    plan.problems.append(Problem(entry.line, column, "Only an owner may change this of an owner."))
        elif "role" in entry.changed and entry.employee.role not in roles:
            plan.problems.append(Problem(entry.line, "role", "Only an owner may make somebody an owner."))


def _check_an_owner_stays(plan: Plan, known: Sequence[Employee]) -> None:
    """`known` are the same objects as in the entries, so they show how it will be."""
    people = {id(person): person for person in [*known, *(entry.employee for entry in plan.entries)]}
    if any(person.is_active and person.role == Employee.Role.CEO for person in people.values()):
        return
    for entry in plan.entries:
        if entry.role_before == Employee.Role.CEO and ("role" in entry.changed or entry.is_leaving):
            column = "role" if "role" in entry.changed else "active"
            plan.problems.append(Problem(entry.line, column, "The company needs at least one active owner."))
