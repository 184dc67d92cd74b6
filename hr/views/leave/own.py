"""One's own leave: what is left and why, what was asked for, and asking."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hr.models import Employee, LeaveRequest
from hr.pages import employee_page
from hr.services import leave
from hr.views.leave.forms import WishForm
from tenants import context

REQUESTS_PER_PAGE = 20


@require_safe
@employee_page
def my_leave(request: HttpRequest) -> HttpResponse:
    """The balance with its proof, and the requests. `?year=` shows the year after or before."""
    employee: Employee = request.employee  # type: ignore[attr-defined]
    today = context.local_today()
    year = _year(request, today)
    page: dict[str, Any] = {"is_leave": True, "today": today, "year": year, "this_year": today.year}
    try:
        page["balance"] = leave.balance_of(employee=employee, on=_day_in(year, today))
    except leave.NoPolicy as refusal:
        page["no_policy"] = str(refusal)
    own = leave.requests_of(employee=employee)
    page["requests"] = Paginator(own, REQUESTS_PER_PAGE).get_page(request.GET.get("page"))
    leave.record_own_reading(employee=employee)
    return render(request, "hr/leave/my_leave.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@employee_page
def new_request(request: HttpRequest) -> HttpResponse:
    """The form. Checked first (what would happen), then sent; with scripts the check follows the typing."""
    employee: Employee = request.employee  # type: ignore[attr-defined]
    is_part = request.headers.get("X-Part") == "preview"
    form = WishForm(request.POST if request.method == "POST" else None, employee=employee, initial=request.GET.dict())
    page: dict[str, Any] = {"is_leave": True, "form": form}
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            wish = form.wish()
            if "send" in request.POST and not is_part:
                try:
                    made = leave.request_leave(employee=employee, wish=wish)
                    messages.success(request, _sent(made))
                    return redirect("my-leave")
                except leave.LeaveRefused:
                    pass  # told by the preview
            page["preview"] = leave.preview_request(employee=employee, wish=wish)
            leave.record_own_reading(employee=employee)
            status = 200 if page["preview"].is_possible or "send" not in request.POST else 422
    template = "hr/leave/_preview.html" if is_part else "hr/leave/new_request.html"
    return render(request, template, page, status=200 if is_part else status)


@require_http_methods(["GET", "HEAD", "POST"])
@employee_page
def cancel_request(request: HttpRequest, request_id: int) -> HttpResponse:
    """Take one's own request back, after a question."""
    employee: Employee = request.employee  # type: ignore[attr-defined]
    found = leave.requests_of(employee=employee).filter(pk=request_id).first()
    if found is None:
        raise Http404
    page: dict[str, Any] = {"is_leave": True, "leave_request": found}
    if request.method == "POST":
        try:
            leave.cancel(request_id=found.pk, by=employee, reason=request.POST.get("reason", ""))
        except leave.LeaveRefused as refusal:
            return render(request, "hr/leave/cancel.html", page | {"refused": str(refusal)}, status=409)
        messages.success(request, "Your request is cancelled.")
        return redirect("my-leave")
    return render(request, "hr/leave/cancel.html", page)


def _sent(made: LeaveRequest) -> str:
    if made.state == LeaveRequest.State.APPROVED:
        return "Your leave is recorded."
    return "Your request is sent. You see here when it is decided."


def _year(request: HttpRequest, today: date) -> int:
    """The one asked for, when it is last year, this or next."""
    asked = request.GET.get("year", "")
    near = {str(year): year for year in (today.year - 1, today.year, today.year + 1)}
    return near.get(asked, today.year)


def _day_in(year: int, today: date) -> date:
    """Today, or the day of another year that is nearest to it."""
    if year == today.year:
        return today
    return date(year, 1, 1) if year > today.year else date(year, 12, 31)
