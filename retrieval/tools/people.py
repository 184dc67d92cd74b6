"""The person's own manager, department and record."""

import re
from collections.abc import Mapping
from typing import Any

from hr.leave.wording import amount, day
from hr.records import country_name
from hr.services import directory
from hr.services.leave.approvers import approver_name
from retrieval.tools.callers import Caller, links
from retrieval.tools.results import Row, ToolResult
from retrieval.tools.schema import Argument

MANAGER, DEPARTMENT = "my_manager", "my_department"
_LEAVE = (("My leave", "my-leave"),)
# Who decides in general; "who approved" asks for what happened to a request.
APPROVES = re.compile(
    r"\b(?:who|whom|which (?:person|manager)|whose)\b.*\b(?:approves?|approving|approval|decides?"
    r"|sign(?:s|ing)?(?: it)? off|okay|requests? go|authori[sz]es?|confirms?|grants?|have to ask)\b",
    re.I,
)
_COLLEAGUES = re.compile(r"\b(?:colleagues?|co-?workers?|team|who|people|mates?)\b", re.I)


MANAGER_ARGUMENTS = (Argument("approver", "flag", "Who decides on the asker's leave is what they want to know."),)
DEPARTMENT_ARGUMENTS = (
    Argument("fact", "text", "One fact of the record that is asked for, such as employee_number or grade."),
)
# What of the record is asked for, by the words that name it.
_FACTS = {
    "employee_number": ("Employee number", r"(?:employee|staff|personnel|payroll) (?:number|no|id)"),
    "department": ("Department", r"department|unit"),
    "site": ("Site", r"site|location"),
    "country": ("Country", r"country"),
    "employment": ("Employment", r"employment type|type of employment|full[ -]time|part[ -]time"),
    "working_days": ("Working days a week", r"(?:working )?days (?:a|per) week"),
    "grade": ("Grade", r"(?:pay |salary )?(?:grade|level|band)"),
    "since": ("Since", r"start(?:ed|ing)?(?: date)?|join(?:ed|ing)?|hired|hire date|since when"),
}


def read_approver(question: str, caller: Caller) -> dict[str, Any]:
    """Arguments of `manager`: whether who decides on leave is meant."""
    return {"approver": True} if APPROVES.search(question) else {}


def read_fact(question: str, caller: Caller) -> dict[str, Any]:
    """Arguments of `department`: the one fact that is asked for; none when it is several, or the colleagues."""
    if _COLLEAGUES.search(question):
        return {}
    named = [code for code, (_, words) in _FACTS.items() if re.search(rf"\b(?:{words})\b", question, re.I)]
    return {"fact": named[0]} if len(named) == 1 else {}


def manager(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """Who manages the person, and who manages that one; with `approver`, who decides on their leave."""
    title = "Your manager"
    if values.get("approver"):
        return _approver(caller)
    above = directory.managers_above(employee=caller.employee)
    if not above:
        return ToolResult(MANAGER, "empty", title, lines=("Your record names no manager. Please ask HR.",))
    lines = [f"Your manager is {above[0].name}, {above[0].email}."]
    lines += [f"{above[0].name} reports to {one.name}." for one in above[1:]]
    rows = [Row(title="Your record", facts=(("Manager", above[0].name), ("E-mail", above[0].email)))]
    return ToolResult(MANAGER, "done", title, lines=tuple(lines), rows=tuple(rows))


def _approver(caller: Caller) -> ToolResult:
    name = approver_name(employee=caller.employee, on=caller.today)
    row = Row(title="Your record", facts=(("Leave is decided by", name),))
    line = f"Your leave requests go to {name}."
    return ToolResult(MANAGER, "done", "Who decides on your leave", lines=(line,), rows=(row,), links=links(*_LEAVE))


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
    wanted = _FACTS.get(values.get("fact", ""))
    if wanted:
        label, value = wanted[0], dict(facts)[wanted[0]]
        line = f"{label} on your record: {value}." if value else f"Your record does not say: {label.lower()}. Ask HR."
        lines = [line]
    elif not employee.department:
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
