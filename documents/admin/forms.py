"""What HR chooses about documents and versions: readers, days, and to whom a version applies."""

from collections.abc import Callable, Iterable
from copy import copy
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django_countries import countries
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminTextInputWidget,
)

from audit.actions import ReasonForm
from documents import rights, services
from documents.models import Document, DocumentVersion
from documents.services import publishing
from documents.windows import Window, WindowReversed
from hr.access import Applicability, Audience, key_of
from hr.models import Employee
from tenants import context
from tenants.days import validate_day

Choices = list[tuple[str, str]]


def country_choices() -> Choices:
    """Keys and English names of all countries."""
    return [(key_of(code), str(name)) for code, name in countries]


def role_choices() -> Choices:
    return list(Employee.Role.choices)


def employment_type_choices() -> Choices:
    return list(Employee.EmploymentType.choices)


def department_choices() -> Choices:
    """The departments of the company's people. One query."""
    return _spellings("department")


def site_choices() -> Choices:
    """The sites of the company's people. One query."""
    return _spellings("site")


def _spellings(attribute: str) -> Choices:
    known = Employee.objects.exclude(**{attribute: ""}).values_list(attribute, flat=True).distinct()
    by_key = {key_of(spelling): " ".join(spelling.split()) for spelling in sorted(known)}
    return sorted(by_key.items(), key=lambda pair: pair[1].casefold())


class KeysField(forms.MultipleChoiceField):
    """A list of keys, chosen by name. What a document already has stays on offer, whatever the records say today."""

    def __init__(self, *, offered: Callable[[], Choices], label: str, help_text: str = "Empty: all.") -> None:
        self.offered = offered
        super().__init__(
            required=False, label=label, help_text=help_text, choices=offered, widget=UnfoldAdminSelect2MultipleWidget
        )

    def keep(self, keys: Iterable[str]) -> None:
        """Offer these, too."""
        offered = self.offered()
        known = {key for key, _ in offered}
        self.choices = [*offered, *((key, key) for key in sorted(keys) if key not in known)]


