"""Decisions on requests: approve, reject, cancel. One lock order everywhere: the person's row, then the request."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from audit import services as audit
from hr.leave import balances, problems
from hr.models import Employee, LeaveRequest
from hr.services.leave import records, team
from hr.services.leave.requests import locked
from tenants import context

State = LeaveRequest.State

_NOT_THERE = "There is no such request among those you decide on."


def find(*, request_id: int, by: Employee) -> LeaveRequest:
    """A request that `by` made or decides on. Opening somebody else's is audited.

    :raises NotYourReport: for all others, and when there is none.
    """
    request = LeaveRequest.objects.select_related("employee", "leave_type", "delegate").filter(pk=request_id).first()
    if request is None or (
        request.employee_id != by.pk and not team.may_decide(by=by, employee_id=request.employee_id)
    ):
        raise problems.NotYourReport(_NOT_THERE)
    if request.employee_id != by.pk:
        audit.record_read(verb="leave.read", target=request.target)
    return request


def approve(*, request_id: int, by: Employee, comment: str = "", now: datetime | None = None) -> LeaveRequest:
    """Grant a waiting request. Its days were reserved when it was made; the balance is looked at once more.

    :raises NotYourReport: when `by` does not decide on it, also because it is their own.
    :raises AlreadyDecided: when it no longer waits.
    :raises ExceedsBalance: when days were taken away since it was made.
    """
    moment = now or timezone.now()

    def grant(request: LeaveRequest) -> None:
        _check_waits(request)
        _check_covered(request)
        _decide(request, State.APPROVED, by=by, comment=comment, moment=moment)

    return _change(request_id, by, "leave.approve", grant)


def reject(*, request_id: int, by: Employee, reason: str, now: datetime | None = None) -> LeaveRequest:
    """Refuse a waiting request; its days are free again.

    :raises NotYourReport: when `by` does not decide on it.
    :raises AlreadyDecided: when it no longer waits.
    :raises ReasonNeeded: without a reason.
    """
    moment = now or timezone.now()

    def refuse(request: LeaveRequest) -> None:
        _check_waits(request)
        _decide(request, State.REJECTED, by=by, comment=_reason(reason), moment=moment)

    return _change(request_id, by, "leave.reject", refuse)


def cancel(*, request_id: int, by: Employee, reason: str = "", now: datetime | None = None) -> LeaveRequest:
    """Take a waiting or approved request back; its days are free again.

    The person themselves: as long as it waits, or before its first day. Whoever decides on it: any time, with a reason.

    :raises NotYourReport: for everybody else.
    :raises AlreadyDecided: when it was rejected or cancelled before.
    :raises AlreadyStarted: when the person's own approved leave has begun.
    :raises ReasonNeeded: when somebody else cancels it without a reason.
    """
    moment = now or timezone.now()

    def take_back(request: LeaveRequest) -> None:
        if request.state not in (State.REQUESTED, State.APPROVED):
            raise problems.AlreadyDecided(f"This request is {request.get_state_display().lower()} already.")
        is_own = request.employee_id == by.pk
        has_begun = request.state == State.APPROVED and request.first_day <= context.local_today(moment)
        if is_own and has_begun:
            raise problems.AlreadyStarted("This leave has begun. Please ask your manager or HR to cancel it.")
        request.cancel_reason = reason.strip()[:500] if is_own else _reason(reason)
        request.state, request.cancelled_by, request.cancelled_at = State.CANCELLED, by, moment
        request.save(update_fields=["state", "cancelled_by", "cancelled_at", "cancel_reason", "updated_at"])

    return _change(request_id, by, "leave.cancel", take_back, is_allowed_to_owner=True)


def _change(
    request_id: int,
    by: Employee,
    verb: str,
    change: Callable[[LeaveRequest], None],
    *,
    is_allowed_to_owner: bool = False,
) -> LeaveRequest:
    """Lock, ask who may, change, audit. That somebody tried who may not is recorded outside the transaction."""
    owner_id = LeaveRequest.objects.filter(pk=request_id).values_list("employee_id", flat=True).first()
    if owner_id is None:
        raise problems.NotYourReport(_NOT_THERE)
    is_owner = is_allowed_to_owner and owner_id == by.pk
    if not is_owner and not team.may_decide(by=by, employee_id=owner_id):
        audit.record_refusal(verb=verb, target=f"leave_request:{request_id}", reason=problems.NotYourReport.code)
        raise problems.NotYourReport(_NOT_THERE)
    with transaction.atomic():
        locked(employee_id=owner_id)
        request = (
            LeaveRequest.objects.select_for_update(of=("self",))
            .select_related("employee", "leave_type")
            .get(pk=request_id)
        )
        change(request)
        audit.record(verb=verb, target=request.target, details={"employee": owner_id, "days": str(request.days)})
    return request


def _decide(request: LeaveRequest, state: str, *, by: Employee, comment: str, moment: datetime) -> None:
    request.state, request.decided_by, request.decided_at = state, by, moment
    request.decision_comment = comment.strip()[:500]
    request.save(update_fields=["state", "decided_by", "decided_at", "decision_comment", "updated_at"])


def _check_waits(request: LeaveRequest) -> None:
    if request.state != State.REQUESTED:
        raise problems.AlreadyDecided(f"This request is {request.get_state_display().lower()} already.")


def _check_covered(request: LeaveRequest) -> None:
    if not request.leave_type.uses_balance:
        return
    record = records.record_of(employee=request.employee, until_year=request.last_day.year)
    if balances.shortfall(record=record, since=request.first_day) > 0:
        raise problems.ExceedsBalance("Since this was asked for the balance has shrunk; it no longer covers the days.")


def _reason(reason: str) -> str:
    if len(reason.strip()) < 3:
        raise problems.ReasonNeeded("Please say why: the person reads it.")
    return reason.strip()[:500]
