"""What has to be said to switch something off."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from tenants.forms import TypedNameForm
from tenants.models import KillSwitch, Tenant

Scope, Feature = KillSwitch.Scope, KillSwitch.Feature

EVERY_COMPANY = "every company"
# How long it lasts by itself, in minutes.
_LASTS = [
    ("", "Until somebody releases it"),
    ("30", "30 minutes"),
    ("120", "2 hours"),
    ("480", "8 hours"),
    ("1440", "1 day"),
    ("10080", "7 days"),
]
_LASTS_HELP = "When this time is over it ends by itself, without a second person."


class _Lasting(forms.Form):
    """A switch may end by itself."""

    lasts = forms.ChoiceField(
        choices=_LASTS, required=False, label="How long", help_text=_LASTS_HELP, widget=UnfoldAdminSelectWidget
    )

    def clean_lasts(self) -> datetime | None:
        minutes: str = self.cleaned_data["lasts"]
        return timezone.now() + timedelta(minutes=int(minutes)) if minutes else None


class SwitchOffForm(_Lasting, TypedNameForm):
    """The confirmation on a company's page: which feature."""

    feature = forms.ChoiceField(
        choices=[choice for choice in Feature.choices if choice[0] != Feature.EVERYTHING],
        initial=Feature.VECTORS,
        label="What",
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ["feature", "lasts", "typed_name", "reason"]


class EngageForm(_Lasting):
    """The page for everything that can be switched off."""

    scope = forms.ChoiceField(
        choices=Scope.choices, initial=Scope.TENANT, label="For whom", widget=UnfoldAdminSelectWidget
    )
    tenant = forms.ModelChoiceField(
        queryset=Tenant.objects.set_up().order_by("name", "pk"),
        required=False,
        label="Company",
        empty_label="–",
        widget=UnfoldAdminSelectWidget,
    )
    employee_id = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        label="Person",
        help_text="The number behind “employee:” in the company's audit log.",
        widget=UnfoldAdminIntegerFieldWidget,
    )
    feature = forms.ChoiceField(
        choices=Feature.choices,
        label="What",
        help_text="A person is always switched off altogether.",
        widget=UnfoldAdminSelectWidget,
    )
    typed_name = forms.CharField(
        max_length=200,
        label="Type the name",
        help_text=f"The company's name, or “{EVERY_COMPANY}”, so that nobody hits the wrong one.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Kept in the audit log, and shown to the company's HR. Write why, without personal detail.",
    )
    field_order = ["scope", "tenant", "employee_id", "feature", "lasts", "typed_name", "reason"]

    def clean(self) -> dict[str, Any]:
        """Target and scope fit together, and the name that was written is the target's."""
        given = super().clean() or {}
        scope, tenant = given.get("scope"), given.get("tenant")
        if scope == Scope.PLATFORM:
            given["tenant"] = tenant = None
        elif tenant is None:
            self.add_error("tenant", "Choose the company.")
        if scope != Scope.EMPLOYEE:
            given["employee_id"] = None
        elif given.get("employee_id") is None and "employee_id" not in self.errors:
            self.add_error("employee_id", "Which person?")
        if scope == Scope.EMPLOYEE:
            given["feature"] = Feature.EVERYTHING
        wanted = str(tenant) if tenant is not None else EVERY_COMPANY
        typed = " ".join(given.get("typed_name", "").split())
        if typed and not self.errors and typed.casefold() != wanted.casefold():
            self.add_error("typed_name", f"This is not “{wanted}”. Nothing was switched off.")
        return given
