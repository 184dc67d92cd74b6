"""Pay in the admin, for HR only: paystubs without amounts, opened one by one with a reason; pay codes; pay details."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from audit import markup
from audit.actions import ActionRefused, confirmed, page_action
from audit.console import ConsoleAdmin, ReadOnlyAdmin, audit_url, badge
from hr import access, keys, sealed_reasons
from hr.admin import pay_import
from hr.models import Employee, PayCode, PayDetails, Paystub
from hr.pay.parts import parts_of
from hr.services import pay
from tenants.console import CompanyOnly

_CODE = RegexValidator(r"^[A-Z0-9_-]{1,32}$", "Capital letters, digits, - and _ only.")
# What is shown once must not stay in a browser's cache.
_NO_STORE = {"Cache-Control": "private, no-store"}


class _ForPay(CompanyOnly):
    """HR only, by the one decision of hr.access: owners administer the company and do not see what people are paid."""

    def _may(self, request: HttpRequest) -> bool:
        employee = getattr(request.user, "employee", None)
        return self.belongs_here() and employee is not None and access.may_manage_pay(employee)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Some pages look for the row before they ask for permission, and would tell owners which ids there are.

        :raises django.core.exceptions.PermissionDenied: for anybody but HR.
        """
        if not self._may(request):
            raise PermissionDenied
        return super().get_object(request, object_id, from_field)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)


class _EditedForPay(_ForPay):
    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)


