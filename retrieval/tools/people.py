"""The person's own manager, department and record."""

from collections.abc import Mapping
from typing import Any

from hr.leave.wording import amount, day
from hr.records import country_name
from hr.services import directory
from retrieval.tools.callers import Caller
from retrieval.tools.results import Row, ToolResult

MANAGER, DEPARTMENT = "my_manager", "my_department"


def manager(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """Who manages the person, and who manages that one."""
    title = "Your manager"
    above = directory.managers_above(employee=caller.employee)
    if not above:
        return ToolResult(MANAGER, "empty", title, lines=("Your record names no manager. Please ask HR.",))
    lines = [f"Your manager is {above[0].name}, {above[0].email}."]
    lines += [f"{above[0].name} reports to {one.name}." for one in above[1:]]
    rows = [Row(title="Your record", facts=(("Manager", above[0].name), ("E-mail", above[0].email)))]
    return ToolResult(MANAGER, "done", title, lines=tuple(lines), rows=tuple(rows))


def department(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """Where the person works according to their record, and with whom."""
    employee = caller.employee
    colleagues = directory.colleagues_of(employee=employee)
    facts = (
        ("Employee number", employee.employee_number),
        ("Department", employee.department),
        ("Site", employee.site),
        ("Country", country_name(employee.country)),
        ("Employment", employee.get_employment_type_display() if employee.employment_type else ""),
        ("Working days a week", amount(employee.working_days_per_week)),
        ("Grade", employee.grade),
        ("Since", day(employee.start_date) if employee.start_date else ""),
    )
    if not employee.department:
        lines = ["Your record names no department. Please ask HR."]
    elif not colleagues.count:
        lines = [f"You work in {employee.department}, and nobody else is recorded there."]
    else:
        names = ", ".join(one.name for one in colleagues.shown)
        more = colleagues.count - len(colleagues.shown)
        lines = [
            f"You work in {employee.department}, with {colleagues.count} "
            f"{'colleague' if colleagues.count == 1 else 'colleagues'}: {names}{f' and {more} more' if more else ''}."
        ]
    row = Row(title="Your record", facts=tuple((label, value) for label, value in facts if value))
    return ToolResult(DEPARTMENT, "done", "Your place at work", lines=tuple(lines), rows=(row,))
