"""The person's own requests for leave: their states, what is on record of one kind, and where they are cancelled."""

import re
from collections.abc import Mapping
from typing import Any

from hr.leave.wording import days_of, span
from hr.models import LeaveRequest
from hr.services import leave
from retrieval.tools import dates, windows
from retrieval.tools.callers import Caller, links
from retrieval.tools.results import Row, ToolResult
from retrieval.tools.schema import Argument

REQUESTS = "leave_requests"
_PAGES = (("My leave", "my-leave"),)
_SHOWN_REQUESTS = 10
# Who speaks of days on which they were ill.
SICK = re.compile(r"\b(?:sick|ill|illness|unwell)\b", re.I)
# Who wants leave undone that they asked for.
CANCELS = re.compile(
    r"\b(?:cancel\w*|withdraw\w*|take back|call off|revoke|undo)\b"
    r"|\bdon['’]t (?:want|need)\b.*\b(?:any ?more|any longer)\b|\bno longer (?:want|need)\b",
    re.I,
)

REQUESTS_ARGUMENTS = (
    Argument("leave_type", "text", "Code of the kind of leave to count, such as sick; left out, the newest of all."),
    Argument("first_day", "day", "Beginning of the time to count in."),
    Argument("last_day", "day", "End of that time."),
    Argument("cancel", "flag", "The asker wants to cancel leave: shows where that is done, cancels nothing."),
)


def read_which(question: str, caller: Caller) -> dict[str, Any]:
    """Arguments of `requests`: a kind of leave, and for a count the time; for a cancellation the day it is about."""
    if CANCELS.search(question):
        period = dates.read_period(text=question, today=caller.today)
        return {"cancel": True} | ({"first_day": period.first_day, "last_day": period.last_day} if period else {})
    kinds = {kind.code for kind in leave.types_on_offer()}
    if not SICK.search(question) or "sick" not in kinds:
        return {}
    window = windows.read_past(text=question, today=caller.today)
    return {"leave_type": "sick"} | ({"first_day": window.first, "last_day": window.last} if window else {})


def requests(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """The person's own requests, newest first, with their states."""
    title = "Your leave requests"
    if values.get("cancel"):
        return _cannot_cancel(caller, values)
    if "leave_type" in values:
        return _of_kind(caller, values)
    rows = list(leave.requests_of(employee=caller.employee)[: _SHOWN_REQUESTS + 1])
    if not rows:
        return ToolResult(REQUESTS, "empty", title, lines=("You have no leave requests.",), links=links(*_PAGES))
    coming = [row for row in rows if row.last_day >= caller.today and row.state in ("requested", "approved")]
    waiting = [row for row in coming if row.state == "requested"]
    lines = []
    if coming:
        nearest = min(coming, key=lambda row: row.first_day)
        lines.append(
            f"Next is {nearest.leave_type.name.lower()}, {span(nearest.first_day, nearest.last_day)}: "
            f"{nearest.get_state_display().lower()}."
        )
    else:
        lines.append("You have no leave ahead.")
    lines.append("Nothing waits for a decision." if not waiting else f"{len(waiting)} waiting for a decision.")
    if len(rows) > _SHOWN_REQUESTS:
        lines.append(f"Shown are the newest {_SHOWN_REQUESTS}.")
    return ToolResult(
        REQUESTS,
        "done",
        title,
        lines=tuple(lines),
        rows=tuple(request_row(row) for row in rows[:_SHOWN_REQUESTS]),
        links=links(*_PAGES),
    )


def _of_kind(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """What is on record of one kind, counted: requests that touch the time, each with all of its days."""
    kind = leave.types_on_offer().filter(code=values["leave_type"]).first()
    name = kind.name if kind else values["leave_type"]
    title = f"Your leave on record: {name.lower()}"
    found = [row for row in _within(caller, values) if row.leave_type.code == values["leave_type"]]
    found = [row for row in found if row.state == "approved"]
    first, last = values.get("first_day"), values.get("last_day")
    when = f" in the time of {span(first, last)}" if first and last else ""
    if not found:
        line = f"Nothing of the kind is on your record{when}."
        return ToolResult(REQUESTS, "empty", title, lines=(line,), links=links(*_PAGES))
    total = sum((row.days for row in found), start=found[0].days - found[0].days)
    entries = "1 entry" if len(found) == 1 else f"{len(found)} entries"
    lines = [f"{name}: {days_of(total)} on your record{when}, in {entries}."]
    if len(found) > _SHOWN_REQUESTS:
        lines.append(f"Shown are the newest {_SHOWN_REQUESTS}.")
    rows = tuple(request_row(row) for row in found[:_SHOWN_REQUESTS])
    return ToolResult(REQUESTS, "done", title, lines=tuple(lines), rows=rows, links=links(*_PAGES))


def _cannot_cancel(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """Where leave is cancelled, with the requests that are meant. Nothing is changed."""
    meant = [row for row in _within(caller, values) if row.state in ("requested", "approved")]
    meant = [row for row in meant if row.last_day >= caller.today]
    lines = ["I cannot cancel leave. Open My leave and choose Cancel beside the request; nothing has changed yet."]
    if not meant:
        lines.append(
            "You have no leave on that day." if values.get("first_day") else "You have no leave ahead to cancel."
        )
    rows = tuple(request_row(row) for row in meant[:_SHOWN_REQUESTS])
    return ToolResult(REQUESTS, "done", "Cancelling leave", lines=tuple(lines), rows=rows, links=links(*_PAGES))


def _within(caller: Caller, values: Mapping[str, Any]) -> list[LeaveRequest]:
    """The person's requests that touch the time, newest first; all without one."""
    found = list(leave.requests_of(employee=caller.employee))
    if "first_day" not in values:
        return found
    first, last = values["first_day"], values.get("last_day") or values["first_day"]
    return [row for row in found if row.first_day <= last and first <= row.last_day]


def request_row(row: LeaveRequest) -> Row:
    """A request as a row of the record."""
    facts = [
        ("Days", span(row.first_day, row.last_day)),
        ("Counted", days_of(row.days)),
        ("State", row.get_state_display()),
    ]
    if row.state in ("approved", "rejected") and row.decided_by:
        facts.append(("Decided by", str(row.decided_by)))
    return Row(title=f"{row.leave_type.name} (request {row.pk})", facts=tuple(facts))
