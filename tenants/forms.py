"""Forms of the consoles."""

import zoneinfo
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from audit.actions import ReasonForm
from tenants import services
from tenants.models import Tenant

# What fits under the ask box on a phone without scrolling.
MAX_SUGGESTED_QUESTIONS = 8
MAX_QUESTION_CHARS = 200


class OnboardForm(forms.Form):
    """What a new company needs."""

    name = forms.CharField(max_length=200, label="Company name", widget=UnfoldAdminTextInputWidget)
    domain = forms.CharField(
        max_length=253,
        label="Host name",
        help_text="Where its people will open the assistant, such as hr.acme.example; without port.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    admin_email = forms.EmailField(
        label="First administrator's e-mail",
        help_text="Becomes the owner and gets a one-time sign-in link.",
        widget=UnfoldAdminEmailInputWidget,
    )

    def clean_domain(self) -> str:
        domain = self.cleaned_data["domain"].strip().lower().rstrip(".")
        services.check_lasting_host_name(domain)
        return domain


class TypedNameForm(ReasonForm):
    """The confirmation of what stops a whole company: its name has to be written, so that nobody hits the wrong one."""

    typed_name = forms.CharField(max_length=200, label="Type the name", widget=UnfoldAdminTextInputWidget)

    field_order = ["typed_name", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.wanted_name()
        self.fields["typed_name"].help_text = f"Write “{name}” to confirm that you mean exactly this."
        self.fields["typed_name"].widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})

    def wanted_name(self) -> str:
        """One company's name; of several all, so that the list is read."""
        return ", ".join(str(obj) for obj in self.objects)

    def clean_typed_name(self) -> str:
        typed: str = self.cleaned_data["typed_name"]
        if " ".join(typed.split()).casefold() != self.wanted_name().casefold():
            raise forms.ValidationError(f"This is not “{self.wanted_name()}”. Nothing was changed.")
        return typed


class HostNameForm(forms.ModelForm):
    """One more host name of a company."""

    def clean_domain(self) -> str:
        domain: str = self.cleaned_data["domain"]
        if domain != self.instance.domain:
            services.check_lasting_host_name(domain)
        return domain


class CompanySettingsForm(forms.Form):
    """What a company decides for itself. Suggested questions are written one per line."""

    min_confidence_threshold = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        label="Answer only when at least this sure",
        help_text="0 to 1. Below it the assistant says that the documents do not say. Empty: the installation's value.",
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "0.05"}),
    )
    contact_name = forms.CharField(
        required=False,
        max_length=200,
        label="Whom to ask",
        help_text="Shown when the documents do not say, such as “HR desk, 2nd floor”.",
        widget=UnfoldAdminTextInputWidget,
    )
    contact_email = forms.EmailField(required=False, label="Their e-mail address", widget=UnfoldAdminEmailInputWidget)
    suggested_questions = forms.CharField(
        required=False,
        label="Suggested questions",
        help_text=f"One per line, at most {MAX_SUGGESTED_QUESTIONS}. Shown under the ask box.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
    )

    time_zone = forms.ChoiceField(
        required=False,
        choices=lambda: [(name, name) for name in sorted(zoneinfo.available_timezones())],
        label="Time zone",
        help_text="Policies come into force at midnight there.",
        widget=UnfoldAdminSelectWidget,
    )
    requires_review = forms.BooleanField(
        required=False,
        label="Publish only what a second HR person has reviewed",
        help_text="What is uploaded waits for the review; what is published stays so.",
        widget=UnfoldBooleanWidget,
    )

    hr_reading = forms.ChoiceField(
        required=False,
        choices=Tenant.HrReading.choices,
        label="HR may read questions",
        help_text="Your people read below the ask box who can read what they write. A change counts for what is asked "
        "from then on; it opens nothing that was asked under a stricter rule. What is written on sensitive topics is "
        "read by nobody.",
        widget=UnfoldAdminSelectWidget,
    )

    def clean_hr_reading(self) -> str:
        """Left out: as it is."""
        return self.cleaned_data["hr_reading"] or self.initial.get("hr_reading") or Tenant.HrReading.NEVER

    def clean_time_zone(self) -> str:
        """Left out: as it is."""
        return self.cleaned_data["time_zone"] or self.initial.get("time_zone") or "UTC"

    def clean_suggested_questions(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["suggested_questions"].splitlines()]
        questions = list(dict.fromkeys(line for line in lines if line))
        if len(questions) > MAX_SUGGESTED_QUESTIONS:
            raise forms.ValidationError(f"At most {MAX_SUGGESTED_QUESTIONS} questions.")
        if any(len(question) > MAX_QUESTION_CHARS for question in questions):
            raise forms.ValidationError(f"A suggested question may have {MAX_QUESTION_CHARS} characters.")
        return questions

    @staticmethod
    def initial_of(tenant: Tenant) -> dict[str, Any]:
        """The form's initial values."""
        return {
            "min_confidence_threshold": tenant.min_confidence_threshold,
            "contact_name": tenant.contact_name,
            "contact_email": tenant.contact_email,
            "time_zone": tenant.time_zone,
            "requires_review": tenant.requires_review,
            "hr_reading": tenant.hr_reading,
            "suggested_questions": "\n".join(str(question) for question in tenant.suggested_questions),
        }
