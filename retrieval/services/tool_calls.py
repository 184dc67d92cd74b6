"""Running a tool for the person of the session: checked, audited, counted. A call that reaches further is refused."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit import services as audit
from retrieval import metrics
from retrieval.models import ToolCall, ToolProposal
from retrieval.tools import registry, schema
from retrieval.tools.callers import Caller, links
from retrieval.tools.results import ToolResult
from tenants.kill_switches import state, wording

# Long enough to read what would happen, too short to be found again in another day's browser.
PROPOSAL_MINUTES = 15
_VERB = "tool.call"
_UNKNOWN = "unknown"

_DENIED_TEXTS = {
    "someone_else": (
        "That is somebody else's record. I can only show you your own, whoever asks, and I do not say what the record "
        "of another person holds or whether there is one."
    ),
    "names_a_person": "A tool was asked for another person's record. I can only show you your own.",
    "not_a_manager": "Absences of a team are shown to the people who manage it. Your record names no team of yours.",
}
_DENIED_OTHERWISE = "This could not be looked up in your record."


def call(*, name: str, arguments: Mapping[str, Any], caller: Caller, query_id: UUID) -> ToolResult:
    """Run a tool for `caller`, whoever or whatever chose it and its arguments.

    The read, its ToolCall row and its audit row are one transaction. A tool that writes only proposes. Whatever may not
    be done comes back as a denied result, recorded likewise.
    """
    if state.off(state.Feature.TOOLS) is not None:
        return _switched_off(name=name, arguments=arguments, caller=caller, query_id=query_id)
    try:
        tool = registry.tool(name)
        values = schema.checked(arguments=arguments, known=tool.arguments)
    except registry.UnknownTool:
        return deny(tool=_UNKNOWN, reason="unknown_tool", caller=caller, query_id=query_id)
    except schema.ArgumentsRefused as error:
        return deny(tool=name, reason=error.reason, caller=caller, query_id=query_id, arguments=arguments)
    if not tool.is_for(caller):
        return deny(tool=name, reason="not_a_manager", caller=caller, query_id=query_id, arguments=arguments)
    with transaction.atomic():
        result = tool.run(caller, values)
        if result.status == "proposed":
            result = _proposed(result, values, caller, query_id)
        note(result=result, caller=caller, query_id=query_id, digest=arguments_digest(values))
    return result


def deny(
    *, tool: str, reason: str, caller: Caller, query_id: UUID, arguments: Mapping[str, Any] | None = None
) -> ToolResult:
    """Refuse, say why, and record it. Nothing is looked up, so the answer is the same whoever exists."""
    digest = arguments_digest(arguments or {})
    with transaction.atomic():
        ToolCall.objects.create(
            query_id=query_id,
            employee=caller.employee,
            tool=tool[:64],
            arguments_digest=digest,
            is_allowed=False,
            outcome=ToolCall.Outcome.DENIED,
            reason=reason[:64],
            called_at=timezone.now(),
        )
        audit.record(
            verb=_VERB,
            target=f"query:{query_id}",
            outcome=audit.Outcome.REFUSED,
            reason=reason[:64],
            details={"tool": tool[:64], "arguments": digest},
        )
    metrics.TOOL_CALLS.labels(tool[:64], "denied").inc()
    return ToolResult(
        tool=tool[:64],
        status="denied",
        title="Not yours to see" if reason == "someone_else" else "Not possible",
        lines=(_DENIED_TEXTS.get(reason, _DENIED_OTHERWISE),),
        reason=reason,
        links=links(("My leave", "my-leave"), ("My paystubs", "pay")) if reason == "someone_else" else (),
    )


def _switched_off(*, name: str, arguments: Mapping[str, Any], caller: Caller, query_id: UUID) -> ToolResult:
    refused = deny(tool=name, reason="switched_off", caller=caller, query_id=query_id, arguments=arguments)
    return replace(
        refused,
        status="unavailable",
        title="Switched off for the moment",
        lines=(wording.REFUSED[state.Feature.TOOLS],),
        links=links(("My leave", "my-leave"), ("My paystubs", "pay")),
    )


def note(*, result: ToolResult, caller: Caller, query_id: UUID, digest: str, outcome: str = "") -> None:
    """Record a call that was allowed, inside its transaction."""
    outcome = outcome or result.status
    ToolCall.objects.create(
        query_id=query_id,
        employee=caller.employee,
        tool=result.tool,
        arguments_digest=digest,
        is_allowed=True,
        outcome=outcome,
        reason=result.reason[:64],
        called_at=timezone.now(),
    )
    audit.record(
        verb=_VERB,
        target=f"query:{query_id}",
        details={"tool": result.tool, "outcome": outcome, "arguments": digest},
    )
    metrics.TOOL_CALLS.labels(result.tool, outcome).inc()


def proposal_digest(*, proposal: ToolProposal) -> str:
    """What the confirmation must repeat: bound to this proposal's id, person, question, tool and arguments."""
    return _keyed(
        [
            str(proposal.pk),
            proposal.employee_id,
            str(proposal.query_id),
            proposal.tool,
            sorted(proposal.arguments.items()),
        ]
    )


def arguments_digest(arguments: Mapping[str, Any]) -> str:
    """Names the arguments in logs without telling them; keyed, because few days are possible."""
    return _keyed(sorted((str(name), str(value)) for name, value in arguments.items()))


def _proposed(result: ToolResult, values: Mapping[str, Any], caller: Caller, query_id: UUID) -> ToolResult:
    now = timezone.now()
    proposal = ToolProposal(
        pk=uuid4(),
        query_id=query_id,
        employee=caller.employee,
        tool=result.tool,
        arguments={name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()},
        created_at=now,
        expires_at=now + timedelta(minutes=PROPOSAL_MINUTES),
    )
    proposal.digest = proposal_digest(proposal=proposal)
    proposal.save(force_insert=True)
    return replace(result, proposal_id=str(proposal.pk), proposal_digest=proposal.digest)


def _keyed(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"), default=str)
    return hmac.new(settings.SECRET_KEY.encode(), f"tools:{text}".encode(), hashlib.sha256).hexdigest()
