"""Leave: what is left, and asking for more."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hr.leave.problems import LeaveRefused
from hr.leave.wording import amount, day, days_of, span
from hr.services import leave
from retrieval.tools import dates
from retrieval.tools.callers import Caller, links
from retrieval.tools.own_requests import request_row
from retrieval.tools.results import Missing, Row, ToolResult
from retrieval.tools.schema import Argument

_PAGES = (("My leave", "my-leave"),)
BALANCE, REQUEST = "leave_balance", "request_leave"

REQUEST_ARGUMENTS = (
    Argument("first_day", "day", "First day off."),
    Argument("last_day", "day", "Last day off; left out, it is the first day."),
    Argument("first_day_half", "flag", "Begins at noon of the first day."),
    Argument("last_day_half", "flag", "Ends at noon of the last day."),
    Argument("leave_type", "text", "Code of the kind of leave; left out, vacation."),
)


def balance(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """How many days are left on the day as of which is asked, with the computation."""
    title = "Your leave balance"
    try:
        found = leave.balance_of(employee=caller.employee, on=caller.day)
    except LeaveRefused as error:
        return ToolResult(BALANCE, "empty", title, lines=(str(error),), reason=error.code, links=links(*_PAGES))
    facts = [
        ("Leave for the year", days_of(found.entitlement)),
        ("Carried over", days_of(found.carried_over)),
        ("Taken", days_of(found.taken)),
        ("Approved and still to come", days_of(found.planned)),
        ("Waiting for a decision", days_of(found.pending)),
    ]
    if found.lapsed:
        facts.insert(2, ("Of that lapsed", days_of(found.lapsed)))
    if found.adjustments:
        facts.insert(1, ("Adjusted by HR", days_of(found.adjustments)))
    can = "could" if found.on < caller.today else "can"
    line = f"On {day(found.on)} you {can} still take {days_of(found.available)} of leave in {found.year}."
    return ToolResult(
        BALANCE,
        "done",
        title,
        lines=(line,),
        rows=(Row(title=f"Leave {found.year}", facts=tuple(facts)),),
        steps=found.steps,
        links=links(*_PAGES),
    )


def read_wish(question: str, caller: Caller) -> dict[str, Any]:
    """Arguments of a request for leave from somebody's words: what is certain and nothing else."""
    values: dict[str, Any] = {}
    words = question.casefold()
    for kind in leave.types_on_offer():
        if kind.code != "vacation" and (kind.name.casefold() in words or kind.code.replace("_", " ") in words):
            values["leave_type"] = kind.code
    period = dates.read_period(text=question, today=caller.today)
    if period:
        values |= {
            "first_day": period.first_day,
            "last_day": period.last_day,
            "first_day_half": period.first_day_half,
            "last_day_half": period.last_day_half,
        }
    return values


def propose(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """What a request would do. Nothing is written."""
    title = "Request leave"
    if "first_day" not in values:
        return ToolResult(
            REQUEST,
            "asked",
            title,
            lines=("Which days would you like to take off? Nothing has been requested yet.",),
            missing=_missing(values),
            links=links(*_PAGES),
        )
    preview = leave.preview_request(employee=caller.employee, wish=_wish(values))
    rows = [Row(title=f"Holiday, not counted: {name}", facts=(("Day", day(when)),)) for when, name in preview.holidays]
    rows += [
        Row(
            title=f"Balance {effect.year}",
            facts=(
                ("Before", days_of(effect.before.available)),
                ("This request", days_of(effect.days)),
                ("After", days_of(effect.after.available)),
            ),
        )
        for effect in preview.years
    ]
    if not preview.is_possible:
        return ToolResult(
            REQUEST,
            "asked",
            title,
            lines=("This cannot be requested.", *(problem.message for problem in preview.problems)),
            rows=tuple(rows),
            reason=preview.problems[0].code,
            missing=_missing(values),
            links=links(*_PAGES),
        )
    steps = tuple(f"{when:%a} {day(when)}: {amount(part)}" for when, part in preview.counted)
    return ToolResult(
        REQUEST, "proposed", title, lines=preview.summary, rows=tuple(rows), steps=steps, links=links(*_PAGES)
    )


def perform(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """Make the request that was shown. Audited by the service.

    :raises hr.leave.problems.LeaveRefused: when it is not possible any more.
    """
    made = leave.request_leave(employee=caller.employee, wish=_wish(values))
    when = span(made.first_day, made.last_day)
    line = f"Requested: {made.leave_type.name.lower()}, {when}, {days_of(made.days)}."
    return ToolResult(
        REQUEST,
        "done",
        "Leave requested",
        lines=(line, f"State: {made.get_state_display().lower()}."),
        rows=(request_row(made),),
        links=links(*_PAGES),
    )


def _wish(values: Mapping[str, Any]) -> leave.Wish:
    first: date = values["first_day"]
    return leave.Wish(
        first_day=first,
        last_day=values.get("last_day") or first,
        type_code=values.get("leave_type") or "vacation",
        first_day_half=values.get("first_day_half", False),
        last_day_half=values.get("last_day_half", False),
    )


def _missing(values: Mapping[str, Any]) -> Missing:
    first, last = values.get("first_day"), values.get("last_day")
    return Missing(
        first_day=first.isoformat() if first else "",
        last_day=last.isoformat() if last else "",
        types=tuple((kind.code, kind.name) for kind in leave.types_on_offer()),
    )
