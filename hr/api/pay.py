"""Paystubs of the caller, for programs. Nobody else's, whatever the caller's role."""

import uuid
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from hr import downloads
from hr.pay import Payslip, PayslipHeading, amounts
from hr.pay.lines import KINDS
from hr.services import pay
from hr.tokens.authentication import PersonRequest
from tenants.machines.scopes import PEOPLE_ONLY

_AMOUNT = "Decimal with the digits of the currency, as text."


class PaystubHeadingV1(serializers.Serializer):
    id = serializers.UUIDField()
    period_start_date = serializers.DateField()
    period_end_date = serializers.DateField()
    pay_date = serializers.DateField()
    currency = serializers.CharField(help_text="ISO 4217.")
    number = serializers.IntegerField(help_text="1, and one more for each correction of the period.")
    corrects_id = serializers.UUIDField(allow_null=True, help_text="The paystub that this one replaces.")
    corrected_by_id = serializers.UUIDField(allow_null=True, help_text="The paystub that replaces this one.")


class PayLineV1(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the field hides an attribute of forms only
    kind = serializers.ChoiceField(
        choices=KINDS, help_text="Employer's lines are on top and count neither for gross nor for net."
    )
    amount = serializers.CharField(help_text=_AMOUNT + " Deductions are positive.")
    explanation = serializers.CharField(help_text="What the line means; empty when nobody wrote it.")


class PaystubV1(PaystubHeadingV1):
    gross = serializers.CharField(help_text=_AMOUNT)
    net = serializers.CharField(help_text=_AMOUNT)
    lines = PayLineV1(many=True)


class PaystubListView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="listPaystubs", tags=["pay"], responses=PaystubHeadingV1(many=True))
    def get(self, request: PersonRequest) -> Response:
        """One's own paystubs, newest first, without amounts."""
        paginator = self.pagination_class()
        headings: Any = pay.headings_of(employee=request.employee)
        page = paginator.paginate_queryset(headings, request, view=self)
        return paginator.get_paginated_response([_heading(row) for row in page or ()])

    # Read by the schema generator, too.
    pagination_class: Any = api_settings.DEFAULT_PAGINATION_CLASS


class PaystubView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="getPaystub", tags=["pay"], responses=PaystubV1)
    def get(self, request: PersonRequest, paystub_id: uuid.UUID) -> Response:
        """One of one's own paystubs. Anybody else's is not there; 503 `key_unavailable` when it cannot be opened."""
        payslip = _paystub_or_404(request, paystub_id)
        lines = [
            {
                "code": one.line.code,
                "label": one.line.label,
                "kind": one.line.kind,
                "amount": _amount(one.line.amount, payslip),
                "explanation": one.explanation,
            }
            for one in pay.explained(paystub=payslip)
        ]
        sums = {"gross": _amount(payslip.gross, payslip), "net": _amount(payslip.net, payslip)}
        return Response({**_heading(payslip), **sums, "lines": lines}, headers={"Cache-Control": "private, no-store"})


class PaystubPdfView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(
        operation_id="downloadPaystub",
        tags=["pay"],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: PersonRequest, paystub_id: uuid.UUID) -> HttpResponse:
        """One of one's own paystubs as a PDF, as an attachment."""
        try:
            payslip, content = pay.pdf_for(employee=request.employee, paystub_id=paystub_id)
        except pay.PaystubNotFound:
            raise Http404 from None
        return downloads.paystub_pdf(content=content, payslip=payslip)


def _paystub_or_404(request: PersonRequest, paystub_id: uuid.UUID) -> Payslip:
    try:
        return pay.paystub_for(employee=request.employee, paystub_id=paystub_id)
    except pay.PaystubNotFound:
        raise Http404 from None


def _heading(heading: PayslipHeading) -> dict[str, Any]:
    return {
        "id": str(heading.id),
        "period_start_date": heading.period_start_date.isoformat(),
        "period_end_date": heading.period_end_date.isoformat(),
        "pay_date": heading.pay_date.isoformat(),
        "currency": heading.currency,
        "number": heading.number,
        "corrects_id": str(heading.corrects_id) if heading.corrects_id else None,
        "corrected_by_id": str(heading.corrected_by_id) if heading.corrected_by_id else None,
    }


def _amount(amount: Decimal, payslip: Payslip) -> str:
    return f"{amount:.{amounts.MINOR_DIGITS[payslip.currency]}f}"
