"""For managers: who of their team is away. What kind of reported absence it is stays with the person."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hr.leave.wording import span
from hr.services import leave
from retrieval.tools import windows
from retrieval.tools.callers import Caller, links
from retrieval.tools.results import Row, ToolResult
from retrieval.tools.schema import Argument

ABSENCES, DECISIONS = "team_absences", "team_decisions"
# Somebody who wants to decide on another person's leave.
DECIDES = re.compile(r"\b(?:approv(?:e|ing)|reject|decline|refuse|turn down|sign off|grant|decide)\b", re.I)
# Without a time in the question, what lies ahead: four weeks.
_DAYS_AHEAD = 28
_MAX_DAYS = 400
_SHOWN = 40

ARGUMENTS = (
    Argument("first_day", "day", "First day of the time; left out, today."),
    Argument("last_day", "day", "Last day of the time; left out, four weeks later."),
)


def is_for(caller: Caller) -> bool:
    """Whether the person decides on anybody's leave."""
    return leave.has_team(employee=caller.employee)


def read_time(question: str, caller: Caller) -> dict[str, Any]:
    """Arguments from somebody's words."""
    window = windows.read_coming(text=question, today=caller.today)
    return {"first_day": window.first, "last_day": window.last} if window else {}


def decisions(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """Where leave of the team is decided. Reads nothing, decides nothing."""
    line = (
        "I cannot approve or reject leave. What waits for your decision is on the page Team leave; nothing has changed."
    )
    pages = links(("Team leave", "team-leave"))
    return ToolResult(DECISIONS, "done", "Deciding on leave of your team", lines=(line,), links=pages)


def absences(caller: Caller, values: Mapping[str, Any]) -> ToolResult:
    """Leave, approved and waiting, of the caller's team in a time. Audited by the service."""
    first = values.get("first_day") or caller.today
    last = values.get("last_day") or (first if "first_day" in values else first + timedelta(days=_DAYS_AHEAD))
    last = max(first, min(last, first + timedelta(days=_MAX_DAYS)))
    found = leave.team_absences(manager=caller.employee, first=first, last=last)
    when = span(first, last)
    pages = links(("My team's leave", "team-leave"))
    if not found:
        return ToolResult(ABSENCES, "done", "Your team", lines=(f"Nobody of your team is away: {when}.",), links=pages)
    people = len({one.employee_id for one in found})
    lines = [f"{people} of your team {'is away or has' if people == 1 else 'are away or have'} asked to be: {when}."]
    if len(found) > _SHOWN:
        lines.append(f"Shown are the first {_SHOWN} of {len(found)}.")
    rows = tuple(
        Row(
            title=one.name,
            facts=(
                ("Days", span(one.first_day, one.last_day)),
                ("Kind", one.kind),
                ("State", "Waiting for a decision" if one.is_waiting else "Approved"),
            ),
        )
        for one in found[:_SHOWN]
    )
    return ToolResult(ABSENCES, "done", "Your team", lines=tuple(lines), rows=rows, links=pages)