@admin.register(Paystub)
class PaystubAdmin(_ForPay, ReadOnlyAdmin):
    """Who has a paystub of which period. Amounts are behind a reason."""

    list_display = ["state", "person", "period", "pay_date", "currency", "imported"]
    list_display_links = ["period"]
    list_select_related = ["employee", "corrected_by"]
    list_filter = ["pay_date", "currency"]
    search_fields = ["employee__first_name", "employee__last_name", "employee__employee_number"]
    search_help_text = "Name or employee number"
    ordering = ["-pay_date", "employee__last_name", "employee__first_name", "pk"]
    actions_list = ["import_paystubs"]
    actions_detail = ["open_paystub"]
    fields = ["state", "person", "period", "pay_date", "number", "currency", "imported", "audit_trail"]
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
        refusals=(pay.NotForPay,),
    )
    def open_paystub(self, request: HttpRequest, paystub: Paystub, *, reason: str) -> HttpResponse:
        try:
            payslip = pay.paystub_for_hr(by=_person(request), paystub_id=paystub.pk, reason=reason)
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
        return TemplateResponse(request, "admin/hr/paystub_opened.html", values, headers=_NO_STORE)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [path("import/", view(self.import_view), name="hr_paystub_import"), *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        return pay_import.import_page(self, request, by=_person(request))


@admin.register(PayCode)
class PayCodeAdmin(_EditedForPay, ConsoleAdmin):
    """What the lines mean, in the company's own words."""

    list_display = ["code", "label", "kind", "explanation"]
    list_filter = ["kind"]
    search_fields = ["code", "label", "explanation"]
    ordering = ["kind", "code"]
    fields = ["code", "label", "kind", "explanation"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else ["code"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "code" in form.base_fields:
            form.base_fields["code"].validators.append(_CODE)
        return form

    def save_model(self, request: HttpRequest, obj: PayCode, form: Any, change: bool) -> None:
        values = {"label": obj.label, "kind": obj.kind, "explanation": obj.explanation}
        if change:
            pay.change_pay_code(pay_code=obj, **values)
            return
        obj.__dict__.update(pay.create_pay_code(code=obj.code, **values).__dict__)


class PayDetailsForm(forms.ModelForm):
    """Written, never read back: an empty field leaves what is kept."""

    employee_number = forms.CharField(max_length=32, widget=UnfoldAdminTextInputWidget)
    new_iban = forms.CharField(
        label="Bank account (IBAN)",
        max_length=50,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    new_national_id = forms.CharField(
        label="National id or social security number",
        max_length=40,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    class Meta:
        model = PayDetails
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            return
        del self.fields["employee_number"]
        for name in ("new_iban", "new_national_id"):
            self.fields[name].help_text = "Empty: what is kept stays."

    def clean_employee_number(self) -> str:
        number = self.cleaned_data["employee_number"].strip()
        self.employee = Employee.objects.filter(employee_number=number).first()
        if self.employee is None:
            raise forms.ValidationError("Nobody in this company has this number.")
        if PayDetails.objects.filter(employee=self.employee).exists():
            raise forms.ValidationError("This person's details are kept already; change them in the list.")
        return number

    def clean_new_iban(self) -> str:
        given = self.cleaned_data["new_iban"]
        try:
            return pay.checked_iban(given) if given else ""
        except pay.BadIban as error:
            raise forms.ValidationError(f"This {error}.") from None

    def clean_new_national_id(self) -> str:
        given = self.cleaned_data["new_national_id"]
        try:
            return pay.checked_national_id(given) if given else ""
        except pay.BadNationalId as error:
            raise forms.ValidationError(f"It {error}.") from None


@admin.register(PayDetails)
class PayDetailsAdmin(_EditedForPay, ConsoleAdmin):
    """Bank account and national id: written here, shown in full only with a reason."""

    list_display = ["person", "changed"]
    list_select_related = ["employee"]
    search_fields = ["employee__first_name", "employee__last_name", "employee__employee_number"]
    ordering = ["employee__last_name", "employee__first_name", "pk"]
    actions_detail = ["open_details"]
    form = PayDetailsForm

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("iban", "national_id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [("employee_number" if obj is None else "person"), "new_iban", "new_national_id"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else ["person"]

    @display(description="Person", ordering="employee__last_name")
    def person(self, details: PayDetails) -> str:
        employee = details.employee
        return f"{employee.last_name}, {employee.first_name} ({employee.employee_number})"

    @display(description="Changed", ordering="updated_at")
    def changed(self, details: PayDetails) -> SafeString | str:
        return markup.when(details.updated_at)

    @confirmed(
        description="Show in full",
        consequence="You see account and national id in full. That you looked, and why, stays in the audit log.",
        verb="pay_details.open_for_hr",
        permission="view",
        button="Show",
        icon="visibility",
        refusals=(pay.NotForPay,),
    )
    def open_details(self, request: HttpRequest, details: PayDetails, *, reason: str) -> HttpResponse:
        try:
            iban, national_id = pay.open_details_for_hr(by=_person(request), employee=details.employee, reason=reason)
        except keys.KeyUnavailable as error:
            raise ActionRefused(sealed_reasons.for_staff(error)) from None
        values = {
            **self.admin_site.each_context(request),
            "title": f"Pay details of {details.employee}",
            "media": self.media,
            "iban": " ".join(iban[n : n + 4] for n in range(0, len(iban), 4)),
            "national_id": national_id,
            "back": reverse("admin:hr_paydetails_changelist"),
        }
        return TemplateResponse(request, "admin/hr/pay_details_opened.html", values, headers=_NO_STORE)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.instance

    def save_model(self, request: HttpRequest, obj: PayDetails, form: Any, change: bool) -> None:
        employee = obj.employee if change else form.employee
        kept = pay.set_pay_details(
            employee=employee,
            iban=form.cleaned_data["new_iban"] or None,
            national_id=form.cleaned_data["new_national_id"] or None,
        )
        obj.__dict__.update(kept.__dict__)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing beside the row."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A key that is not there is a message on the page that was being filled in, and nothing is written."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except keys.KeyUnavailable as error:
            self.message_user(request, sealed_reasons.for_staff(error), level="ERROR")
            return HttpResponseRedirect(request.path)


def _person(request: HttpRequest) -> Employee:
    return request.user.employee  # type: ignore[union-attr]
