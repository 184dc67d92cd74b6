"""A request as one viewer may read it. Every page and endpoint that shows somebody else's request asks here."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from hr.models import Employee, LeaveRequest

# What others read instead of a kind of leave that is only reported: that it is sick leave is nobody's business.
AWAY, AWAY_CODE = "Away", "away"

State = LeaveRequest.State


@dataclass(frozen=True)
class ShownRequest:
    """The request for one viewer: the person's own, whole; a kind that somebody decides on, whole for those who do.

    A kind that is only reported has no name, no comment and no words about it but those that the viewer wrote.
    """

    pk: int
    employee: Employee
    type_code: str
    leave_type: str
    uses_balance: bool
    state: str
    first_day: date
    last_day: date
    first_day_half: bool
    last_day_half: bool
    days: Decimal
    delegate: Employee | None
    comment: str
    decision_comment: str
    cancel_reason: str
    created_at: datetime

    @property
    def employee_id(self) -> int:
        return self.employee.pk

    @property
    def delegate_id(self) -> int | None:
        return self.delegate.pk if self.delegate else None

    def get_state_display(self) -> str:
        return str(State(self.state).label)


def shows_kind(*, request: LeaveRequest, viewer: Employee) -> bool:
    """Whether the viewer learns why the person is away. Callers have asked who may see the request at all."""
    return request.employee_id == viewer.pk or request.leave_type.needs_approval


def kind_for(*, request: LeaveRequest, viewer: Employee) -> str:
    """The kind's name, or that the person is away."""
    return request.leave_type.name if shows_kind(request=request, viewer=viewer) else AWAY


def shown_to(*, request: LeaveRequest, viewer: Employee) -> ShownRequest:
    """The request as `viewer` may read it. No query when employee, kind and delegate were loaded."""
    is_whole = shows_kind(request=request, viewer=viewer)
    return ShownRequest(
        pk=request.pk,
        employee=request.employee,
        type_code=request.leave_type.code if is_whole else AWAY_CODE,
        leave_type=kind_for(request=request, viewer=viewer),
        uses_balance=is_whole and request.leave_type.uses_balance,
        state=request.state,
        first_day=request.first_day,
        last_day=request.last_day,
        first_day_half=request.first_day_half,
        last_day_half=request.last_day_half,
        days=request.days,
        delegate=request.delegate,
        comment=request.comment if is_whole else "",
        decision_comment=request.decision_comment if is_whole or request.decided_by_id == viewer.pk else "",
        cancel_reason=request.cancel_reason if is_whole or request.cancelled_by_id == viewer.pk else "",
        created_at=request.created_at,
    )
