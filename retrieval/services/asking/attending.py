"""What answers a message besides the documents: the asker's record, or the company's words on a sensitive topic."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import structlog
from django.db import DatabaseError

from hr.keys import KeyUnavailable
from hr.leave.wording import day
from retrieval.answers import Event
from retrieval.encoders import begin_query
from retrieval.services import tool_calls, topics
from retrieval.services.asking.hearing import hear
from retrieval.services.asking.runs import Run
from retrieval.services.asking.storing import AskFailed
from retrieval.tools import leave, own_requests, pay, people_meant, registry, team
from retrieval.tools.callers import Caller
from retrieval.tools.intents import SOMEONE_ELSE
from retrieval.tools.results import ToolResult
from tenants import context

log = structlog.get_logger(__name__)

# What a language model is told of a result: pay and other people's names are shown to the asker only.
_TOLD_TO_MODELS = frozenset({leave.BALANCE, own_requests.REQUESTS, leave.REQUEST})


def attend(run: Run) -> Iterator[Event]:
    """Hear what the message is about, and run what it wants from the record. Sets the run's parts.

    A synthetic profile has no record, and an operator reads nobody's: for them the documents alone answer.

    :raises AskFailed: when a call of a tool cannot be recorded.
    """
    if run.standpoint.profile is not None or run.standpoint.documents_only:
        return
    run.embedding = begin_query(run.question)
    with run.watch.stage("encode"):
        vector = run.embedding.result()
    with run.watch.stage("hear"):
        heard = hear(question=run.question, vector=vector, last=run.last)
    run.for_documents, run.asks_two_things = heard.for_documents, heard.asks_two_things
    if heard.alarm is not None:
        run.approved = topics.approved_text(topic=heard.alarm.topic)
        return
    if heard.wants_record:
        with run.watch.stage("tool"):
            result = _result(run, heard.tool)
        run.results.append(result)
        yield Event("tool", {"result": result})


def caller_of(run: Run) -> Caller:
    """The person of the session. Nothing of it comes from the question."""
    return Caller(employee=run.employee, today=context.local_today(), on=run.standpoint.as_of)


def call_for_model(run: Run, name: str, arguments: Mapping[str, Any]) -> tuple[ToolResult, dict[str, Any]]:
    """Run a tool that a language model wants, once for each tool: the result, and what the model is told of it.

    :raises AskFailed: when the call cannot be recorded.
    """
    known = next((result for result in run.results if result.tool == name and result.status != "denied"), None)
    result = known or _called(run, name, arguments)
    if known is None and result.status != "denied":
        # What a model tried and may not is on record; the asker did not ask for it.
        run.results.append(result)
    told: dict[str, Any] = {"status": result.status, "note": "The asker sees this result above your text."}
    if result.tool in _TOLD_TO_MODELS or result.status in ("denied", "empty"):
        told["lines"] = list(result.lines)
    return result, told


def _result(run: Run, tool: str) -> ToolResult:
    caller = caller_of(run)
    if tool == SOMEONE_ELSE:
        is_pay = people_meant.is_about_pay(run.question)
        if not is_pay and team.DECIDES.search(run.question) and team.is_for(caller):
            return _called(run, team.DECISIONS, {})
        if not is_pay and people_meant.is_about_absence(run.question) and team.is_for(caller):
            tool = team.ABSENCES
        else:
            name = pay.PAYSTUBS if is_pay else leave.BALANCE
            return _recorded(lambda: _deny(run, name, caller))
    return _called(run, tool, registry.tool(tool).read(run.question, caller))


def _deny(run: Run, name: str, caller: Caller) -> ToolResult:
    return tool_calls.deny(tool=name, reason="someone_else", caller=caller, query_id=run.query_id)


def _called(run: Run, name: str, arguments: Mapping[str, Any]) -> ToolResult:
    caller = caller_of(run)
    result = _recorded(lambda: tool_calls.call(name=name, arguments=arguments, caller=caller, query_id=run.query_id))
    if caller.day == caller.today or name == leave.BALANCE or result.status not in ("done", "empty"):
        return result
    # Policies have a history that can be asked; of the record only the balance has one.
    return replace(result, lines=(*result.lines, f"This is your record as it is today, not on {day(caller.day)}."))


def _recorded(call: Any) -> ToolResult:
    try:
        result: ToolResult = call()
    except (DatabaseError, KeyUnavailable) as error:
        log.error("tool_not_recorded", error=type(error).__name__)
        raise AskFailed from error
    return result
