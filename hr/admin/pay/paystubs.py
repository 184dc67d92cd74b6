"""Paystubs in the admin: without amounts, opened one by one with a reason, imported from a sheet."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import markup
from audit.actions import ActionRefused, confirmed, page_action
from audit.console import ReadOnlyAdmin, audit_url, badge
from hr import keys, sealed_reasons
from hr.admin.pay import importing
from hr.admin.pay.gate import NO_STORE, ForPay, person_of
from hr.models import Paystub
from hr.pay.parts import parts_of
from hr.services import pay


@admin.register(Paystub)
class PaystubAdmin(ForPay, ReadOnlyAdmin):
    """Who has a paystub of which period. Amounts are behind a reason."""

    list_verb, read_verb = "paystubs.list_for_hr", "paystub.read_heading"
    empty_text = "Import a month from your payroll program: the button above takes its file."
    list_display = ["state", "person", "period", "paid_on", "currency", "imported"]
    list_display_links = ["period"]
    list_select_related = ["employee", "corrected_by"]
    list_filter = ["pay_date", "currency"]
    search_fields = ["employee__first_name", "employee__last_name", "employee__employee_number"]
    search_help_text = "Name or employee number"
    ordering = ["-pay_date", "employee__last_name", "employee__first_name", "pk"]
    actions_list = ["import_paystubs"]
    actions_detail = ["open_paystub"]
    fields = ["state", "person", "period", "paid_on", "number", "currency", "imported", "audit_trail"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("gross", "net", "lines")

    @display(description="State")
    def state(self, paystub: Paystub) -> SafeString:
        if hasattr(paystub, "corrected_by"):
            return badge(text="Replaced", tone="muted", title="A later correction counts")
        return badge(text="Correction", tone="working") if paystub.corrects_id else badge(text="Paid", tone="good")

    @display(description="Person", ordering="employee__last_name")
    def person(self, paystub: Paystub) -> str:
        employee = paystub.employee
        return f"{employee.last_name}, {employee.first_name} ({employee.employee_number})"

    @display(description="Period", ordering="period_start_date")
    def period(self, paystub: Paystub) -> str:
        return f"{paystub.period_start_date:%Y-%m-%d} to {paystub.period_end_date:%Y-%m-%d}"

    @display(description="Pay date", ordering="pay_date")
    def paid_on(self, paystub: Paystub) -> str:
        return f"{paystub.pay_date:%Y-%m-%d}"

    @display(description="Written", ordering="created_at")
    def imported(self, paystub: Paystub) -> SafeString | str:
        return markup.when(paystub.created_at)

    @display(description="Audit log")
    def audit_trail(self, paystub: Paystub) -> SafeString:
        return markup.link("Who read this paystub", audit_url(self.audit_target(paystub)))

    @page_action(
        description="Import paystubs", icon="upload_file", url_path="import-paystubs", permission="view", primary=True
    )
    def import_paystubs(self, request: HttpRequest) -> HttpResponseBase:
        return HttpResponseRedirect(reverse("admin:hr_paystub_import"))

    @confirmed(
        description="Open",
        consequence="You see what this person was paid. That you looked, and why, stays in the audit log.",
        verb="paystub.open_for_hr",
        permission="view",
        button="Open the paystub",
        icon="visibility",
        step_up=True,
        refusals=(pay.NotForPay,),
    )
    def open_paystub(self, request: HttpRequest, paystub: Paystub, *, reason: str) -> HttpResponse:
        try:
            payslip = pay.paystub_for_hr(by=person_of(request), paystub_id=paystub.pk, reason=reason)
        except keys.KeyUnavailable as error:
            raise ActionRefused(sealed_reasons.for_staff(error)) from None
        explained = [(one.line, one.explanation) for one in pay.explained(paystub=payslip)]
        values = {
            **self.admin_site.each_context(request),
            "title": f"Paystub of {paystub.employee}, {payslip.month}",
            "media": self.media,
            "payslip": payslip,
            "parts": parts_of(payslip=payslip, explained=explained),
        }
        return TemplateResponse(request, "admin/hr/paystub_opened.html", values, headers=NO_STORE)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [path("import/", view(self.import_view), name="hr_paystub_import"), *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):  # before asking who it is: an operator is no employee
            raise PermissionDenied
        return importing.import_page(self, request, by=person_of(request))
