"""My pay: what I was paid, what each line means, and the paystub as a PDF. One's own only."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import groupby
from typing import Any

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hr import downloads, keys, sealed_reasons
from hr.models import Employee
from hr.pages import employee_page
from hr.pay import Payslip
from hr.services import pay

log = structlog.get_logger(__name__)

View = Callable[..., HttpResponse]

_PARTS = (
    ("earning", "Earnings", "Gross"),
    ("deduction", "Deductions", "All deductions"),
    ("employer", "Paid by your employer on top", "In total"),
)


@dataclass(frozen=True)
class Part:
    """A table of the page: its lines as they are written, and what they add up to."""

    title: str
    total_label: str
    total: str
    rows: tuple[dict[str, str], ...]


def parts_of(payslip: Payslip) -> tuple[Part, ...]:
    """The lines of an opened paystub by kind, each with what it means. One query."""
    explained = pay.explained(paystub=payslip)
    return tuple(
        Part(
            title=title,
            total_label=total_label,
            total=payslip.written(payslip.total_of(kind)),
            rows=tuple(
                {
                    "code": one.line.code,
                    "label": one.line.label,
                    "amount": payslip.written(one.line.amount),
                    "explanation": one.explanation,
                }
                for one in explained
                if one.line.kind == kind
            ),
        )
        for kind, title, total_label in _PARTS
        if payslip.of_kind(kind)
    )


def _or_say_why(view: View) -> View:
    """What cannot be opened is said in plain words, on a page of its own, with 503."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except keys.KeyUnavailable as error:
            log.error("sealed_field_unavailable", error=type(error).__name__)
            page = {"reason": sealed_reasons.for_person(error), "is_pay": True}
            response = render(request, "hr/pay/unavailable.html", page, status=503)
            response["Retry-After"] = "60"
            return response

    return guarded


@require_safe
@employee_page
@_or_say_why
def pay_list(request: HttpRequest) -> HttpResponse:
    """Everything I was paid, newest first, by year."""
    employee = _person(request)
    paystubs = pay.paystubs_of(employee=employee)
    years = [(year, list(rows)) for year, rows in groupby(paystubs, key=lambda payslip: payslip.pay_date.year)]
    page = {"years": years, "details": pay.masked_details_of(employee=employee), "is_pay": True}
    return render(request, "hr/pay/list.html", page)


@require_safe
@employee_page
@_or_say_why
def paystub(request: HttpRequest, paystub_id: uuid.UUID) -> HttpResponse:
    """One of my paystubs, line by line."""
    payslip = _paystub_or_404(request, paystub_id)
    page = {"payslip": payslip, "parts": parts_of(payslip), "is_pay": True}
    return render(request, "hr/pay/paystub.html", page)


@require_safe
@employee_page
@_or_say_why
def paystub_pdf(request: HttpRequest, paystub_id: uuid.UUID) -> HttpResponse:
    """One of my paystubs as an attachment."""
    payslip = _paystub_or_404(request, paystub_id)
    return downloads.paystub_pdf(content=pay.render_pdf(paystub=payslip), payslip=payslip)


def _paystub_or_404(request: HttpRequest, paystub_id: uuid.UUID) -> Payslip:
    try:
        return pay.paystub_for(employee=_person(request), paystub_id=paystub_id)
    except pay.PaystubNotFound:
        raise Http404 from None


def _person(request: HttpRequest) -> Employee:
    return request.employee  # type: ignore[attr-defined, no-any-return]  # set by the gate
