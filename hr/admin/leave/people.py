"""What HR states about one person's leave: extra days, days by contract, days carried over, weekdays."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from audit import markup
from audit.actions import confirmed
from audit.console import ConsoleAdmin, badge
from hr.admin.leave.gate import ForLeave, listed, person
from hr.leave.wording import amount
from hr.models import Employee, LeaveEntitlement, WorkingWeek
from hr.services import leave
from hr.services.own_records import is_own
from tenants import context

Kind = LeaveEntitlement.Kind
# How far from this year days are stated: opening balances behind, agreements ahead.
_YEARS_BACK, _YEARS_AHEAD = 5, 5
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _OfPersonForm(forms.ModelForm):
    """Who it is about, by number: a list of everybody could not be read."""

    employee_number = forms.CharField(max_length=32, widget=UnfoldAdminTextInputWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.employee: Employee | None = None
        if not self.instance._state.adding:
            self.employee = self.instance.employee
            self.fields.pop("employee_number", None)

    def clean_employee_number(self) -> str:
        number: str = self.cleaned_data["employee_number"].strip()
        self.employee = Employee.objects.filter(employee_number=number).first()
        if self.employee is None:
            raise forms.ValidationError("Nobody in this company has this number.")
        if is_own(employee=self.employee):
            raise forms.ValidationError(str(leave.OwnRecord()), code=leave.OwnRecord.code)
        self.instance.employee = self.employee
        return number


class EntitlementForm(_OfPersonForm):
    class Meta:
        model = LeaveEntitlement
        fields = ["year", "kind", "days", "reason"]
        help_texts = {"reason": "The person reads it in their balance."}

    def clean_year(self) -> int:
        year: int = self.cleaned_data["year"]
        this_year = context.local_today().year
        if not this_year - _YEARS_BACK <= year <= this_year + _YEARS_AHEAD:
            raise forms.ValidationError(f"From {this_year - _YEARS_BACK} to {this_year + _YEARS_AHEAD}.")
        return year

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        year, kind = values.get("year"), values.get("kind")
        if self.employee and year and kind and kind != Kind.ADJUSTMENT:
            same = LeaveEntitlement.objects.in_force().filter(employee=self.employee, year=year, kind=kind)
            if same.exists():
                self.add_error("kind", "This figure is stated for that year already; withdraw it first.")
        if self.employee and year and kind and values.get("days") is not None:
            try:
                leave.check_adjustment(employee=self.employee, year=year, kind=kind, days=values["days"])
            except leave.MoreThanTheYear as error:
                self.add_error("days", str(error))
        return values


@admin.register(LeaveEntitlement)
class LeaveEntitlementAdmin(ForLeave, ConsoleAdmin):
    """Days for one person and year, each with its reason. Withdrawn, never changed."""

    list_verb, read_verb = "leave.list_entitlements", "leave.read_entitlement"
    empty_text = "Days that somebody gets beside the policy, or loses, with the reason."
    list_display = ["state", "name", "year", "kind", "amount", "reason", "stated"]
    list_display_links = ["name"]
    list_select_related = ["employee", "by"]
    list_filter = ["year", "kind", ("withdrawn_at", admin.EmptyFieldListFilter)]
    search_fields = ["employee__first_name", "employee__last_name", "employee__employee_number"]
    search_help_text = "Name or employee number"
    ordering = ["-created_at", "-pk"]
    form = EntitlementForm
    actions_detail = ["withdraw"]

    def audit_target(self, obj: Any) -> str:
        return f"employee:{obj.employee_id}"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_withdraw_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["employee_number", "year", "kind", "days", "reason"]
        return ["state", "name", "year", "kind", "amount", "reason", "by", "stated"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else ["state", "name", "amount", "stated"]

    @display(description="State", ordering="withdrawn_at")
    def state(self, stated: LeaveEntitlement) -> SafeString:
        return badge(text="Withdrawn", tone="muted") if stated.withdrawn_at else badge(text="Counts", tone="good")

    @display(description="Person", ordering="employee__last_name")
    def name(self, stated: LeaveEntitlement) -> str:
        return listed(stated.employee)

    @display(description="Days", ordering="days")
    def amount(self, stated: LeaveEntitlement) -> str:
        return amount(stated.days)

    @display(description="Stated", ordering="created_at")
    def stated(self, stated: LeaveEntitlement) -> SafeString | str:
        return markup.when(stated.created_at)

    def save_model(self, request: HttpRequest, obj: LeaveEntitlement, form: Any, change: bool) -> None:
        made = leave.add_entitlement(
            employee=form.employee,
            by=person(request),
            **{n: getattr(obj, n) for n in ("year", "kind", "days", "reason")},
        )
        obj.__dict__.update(made.__dict__)

    @confirmed(
        description="Withdraw",
        consequence="These days count no longer. The row stays, with who withdrew it in the audit log.",
        verb="leave.withdraw_entitlement",
        permission="withdraw",
        button="Withdraw",
        done="Withdrawn",
        icon="undo",
        danger=True,
        refusals=(leave.NotWithdrawable, leave.OwnRecord),
        available=lambda stated: stated.withdrawn_at is None,
    )
    def withdraw(self, request: HttpRequest, stated: LeaveEntitlement, *, reason: str) -> None:
        leave.withdraw_entitlement(entitlement=stated, reason=reason)


class WorkingWeekForm(_OfPersonForm):
    class Meta:
        model = WorkingWeek
        fields = _WEEKDAYS

    def clean_employee_number(self) -> str:
        number = super().clean_employee_number()
        if WorkingWeek.objects.filter(employee=self.employee).exists():
            raise forms.ValidationError("This person's week is on record already; change it in the list.")
        return number

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.employee and all(name in values for name in _WEEKDAYS):
            total = sum(values[name] for name in _WEEKDAYS)
            if total != self.employee.working_days_per_week:
                raise forms.ValidationError(
                    f"These are {amount(total)} days; the person's record says "
                    f"{amount(self.employee.working_days_per_week)} a week."
                )
        return values


@admin.register(WorkingWeek)
class WorkingWeekAdmin(ForLeave, ConsoleAdmin):
    """On which weekdays somebody works, where it is not the first ones of the week. Full days are 1, halves 0.5."""

    list_verb, read_verb = "leave.list_weeks", "leave.read_week"
    empty_text = (
        "Everybody works the first days of the week, as many as their contract says, unless it says otherwise here."
    )
    list_display = ["name", *_WEEKDAYS]
    list_select_related = ["employee"]
    search_fields = ["employee__first_name", "employee__last_name", "employee__employee_number"]
    ordering = ["employee__last_name", "employee__first_name", "pk"]
    form = WorkingWeekForm

    def audit_target(self, obj: Any) -> str:
        return f"employee:{obj.employee_id}"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # One's own week is looked at here, and changed by somebody else.
        return self.may(request) and (obj is None or not is_own(employee=obj.employee))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["employee_number" if obj is None else "name", *_WEEKDAYS]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else ["name"]

    @display(description="Person", ordering="employee__last_name")
    def name(self, week: WorkingWeek) -> str:
        return listed(week.employee)

    def save_model(self, request: HttpRequest, obj: WorkingWeek, form: Any, change: bool) -> None:
        leave.set_working_week(week=obj)
