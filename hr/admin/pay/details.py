"""Pay details in the admin: written, and shown in full only with a reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from audit import markup
from audit.actions import ActionRefused, confirmed
from audit.console import ConsoleAdmin
from hr import keys, sealed_reasons
from hr.admin.pay.gate import NO_STORE, EditedForPay, person_of
from hr.models import Employee, PayDetails
from hr.services import pay


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
class PayDetailsAdmin(EditedForPay, ConsoleAdmin):
    """Bank account and national id: written here, shown in full only with a reason."""

    list_verb, read_verb = "pay_details.list", "pay_details.open_form"
    empty_text = "Bank and tax details, sealed. They stand here when they have been entered for somebody."
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
        step_up=True,
        refusals=(pay.NotForPay,),
    )
    def open_details(self, request: HttpRequest, details: PayDetails, *, reason: str) -> HttpResponse:
        try:
            iban, national_id = pay.open_details_for_hr(by=person_of(request), employee=details.employee, reason=reason)
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
        return TemplateResponse(request, "admin/hr/pay_details_opened.html", values, headers=NO_STORE)

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
