"""The click that does what was shown. Only the person it was shown to, once, in time, and with nothing changed."""

import hmac
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit import services as audit
from hr.keys import KeyUnavailable
from hr.leave.problems import LeaveRefused
from hr.models import Employee
from retrieval.models import AnswerRecord, ToolProposal
from retrieval.services import sealed_parts, tool_calls
from retrieval.tools import registry
from retrieval.tools.callers import Caller
from retrieval.tools.results import ToolResult
from tenants import context
from tenants.kill_switches import state, wording

_VERB = "tool.confirm"


class ProposalNotFound(LookupError):
    """No such proposal of this person: missing and foreign are the same."""


class ProposalRefused(RuntimeError):
    """It is not done; the message is for people. `code` is stable: proposal_spent, _expired or _changed; tools_off."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def confirm(*, proposal_id: UUID, digest: str, employee: Employee, now: datetime | None = None) -> ToolResult:
    """Do what `proposal_id` proposed, as `employee`, and keep the result in the answer in its place.

    What has become impossible since it was shown is not done: the result says why, and the proposal is spent.

    :raises ProposalNotFound: when it is not this person's.
    :raises ProposalRefused: when it was done before, is too old, or is not what was shown.
    """
    now = now or timezone.now()
    caller = Caller(employee=employee, today=context.local_today())
    proposal = ToolProposal.objects.filter(pk=proposal_id, employee=employee).select_related("query").first()
    if proposal is None:
        audit.record_refusal(verb=_VERB, target=f"proposal:{proposal_id}", reason="not theirs or not there")
        raise ProposalNotFound
    refusal = _refusal(proposal, digest, now) or _off()
    if refusal is not None:
        audit.record_refusal(verb=_VERB, target=f"proposal:{proposal_id}", reason=refusal.code)
        raise refusal
    try:
        return _performed(proposal, caller, now)
    except LeaveRefused as error:
        return _impossible(proposal, caller, now, error)
    except ProposalRefused as error:
        audit.record_refusal(verb=_VERB, target=f"proposal:{proposal_id}", reason=error.code)
        raise


def _off() -> ProposalRefused | None:
    if state.off(state.Feature.TOOLS) is None:
        return None
    return ProposalRefused("tools_off", wording.REFUSED[state.Feature.TOOLS])


def is_open(proposal: ToolProposal, *, now: datetime | None = None) -> bool:
    """Whether it still waits for its click."""
    return proposal.state == ToolProposal.State.PENDING and proposal.expires_at > (now or timezone.now())


def open_among(*, ids: list[UUID], employee_id: int) -> frozenset[str]:
    """Those of the proposals that still wait for this person's click. One query; none for an empty list."""
    if not ids:
        return frozenset()
    waiting = ToolProposal.objects.filter(pk__in=ids, employee_id=employee_id, state=ToolProposal.State.PENDING)
    return frozenset(str(pk) for pk in waiting.filter(expires_at__gt=timezone.now()).values_list("pk", flat=True))


def _refusal(proposal: ToolProposal, digest: str, now: datetime) -> ProposalRefused | None:
    if proposal.state != ToolProposal.State.PENDING:
        return ProposalRefused("proposal_spent", "This was already decided. Nothing was done a second time.")
    if proposal.expires_at <= now:
        return ProposalRefused("proposal_expired", "This was shown too long ago. Nothing was done; please ask again.")
    expected = tool_calls.proposal_digest(proposal=proposal)
    is_same = hmac.compare_digest(expected, proposal.digest) and hmac.compare_digest(expected.encode(), digest.encode())
    if not is_same:
        return ProposalRefused("proposal_changed", "This is not what was shown. Nothing was done; please ask again.")
    return None


def _performed(proposal: ToolProposal, caller: Caller, now: datetime) -> ToolResult:
    perform = registry.tool(proposal.tool).perform
    assert perform is not None, "only tools that write make proposals"
    with transaction.atomic():
        _decide(proposal, ToolProposal.State.DONE, now)
        result = perform(caller, _values(proposal))
        _keep(proposal, result)
        tool_calls.note(
            result=result,
            caller=caller,
            query_id=proposal.query_id,
            digest=tool_calls.arguments_digest(_values(proposal)),
            outcome="executed",
        )
        audit.record(verb=_VERB, target=f"proposal:{proposal.pk}", details={"tool": proposal.tool})
    return result


def _impossible(proposal: ToolProposal, caller: Caller, now: datetime, error: LeaveRefused) -> ToolResult:
    result = ToolResult(
        tool=proposal.tool,
        status="asked",
        title="Not requested",
        lines=("This is not possible any more. Nothing was requested.", str(error)),
        reason=error.code,
    )
    with transaction.atomic():
        _decide(proposal, ToolProposal.State.REFUSED, now)
        _keep(proposal, result)
        digest = tool_calls.arguments_digest(_values(proposal))
        tool_calls.note(result=result, caller=caller, query_id=proposal.query_id, digest=digest)
        audit.record(verb=_VERB, target=f"proposal:{proposal.pk}", outcome=audit.Outcome.REFUSED, reason=error.code)
    return result


def _decide(proposal: ToolProposal, state: str, now: datetime) -> None:
    """The conditional UPDATE by which one of two clicks wins.

    :raises ProposalRefused: when the other one did.
    """
    waiting = ToolProposal.objects.filter(pk=proposal.pk, state=ToolProposal.State.PENDING)
    if not waiting.update(state=state, decided_at=now):
        raise ProposalRefused("proposal_spent", "This was already decided. Nothing was done a second time.")


def _keep(proposal: ToolProposal, result: ToolResult) -> None:
    """Put the result into the stored answer. What was done counts, also when that cannot be opened."""
    try:
        with transaction.atomic():
            sealed_parts.replace_result(query=proposal.query, old=str(proposal.pk), new=replace(result, proposal_id=""))
    except (KeyUnavailable, AnswerRecord.DoesNotExist):
        return


def _values(proposal: ToolProposal) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name.endswith("_day") else value
        for name, value in proposal.arguments.items()
    }
