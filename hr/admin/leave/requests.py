"""Everybody's requests, with filters; HR decides where a manager cannot."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import markup
from audit.actions import ReasonForm, confirmed
from audit.console import ReadOnlyAdmin, audit_url, badge
from hr.admin.leave.gate import ForLeave, listed, person
from hr.leave.wording import amount, span
from hr.models import LeaveRequest
from hr.services import leave

State = LeaveRequest.State
_TONES = {
    State.REQUESTED: "waiting",
    State.APPROVED: "good",
    State.REJECTED: "bad",
    State.CANCELLED: "muted",
}


class _WordForm(ReasonForm):
    """The reason goes to the person, not into the audit log: it may be personal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = "The person reads it."


@admin.register(LeaveRequest)
class LeaveRequestAdmin(ForLeave, ReadOnlyAdmin):
    """Asked for by the person, decided here only with a reason; nobody decides on their own."""

    list_verb, read_verb = "leave.list", "leave.read"
    empty_text = "They come from people, on their own leave page or by asking the assistant."
    list_display = ["state_badge", "name", "leave_type", "when", "amount", "asked"]
    list_display_links = ["name"]
    list_select_related = ["employee", "leave_type"]
    list_filter = ["state", "leave_type", "employee__country", "employee__department", "first_day"]
    search_fields = ["employee__first_name", "employee__last_name", "employee__employee_number"]
    search_help_text = "Name or employee number"
    date_hierarchy = "first_day"
    ordering = ["-first_day", "-pk"]
    actions = ["approve", "reject"]
    actions_detail = ["approve", "reject", "cancel"]
    fields = [
        "state_badge",
        "name",
        "leave_type",
        "when",
        "amount",
        "delegate",
        "comment",
        "decided_by",
        "decision_comment",
        "cancelled_by",
        "cancel_reason",
        "asked",
        "audit_trail",
    ]
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request)

    def audit_target(self, obj: Any) -> str:
        return obj.target

    @display(description="State", ordering="state")
    def state_badge(self, request: LeaveRequest) -> SafeString:
        return badge(text=request.get_state_display(), tone=_TONES[State(request.state)])

    @display(description="Person", ordering="employee__last_name")
    def name(self, request: LeaveRequest) -> str:
        return listed(request.employee)

    @display(description="When", ordering="first_day")
    def when(self, request: LeaveRequest) -> str:
        return span(request.first_day, request.last_day)

    @display(description="Days", ordering="days")
    def amount(self, request: LeaveRequest) -> str:
        return amount(request.days)

    @display(description="Asked", ordering="created_at")
    def asked(self, request: LeaveRequest) -> SafeString | str:
        return markup.when(request.created_at)

    @display(description="Audit log")
    def audit_trail(self, request: LeaveRequest) -> SafeString:
        return markup.link("What was done to this request", audit_url(request.target))

    @confirmed(
        description="Approve",
        consequence="The leave is granted. The person reads the reason as a comment.",
        verb="leave.approve",
        permission="decide",
        button="Approve",
        done="Approved",
        icon="check",
        form_class=_WordForm,
        refusals=(leave.LeaveRefused,),
        available=lambda request: request.state == State.REQUESTED,
    )
    def approve(self, request: HttpRequest, wanted: LeaveRequest, *, reason: str) -> None:
        leave.approve(request_id=wanted.pk, by=person(request), comment=reason)

    @confirmed(
        description="Reject",
        consequence="The leave is refused and its days are free again. The person reads the reason.",
        verb="leave.reject",
        permission="decide",
        button="Reject",
        done="Rejected",
        icon="close",
        danger=True,
        form_class=_WordForm,
        refusals=(leave.LeaveRefused,),
        available=lambda request: request.state == State.REQUESTED,
    )
    def reject(self, request: HttpRequest, wanted: LeaveRequest, *, reason: str) -> None:
        leave.reject(request_id=wanted.pk, by=person(request), reason=reason)

    @confirmed(
        description="Cancel",
        consequence="The leave is taken back, also when it has begun, and its days are free again. The person reads "
        "the reason.",
        verb="leave.cancel",
        permission="decide",
        button="Cancel the leave",
        done="Cancelled",
        icon="event_busy",
        danger=True,
        form_class=_WordForm,
        refusals=(leave.LeaveRefused,),
        available=lambda request: request.state in (State.REQUESTED, State.APPROVED),
    )
    def cancel(self, request: HttpRequest, wanted: LeaveRequest, *, reason: str) -> None:
        leave.cancel(request_id=wanted.pk, by=person(request), reason=reason)
