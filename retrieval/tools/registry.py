"""The tools there are: what each takes, for whom it is, and what runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from retrieval.tools import leave, own_requests, pay, people, team
from retrieval.tools.callers import Caller
from retrieval.tools.results import ToolResult
from retrieval.tools.schema import Argument, as_json_schema

Run = Callable[[Caller, Mapping[str, Any]], ToolResult]


class UnknownTool(LookupError):
    """No tool of this name."""


def _no_arguments(question: str, caller: Caller) -> dict[str, Any]:
    return {}


def _for_everybody(caller: Caller) -> bool:
    return True


@dataclass(frozen=True)
class Tool:
    """One tool. `run` reads, or for a tool with `perform` only says what would happen; `perform` writes after a click.

    `read` finds the arguments in somebody's words when no language model does.
    """

    name: str
    about: str
    run: Run
    arguments: tuple[Argument, ...] = ()
    read: Callable[[str, Caller], dict[str, Any]] = _no_arguments
    is_for: Callable[[Caller], bool] = _for_everybody
    perform: Run | None = None


_TOOLS = (
    Tool(leave.BALANCE, "The asker's own leave balance on the day as of which they ask.", leave.balance),
    Tool(
        own_requests.REQUESTS,
        "The asker's own leave requests and their states, or what is on record of one kind.",
        own_requests.requests,
        arguments=own_requests.REQUESTS_ARGUMENTS,
        read=own_requests.read_which,
    ),
    Tool(
        leave.REQUEST,
        "Prepare a leave request for the asker. Nothing is requested until the asker confirms by a click.",
        leave.propose,
        arguments=leave.REQUEST_ARGUMENTS,
        read=leave.read_wish,
        perform=leave.perform,
    ),
    Tool(
        pay.PAYSTUBS,
        "The asker's own pay: the latest paystub, or those of a time.",
        pay.paystubs,
        arguments=pay.PAYSTUB_ARGUMENTS,
        read=pay.read_time,
    ),
    Tool(
        pay.LINE,
        "What a line of the asker's paystub means: of the latest one, or of a time's.",
        pay.paystub_line,
        arguments=pay.LINE_ARGUMENTS,
        read=pay.read_line,
    ),
    Tool(
        people.MANAGER,
        "Who the asker's manager is, and who decides on their leave.",
        people.manager,
        arguments=people.MANAGER_ARGUMENTS,
        read=people.read_approver,
    ),
    Tool(
        people.DEPARTMENT,
        "The asker's department, colleagues and employment record.",
        people.department,
        arguments=people.DEPARTMENT_ARGUMENTS,
        read=people.read_fact,
    ),
    Tool(
        team.DECISIONS,
        "For managers: where they approve or reject leave. Decides nothing.",
        team.decisions,
        is_for=team.is_for,
    ),
    Tool(
        team.ABSENCES,
        "For managers: who of the asker's own team is away.",
        team.absences,
        arguments=team.ARGUMENTS,
        read=team.read_time,
        is_for=team.is_for,
    ),
)
_BY_NAME = {tool.name: tool for tool in _TOOLS}
NAMES = tuple(_BY_NAME)


def tool(name: str) -> Tool:
    """
    :raises UnknownTool: when there is none of this name.
    """
    if name not in _BY_NAME:
        raise UnknownTool(name)
    return _BY_NAME[name]


def offered() -> list[dict[str, Any]]:
    """The tools as a language model is told of them. None takes a person."""
    return [
        {
            "type": "function",
            "function": {"name": one.name, "description": one.about, "parameters": as_json_schema(one.arguments)},
        }
        for one in _TOOLS
    ]
