"""The company's rules about leave: kinds, policies by country, changes to the public holidays."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelect2Widget

from audit import markup
from audit.actions import confirmed
from audit.console import ConsoleAdmin, badge
from hr import records
from hr.admin.leave.gate import ForLeave
from hr.leave import holidays
from hr.leave.wording import amount
from hr.models import HolidayChange, LeavePolicy, LeaveType
from hr.services import leave
from tenants.days import validate_day


class _CountryForm(forms.ModelForm):
    """The country by its name; those without a calendar of their own have no public holidays here."""

    country = forms.ChoiceField(widget=UnfoldAdminSelect2Widget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "country" in self.fields:
            self.fields["country"].choices = [  # type: ignore[attr-defined]
                ("", "Please choose"),
                *((code, _country(code, name)) for code, name in records.country_choices()),
            ]


class _HolidayForm(_CountryForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].validators.append(validate_day)


def _country(code: str, name: str) -> str:
    return name if holidays.is_known(code) else f"{name} (no calendar of public holidays)"


@admin.register(LeaveType)
class LeaveTypeAdmin(ForLeave, ConsoleAdmin):
    """Kinds of leave. They are retired, not deleted: requests name them."""

    list_display = ["state", "name", "code", "balance", "approval", "position"]
    list_display_links = ["name"]
    ordering = ["position", "pk"]
    fields = ["name", "code", "uses_balance", "needs_approval", "position", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else ["code"]

    @display(description="State", ordering="is_active")
    def state(self, kind: LeaveType) -> SafeString:
        return badge(text="On offer", tone="good") if kind.is_active else badge(text="Retired", tone="muted")

    @display(description="Balance", ordering="uses_balance")
    def balance(self, kind: LeaveType) -> str:
        return "uses the balance" if kind.uses_balance else "–"

    @display(description="Approval", ordering="needs_approval")
    def approval(self, kind: LeaveType) -> str:
        return "by the manager" if kind.needs_approval else "reported only"

    def save_model(self, request: HttpRequest, obj: LeaveType, form: Any, change: bool) -> None:
        leave.save_leave_type(leave_type=obj)


@admin.register(LeavePolicy)
class LeavePolicyAdmin(ForLeave, ConsoleAdmin):
    """How many days, for whom, from which year on."""

    empty_text = "A policy says how many days people get; without one nobody can ask for leave."
    list_display = ["place", "people", "from_year", "days", "accrual", "carry_over", "changed"]
    list_filter = ["country", "employment_type", "from_year"]
    ordering = ["country", "employment_type", "-from_year"]
    form = _CountryForm
    fieldsets = [
        ("For whom", {"fields": ["country", "employment_type", "from_year"]}),
        ("How many days", {"fields": ["annual_days", "accrual", "rounding", "waiting_months"]}),
        ("From one year to the next", {"fields": ["carry_over_max_days", "carry_over_until"]}),
    ]

    @display(description="Country", ordering="country")
    def place(self, policy: LeavePolicy) -> str:
        return records.country_name(policy.country)

    @display(description="People", ordering="employment_type")
    def people(self, policy: LeavePolicy) -> str:
        return str(policy.get_employment_type_display()) if policy.employment_type else "Everybody"

    @display(description="Days a year", ordering="annual_days")
    def days(self, policy: LeavePolicy) -> str:
        return amount(policy.annual_days)

    @display(description="Carry-over", ordering="carry_over_max_days")
    def carry_over(self, policy: LeavePolicy) -> str:
        if not policy.carry_over_max_days:
            return "none"
        until = f" until {policy.carry_over_until}" if policy.carry_over_until else ""
        return f"{amount(policy.carry_over_max_days)}{until}"

    @display(description="Changed", ordering="updated_at")
    def changed(self, policy: LeavePolicy) -> SafeString | str:
        return markup.when(policy.updated_at)

    def save_model(self, request: HttpRequest, obj: LeavePolicy, form: Any, change: bool) -> None:
        leave.save_policy(policy=obj)


@admin.register(HolidayChange)
class HolidayChangeAdmin(ForLeave, ConsoleAdmin):
    """Days that the company adds to a country's public holidays, or takes from them, also for one site."""

    empty_text = "The public holidays of each country are known. Add what differs here: a day more, or one less."
    list_display = ["what", "day", "name", "place", "site"]
    list_display_links = ["day"]
    list_filter = ["country", "is_holiday"]
    search_fields = ["name", "site"]
    date_hierarchy = "day"
    ordering = ["-day", "country", "site"]
    form = _HolidayForm
    fields = ["country", "site", "day", "is_holiday", "name"]
    actions = ["remove"]
    actions_detail = ["remove"]

    def audit_target(self, obj: Any) -> str:
        return f"holiday_change:{obj.pk}"

    @display(description="Kind", ordering="is_holiday")
    def what(self, change: HolidayChange) -> SafeString:
        if change.is_holiday:
            return badge(text="Holiday", tone="good")
        return badge(text="Working day", tone="waiting", title="A public holiday on which people work")

    @display(description="Country", ordering="country")
    def place(self, change: HolidayChange) -> str:
        return records.country_name(change.country)

    def save_model(self, request: HttpRequest, obj: HolidayChange, form: Any, change: bool) -> None:
        leave.save_holiday_change(change=obj)

    @confirmed(
        description="Remove",
        consequence="The public calendar counts again on this day, for new requests. Past ones keep their days.",
        verb="leave.remove_holiday",
        button="Remove",
        done="Removed",
        icon="delete",
        danger=True,
    )
    def remove(self, request: HttpRequest, change: HolidayChange, *, reason: str) -> None:
        leave.remove_holiday_change(change=change, reason=reason)
