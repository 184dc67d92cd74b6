"""My pay: what I was paid, what each line means, and the paystub as a PDF. One's own only."""

import uuid
from collections.abc import Callable
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
from hr.pay.parts import Part, parts_of
from hr.services import pay

log = structlog.get_logger(__name__)

View = Callable[..., HttpResponse]


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
    own = pay.overview_of(employee=_person(request))
    years = [(year, list(rows)) for year, rows in groupby(own.paystubs, key=lambda payslip: payslip.pay_date.year)]
    page = {"years": years, "details": own.details, "is_pay": True}
    return render(request, "hr/pay/list.html", page)


@require_safe
@employee_page
@_or_say_why
def paystub(request: HttpRequest, paystub_id: uuid.UUID) -> HttpResponse:
    """One of my paystubs, line by line."""
    payslip = _paystub_or_404(request, paystub_id)
    page = {"payslip": payslip, "parts": _parts(payslip), "is_pay": True}
    return render(request, "hr/pay/paystub.html", page)


@require_safe
@employee_page
@_or_say_why
def paystub_pdf(request: HttpRequest, paystub_id: uuid.UUID) -> HttpResponse:
    """One of my paystubs as an attachment."""
    try:
        payslip, content = pay.pdf_for(employee=_person(request), paystub_id=paystub_id)
    except pay.PaystubNotFound:
        raise Http404 from None
    return downloads.paystub_pdf(content=content, payslip=payslip)


def _parts(payslip: Payslip) -> tuple[Part, ...]:
    explained = pay.explained(paystub=payslip)
    return parts_of(payslip=payslip, explained=[(one.line, one.explanation) for one in explained])


def _paystub_or_404(request: HttpRequest, paystub_id: uuid.UUID) -> Payslip:
    try:
        return pay.paystub_for(employee=_person(request), paystub_id=paystub_id)
    except pay.PaystubNotFound:
        raise Http404 from None


def _person(request: HttpRequest) -> Employee:
    return request.employee  # type: ignore[attr-defined, no-any-return]  # set by the gate
