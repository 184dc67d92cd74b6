"""What people write in an incident."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from audit.actions import ReasonForm
from ragsite.models import Incident
from tenants.models import Tenant

_MAX_CHARS = 4000


class OpenForm(forms.Form):
    """The first minute: what is suspected, and of which companies."""

    title = forms.CharField(
        max_length=200,
        min_length=3,
        widget=UnfoldAdminTextInputWidget(),
        help_text="In a few words and without personal detail: it stands in the report.",
    )
    kind = forms.ChoiceField(
        choices=Incident.Kind.choices, initial=Incident.Kind.LEAK, widget=UnfoldAdminSelectWidget()
    )
    severity = forms.ChoiceField(
        choices=Incident.Severity.choices, initial=Incident.Severity.CRITICAL, widget=UnfoldAdminSelectWidget()
    )
    companies = forms.ModelMultipleChoiceField(
        queryset=Tenant.objects.order_by("name", "pk"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="Each gets its own steps.",
    )
    summary = forms.CharField(
        label="What is known",
        max_length=_MAX_CHARS,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Who noticed what, and when. More can be noted later.",
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("kind") == Incident.Kind.LEAK and not values.get("companies") and "companies" in values:
            self.add_error(
                "companies", "Choose the company whose data may have leaked; with the steps begins its page."
            )
        return values


def initial_of(query: Mapping[str, str]) -> dict[str, Any]:
    """What the page that led here knows: `?company=<id>`."""
    company = query.get("company", "")
    known = Tenant.objects.filter(pk=company).first() if company.isascii() and company.isdigit() else None
    if known is None:
        return {}
    return {"companies": [known.pk], "title": f"Data leak suspected at {known.name}"}


class StepForm(forms.Form):
    how = forms.ChoiceField(choices=[("done", "done"), ("skip", "skip")])
    words = forms.CharField(min_length=3, max_length=500)


class NoteForm(forms.Form):
    text = forms.CharField(min_length=3, max_length=1000)


class CloseForm(ReasonForm):
    """The review. Its headings are those of the exported file."""

    impact = forms.CharField(
        max_length=_MAX_CHARS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Whom it concerned, and for how long. Numbers, no names.",
    )
    root_cause = forms.CharField(max_length=_MAX_CHARS, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))
    worked = forms.CharField(
        label="What worked", max_length=_MAX_CHARS, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )
    did_not_work = forms.CharField(
        label="What did not work",
        max_length=_MAX_CHARS,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    action_items = forms.CharField(
        max_length=_MAX_CHARS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "placeholder": "Security team; review readers; 2026-12-01"}),
        help_text="One a line: owner; task; date (such as 2026-12-01). At least one.",
    )
    field_order = ["impact", "root_cause", "worked", "did_not_work", "action_items", "reason"]

    def clean_action_items(self) -> list[tuple[str, str, str]]:
        items = []
        for number, line in enumerate(filter(None, map(str.strip, self.cleaned_data["action_items"].splitlines())), 1):
            parts = [part.strip() for part in line.split(";")]
            if len(parts) != 3 or not all(parts):
                raise forms.ValidationError(
                    f"Line {number} needs an owner, a task and a date, separated by semicolons."
                )
            try:
                day = date.fromisoformat(parts[2])
            except ValueError:
                raise forms.ValidationError(f"Line {number}: write the date as 2026-12-01.") from None
            items.append((parts[0], parts[1], day.isoformat()))
        return items