class DayWidget(UnfoldAdminTextInputWidget):
    """The browser's own date field: no script needed, and it speaks the reader's language."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "date"})


class AudienceFields(forms.Form):
    """Who may read a document."""

    audience_roles = KeysField(offered=role_choices, label="Roles")
    audience_departments = KeysField(offered=department_choices, label="Departments")
    audience_countries = KeysField(offered=country_choices, label="Countries")
    audience_sites = KeysField(offered=site_choices, label="Sites")
    audience_employment_types = KeysField(offered=employment_type_choices, label="Employment types")

    def audience(self, *, is_confidential: bool, subject_id: int | None = None, people: Iterable[int] = ()) -> Audience:
        """What was chosen; call it after validation."""
        given = self.cleaned_data
        return Audience(
            is_confidential=is_confidential,
            subject_id=subject_id,
            people=frozenset(people),
            roles=frozenset(given["audience_roles"]),
            departments=frozenset(given["audience_departments"]),
            countries=frozenset(given["audience_countries"]),
            sites=frozenset(given["audience_sites"]),
            employment_types=frozenset(given["audience_employment_types"]),
        )


class TermsFields(forms.Form):
    """When a version is in force and to whom it applies."""

    effective_from = forms.DateField(
        validators=[validate_day],
        required=False,
        label="First day in force",
        help_text="Empty: today; a day set already stays. In the company's time zone; a day to come schedules it.",
        widget=DayWidget,
    )
    effective_to = forms.DateField(
        validators=[validate_day],
        required=False,
        label="Last day in force",
        help_text="Empty: until further notice, or until the next version begins.",
        widget=DayWidget,
    )
    applies_countries = KeysField(offered=country_choices, label="Applies in these countries")
    applies_sites = KeysField(offered=site_choices, label="Applies at these sites")
    applies_employment_types = KeysField(offered=employment_type_choices, label="Applies to these employment types")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            self.window().checked()
        except WindowReversed as error:
            self.add_error("effective_to", str(error))
        return given

    def window(self) -> Window:
        """What was chosen; call it after validation."""
        return Window(self.cleaned_data.get("effective_from"), self.cleaned_data.get("effective_to"))

    def applicability(self) -> Applicability:
        """What was chosen; call it after validation."""
        return Applicability(
            countries=frozenset(self.cleaned_data.get("applies_countries") or ()),
            sites=frozenset(self.cleaned_data.get("applies_sites") or ()),
            employment_types=frozenset(self.cleaned_data.get("applies_employment_types") or ()),
        )


class DocumentForm(AudienceFields, forms.ModelForm):
    """What can be changed about a document without a new file."""

    audience_people = forms.ModelMultipleChoiceField(
        queryset=Employee.objects.all(),
        required=False,
        label="Named people",
        help_text="They may read it whatever the lists say. Alone: nobody else may.",
    )
    reason = forms.CharField(
        required=False,
        max_length=500,
        label="Why",
        help_text="Needed when the readers change; kept in the audit log.",
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = Document
        fields = ["title", "is_confidential", "subject", "owner", "review_due_date"]
        labels = {
            "is_confidential": "Confidential",
            "subject": "One person's own document",
            "review_due_date": "Review due",
        }
        help_texts = {"subject": "Only they and HR read it. Empty: it is the company's."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document = self.instance
        if "review_due_date" in self.fields:
            self.fields["review_due_date"].validators.append(validate_day)
        for name in AudienceFields.base_fields:
            if name in self.fields:
                self.initial.setdefault(name, getattr(document, name))
                self.fields[name].keep(getattr(document, name))  # type: ignore[attr-defined]
        if "audience_people" in self.fields:
            self.initial.setdefault("audience_people", document.audience_people)
            # The widget asks the admin's autocomplete for people as the owner's field does.
            self.fields["audience_people"].widget = AutocompleteSelectMultiple(
                Document._meta.get_field("owner"),  # type: ignore[arg-type]
                admin.site,
                choices=self.fields["audience_people"].choices,  # type: ignore[attr-defined]
            )

    def clean_title(self) -> str:
        title = services.clean_title(self.cleaned_data["title"])
        if not title:
            raise forms.ValidationError("A document needs a title.")
        return title

    def clean_audience_people(self) -> list[int]:
        return sorted(person.pk for person in self.cleaned_data["audience_people"])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return given
        try:
            wanted = rights.checked_audience(self.wanted_audience())
        except rights.UnknownValue as error:
            self.add_error(None, str(error))
        except rights.PersonalWithAudience as error:
            self.add_error("subject", str(error))
        else:
            before = rights.audience_of(Document.objects.get(pk=self.instance.pk))
            if wanted != before and wanted.is_confidential == before.is_confidential and not given["reason"].strip():
                self.add_error("reason", "Say why the readers change.")
        return given

    def wanted_audience(self) -> Audience:
        """The readers as chosen; call it after validation."""
        given = self.cleaned_data
        return self.audience(
            is_confidential=given["is_confidential"],
            subject_id=given["subject"].pk if given["subject"] else None,
            people=given["audience_people"],
        )


class WindowForm(TermsFields, ReasonForm):
    """Days and people of a version, and why. What does not fit among the published ones is said in the form."""

    is_for_publishing = False

    field_order = [
        "effective_from",
        "effective_to",
        "applies_countries",
        "applies_sites",
        "applies_employment_types",
        "reason",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("applies_countries", "applies_sites", "applies_employment_types"):
            keys = {key for version in self._versions() for key in getattr(version, name)}
            self.fields[name].keep(keys)  # type: ignore[attr-defined]
        if len(self._versions()) == 1:
            for name in TermsFields.base_fields:
                self.initial.setdefault(name, getattr(self._versions()[0], name))
            if self._versions()[0].ended_by_id is not None:
                self.initial["effective_to"] = self._versions()[0].intended_to

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if self.errors:
            return given
        for version in self._versions():
            if not self.is_for_publishing and version.publication != DocumentVersion.Publication.PUBLISHED:
                continue
            try:
                publishing.check_room(
                    version=copy(version), window=self._window_of(version), applicability=self.applicability()
                )
            except (services.TimelineConflict, services.TooManyKeys, rights.UnknownValue) as error:
                self.add_error(None, str(error))
        return given

    def _window_of(self, version: DocumentVersion) -> Window:
        first: date | None = self.cleaned_data.get("effective_from")
        return Window(first or version.effective_from or context.local_today(), self.cleaned_data.get("effective_to"))

    def _versions(self) -> list[DocumentVersion]:
        return list(self.objects)  # type: ignore[arg-type]


class PublishForm(WindowForm):
    """The same for a version that is about to be published."""

    is_for_publishing = True
