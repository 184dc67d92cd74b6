"""Leave of one's team: what waits for a decision, who is away, who decides meanwhile."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hr.models import Employee, LeaveRequest
from hr.pages import employee_page
from hr.services import leave
from hr.views.leave import calendar
from hr.views.leave.forms import DecisionForm, DelegationForm
from tenants import context

State = LeaveRequest.State
# More lines nobody reads, and a page for ten thousand people would be many megabytes.
MAX_LINES = 60


@require_safe
@employee_page
def team_leave(request: HttpRequest) -> HttpResponse:
    """What waits, the coming weeks (`?from=` other ones), and passing the decisions on."""
    return _team_page(request, DelegationForm(manager=request.employee))  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@employee_page
def decide(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request of somebody else: approve, reject, or cancel what was approved."""
    employee: Employee = request.employee  # type: ignore[attr-defined]
    try:
        if request.method == "POST":
            return _decided(request, employee, request_id)
        return _decision_page(request, employee, request_id, DecisionForm())
    except leave.NotYourReport:
        raise Http404 from None


@require_POST
@employee_page
def delegate(request: HttpRequest) -> HttpResponse:
    """Let somebody else decide for a while."""
    manager: Employee = request.employee  # type: ignore[attr-defined]
    form = DelegationForm(request.POST, manager=manager)
    if form.is_valid():
        try:
            made = leave.delegate_approvals(manager=manager, **form.cleaned_data)
            messages.success(request, f"{made.delegate} can decide for you in that time.")
            return redirect("team-leave")
        except leave.LeaveRefused as refusal:
            form.add_error(None, str(refusal))
    return _team_page(request, form, status=422)


@require_POST
@employee_page
def end_delegation(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """Take it back at once."""
    try:
        leave.revoke_delegation(delegation_id=delegation_id, manager=request.employee)  # type: ignore[attr-defined]
    except leave.NotYourReport:
        raise Http404 from None
    messages.success(request, "Nobody decides for you any more.")
    return redirect("team-leave")


def _team_page(request: HttpRequest, form: DelegationForm, *, status: int = 200) -> HttpResponse:
    manager: Employee = request.employee  # type: ignore[attr-defined]
    today = context.local_today()
    first, last = calendar.span_from(_from(request, today))
    team = leave.team_of(manager=manager)
    everybody = len(team)
    is_large = everybody > MAX_LINES
    if is_large:
        team = leave.team_of(manager=manager, direct_only=True)
    shown = leave.overview_of_team(manager=manager, first=first, last=last, direct_only=is_large)
    page: dict[str, Any] = {
        "is_team_leave": True,
        "has_team": leave.has_team(employee=manager),
        "waiting": [leave.shown_to(request=each, viewer=manager) for each in shown.waiting],
        "elsewhere": [leave.shown_to(request=each, viewer=manager) for each in shown.elsewhere],
        "absences": shown.absences,
        "everybody": everybody if is_large else None,
        "calendar": calendar.calendar(first=first, last=last, today=today, team=team, absences=shown.absences),
        "delegations": leave.delegations_of(manager=manager),
        "form": form,
    }
    return render(request, "hr/leave/team.html", page, status=status)


def _decided(request: HttpRequest, by: Employee, request_id: int) -> HttpResponse:
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _decision_page(request, by, request_id, form, status=422)
    comment = form.cleaned_data["comment"]
    try:
        if "reject" in request.POST:
            done = leave.reject(request_id=request_id, by=by, reason=comment)
        elif "cancel" in request.POST:
            done = leave.cancel(request_id=request_id, by=by, reason=comment)
        else:
            done = leave.approve(request_id=request_id, by=by, comment=comment)
    except leave.NotYourReport:
        raise
    except leave.ReasonNeeded as refusal:
        form.add_error("comment", str(refusal))
        return _decision_page(request, by, request_id, form, status=422)
    except leave.LeaveRefused as refusal:
        form.add_error(None, str(refusal))
        return _decision_page(request, by, request_id, form, status=409)
    shown = leave.shown_to(request=done, viewer=by)
    messages.success(request, f"{shown.get_state_display()}: {shown.employee}, {shown.leave_type.lower()}.")
    return redirect("team-leave")


def _decision_page(
    request: HttpRequest, by: Employee, request_id: int, form: DecisionForm, *, status: int = 200
) -> HttpResponse:
    found = leave.find(request_id=request_id, by=by)
    if found.employee_id == by.pk:  # one's own is on one's own page; nobody decides on it here
        raise leave.NotYourReport
    shown = leave.shown_to(request=found, viewer=by)
    page: dict[str, Any] = {
        "is_team_leave": True,
        "leave_request": shown,
        "is_waiting": found.state == State.REQUESTED,
        "is_approved": found.state == State.APPROVED,
        "others": [
            absence
            for absence in leave.absences_below(manager=by, first=found.first_day, last=found.last_day)
            if absence.employee_id != found.employee_id
        ],
        "form": form,
    }
    if shown.uses_balance:
        try:
            page["balance"] = leave.balance_of(employee=found.employee, on=found.first_day)
        except leave.NoPolicy as refusal:
            page["no_policy"] = str(refusal)
    return render(request, "hr/leave/decide.html", page, status=status)


def _from(request: HttpRequest, today: date) -> date:
    """The day asked for, within a year of today; today when that is none."""
    try:
        asked = date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return today
    return asked if abs((asked - today).days) <= 366 else today
