"""What HR types about a person."""

from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminSelectWidget

from audit.actions import ReasonForm
from hr import access, records, services
from hr.models import Employee
from tenants.days import validate_day

RECORD_FIELDS = (
    "first_name",
    "last_name",
    "email",
    "employee_number",
    "language",
    "department",
    "manager",
    "country",
    "site",
    "employment_type",
    "grade",
    "working_days_per_week",
    "start_date",
    "end_date",
)


class EmployeeForm(forms.ModelForm):
    """The record; a new person also gets a role."""

    country = forms.ChoiceField(
        required=False,
        widget=UnfoldAdminSelect2Widget,
        help_text="Where the person is employed: it decides which policies and holidays apply.",
    )
    language = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Employee
        fields = [*RECORD_FIELDS, "role"]
        help_texts = {
            "working_days_per_week": "5 for full time; 2.5 for half of it. Leave is counted in these days.",
            "end_date": "Last day of employment; after it the person is deactivated by itself.",
            "site": "An office or plant, spelt as in the readers of documents.",
        }

    roles_on_offer: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("country", records.country_choices()), ("language", records.language_choices())):
            if name in self.fields:
                self.fields[name].choices = [("", "Not known"), *choices]  # type: ignore[attr-defined]
        if "employee_number" in self.fields and self.instance.pk is None:
            self.fields["employee_number"].required = False
            self.fields["employee_number"].help_text = "Empty: the next free number."
        for name in {"start_date", "end_date"} & self.fields.keys():
            self.fields[name].validators.append(validate_day)
        if "role" in self.fields:
            self.fields["role"].choices = choices_of(self.roles_on_offer)  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if Employee.objects.with_email(email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Somebody in this company already has this address.")
        return email

    def clean_manager(self) -> Employee | None:
        manager: Employee | None = self.cleaned_data["manager"]
        if manager is not None and self.instance.pk is not None:
            try:
                services.check_manager(employee_id=self.instance.pk, manager=manager)
            except services.ManagerCycle as error:
                raise forms.ValidationError(str(error)) from None
        return manager

    def clean_working_days_per_week(self) -> Decimal:
        try:
            return records.working_days(str(self.cleaned_data["working_days_per_week"]))
        except records.BadWorkingDays as error:
            raise forms.ValidationError(str(error)) from None

    def clean_employee_number(self) -> str:
        number: str = self.cleaned_data["employee_number"]
        if number and Employee.objects.with_number(number).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Somebody in this company already has this number.")
        return number

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        # Of an owner HR may change the first day only, so the last one may stand in the record alone.
        days = {name: given.get(name, getattr(self.instance, name)) for name in ("start_date", "end_date")}
        if records.ends_before_start(**days):
            self.add_error(
                "end_date" if "end_date" in self.fields else "start_date", "The last day is before the first."
            )
        return given


class RoleForm(ReasonForm):
    """Which role, and why."""

    role = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    field_order = ["role", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by = self.request.user.employee  # type: ignore[union-attr]
        self.fields["role"].choices = choices_of(access.roles_given_by(by))  # type: ignore[attr-defined]
        if len(self.objects) == 1:
            self.initial.setdefault("role", self.objects[0].role)  # type: ignore[attr-defined]


def choices_of(roles: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(role, Employee.Role(role).label) for role in roles]
