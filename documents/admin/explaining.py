"""The page that says who can read a document, and why one person can or cannot."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from audit.possible import possible_values_only
from documents import explaining, rights
from documents.admin.forms import DayWidget
from documents.models import Document
from documents.services import originals
from hr.models import Employee
from tenants.days import validate_day

PEOPLE_PER_PAGE = 50


class PersonForm(forms.Form):
    """About whom, and for which day."""

    employee = forms.ModelChoiceField(queryset=Employee.objects.all(), label="Person")
    as_of = forms.DateField(
        required=False, validators=[validate_day], label="On the day", help_text="Empty: today.", widget=DayWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"].widget = AutocompleteSelect(
            Document._meta.get_field("owner"),  # type: ignore[arg-type]
            admin.site,
            choices=self.fields["employee"].choices,  # type: ignore[attr-defined]
        )
        possible_values_only(self.fields["employee"])


def access_page(model_admin: Any, request: HttpRequest, document: Document) -> HttpResponse:
    """All active people who may read it, and with `?employee=` the rule for one. Recorded, as one or the other."""
    form = PersonForm(request.GET if "employee" in request.GET else None)
    employee, explanation = None, None
    if form.is_bound and form.is_valid():
        employee = form.cleaned_data["employee"]
        explanation = explaining.explain(employee=employee, document=document, as_of=form.cleaned_data["as_of"])
        explaining.record_explanation(employee=employee, document=document, explanation=explanation)
    readers = explaining.readers_of(document)
    if employee is None:
        originals.record_list_of_readers(document=document, readers=len(readers.people))
    values = {
        **model_admin.admin_site.each_context(request),
        "title": f"Who can read “{document}”?",
        "media": model_admin.media + form.media,
        "document": document,
        "said": rights.readers_of(rights.audience_of(document)),
        "form": form,
        "employee": employee,
        "explanation": explanation,
        "readers": readers,
        "page": Paginator(readers.people, PEOPLE_PER_PAGE).get_page(request.GET.get("page", "1")),
    }
    return TemplateResponse(request, "admin/documents/document/access.html", values)
