"""The pages of the platform's console about one company. On a company's host nobody gets in."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from audit import describing, reasons
from audit.admin import exporting
from audit.admin.filters import cleaned
from audit.admin.log import TONES
from audit.console import ConsoleAdmin, badge
from audit.findings import wording
from audit.models import AuditLog
from audit.returning import way_back
from documents.admin.accesses import pattern_rows, strip_values
from ragsite.companylogs import looking
from tenants import context
from tenants.models import Tenant

Page = Callable[..., HttpResponseBase]
_TABS = (
    ("log", "Audit log"),
    ("findings", "Findings"),
    ("access", "Access patterns"),
    ("tool_calls", "Refused reads"),
)
_FILES = (("export_log", "Export"), ("verify_export", "Verify an export"))


@dataclass(frozen=True)
class Tab:
    """One of the pages about the company."""

    title: str
    url: str
    is_current: bool


class LogFilterForm(forms.Form):
    """What is typed is exact: the log knows no names, and none are looked up here."""

    who = forms.CharField(
        required=False,
        max_length=120,
        label="Who or about",
        widget=UnfoldAdminTextInputWidget,
        help_text="A pseudonym such as employee:17, a document:…, or a request id",
    )
    verb = forms.CharField(required=False, max_length=64, widget=UnfoldAdminTextInputWidget)
    outcome = forms.ChoiceField(
        required=False, choices=[("", "All"), *AuditLog.Outcome.choices], widget=UnfoldAdminSelectWidget
    )


def urls() -> list[URLPattern]:
    """Routes of the console, named as the companies' own actions are."""
    pages: dict[str, Page] = {
        "log": log,
        "findings": findings,
        "access": access,
        "tool_calls": tool_calls,
        "export_log": export_log,
        "verify_export": verify_export,
    }
    return [
        path(
            f"tenants/tenant/<int:tenant_id>/{name.replace('_', '-')}/",
            admin.site.admin_view(page),
            name=f"tenants_tenant_{name}",
        )
        for name, page in pages.items()
    ]


def _company(tenant_id: int) -> Tenant:
    if context.has_tenant():
        raise PermissionDenied
    tenant: Tenant | None = Tenant.objects.set_up().filter(pk=tenant_id).first()
    if tenant is None:
        raise Http404
    return tenant


def _about_company(page: Page) -> Page:
    """Operators only; a company that is not there is a 404; without a reason the page that asks for one comes first."""

    @wraps(page)
    def asked(request: HttpRequest, tenant_id: int) -> HttpResponseBase:
        tenant = _company(tenant_id)
        reading = reasons.reading_of(request)
        if reading is None:
            return reasons.ask_first(request)
        return page(request, tenant, reading.reason)

    return asked


@_about_company
def log(request: HttpRequest, tenant: Tenant, reason: str) -> HttpResponse:
    """The company's audit log, a hundred rows a page, newest first."""
    form = LogFilterForm(request.GET)
    wanted = (
        {name: cleaned(str(form.cleaned_data.get(name) or "")) or "" for name in form.fields} if form.is_valid() else {}
    )
    found = looking.log_page(tenant=tenant, reason=reason, wanted=wanted, number=request.GET.get("page", "1"))
    rows = [
        {
            "row": row,
            "told": told,
            "reason": describing.reason_in_words(row.reason),
            "outcome": badge(text=row.get_outcome_display(), tone=TONES[row.outcome]),
        }
        for row, told in found.rows
    ]
    query = urlencode({name: value for name, value in wanted.items() if value})
    values = {"rows": rows, "page": found.page, "standing": found.standing, "form": form, "query": query}
    return _render(request, tenant, "log", values)


@_about_company
def findings(request: HttpRequest, tenant: Tenant, reason: str) -> HttpResponse:
    """What the rules found in the company. Its own HR decides on it."""
    page = looking.findings_page(tenant=tenant, reason=reason, number=request.GET.get("page", "1"))
    tones = {"open": "bad", "acknowledged": "working", "dismissed": "muted"}
    rows = [
        {
            "finding": one,
            "state": badge(text=one.get_state_display(), tone=tones[one.state]),
            "who": describing.plain(one.subject, is_actor=True),
            "counted": wording.arithmetic_of(one),
        }
        for one in page.object_list
    ]
    return _render(request, tenant, "findings", {"rows": rows, "page": page})


@_about_company
def access(request: HttpRequest, tenant: Tenant, reason: str) -> HttpResponse:
    """Who was shown how much, by number; documents by their id."""
    found = looking.access_patterns(tenant=tenant, reason=reason)
    today = looking.today_in(tenant)
    values = {
        **strip_values(),
        "people": pattern_rows(by="actor", found=found.people, known={}, today=today, page=""),
        "documents": pattern_rows(by="document_id", found=found.documents, known={}, today=today, page=""),
    }
    return _render(request, tenant, "access", values)


@_about_company
def tool_calls(request: HttpRequest, tenant: Tenant, reason: str) -> HttpResponse:
    """Refused reads of personal records, newest first."""
    page = looking.refused_reads(tenant=tenant, reason=reason, number=request.GET.get("page", "1"))
    rows = [{"call": one, "who": f"employee {one.employee_id}"} for one in page.object_list]
    return _render(request, tenant, "tool_calls", {"rows": rows, "page": page})


def export_log(request: HttpRequest, tenant_id: int) -> HttpResponseBase:
    """The company's log as a file. It asks for a reason of its own; the export is a row in both logs."""
    tenant = _company(tenant_id)
    return exporting.export_page(
        admin_site=admin.site,
        request=request,
        title=f"Export the audit log of {tenant}",
        inside=looking.exporting_from(tenant, reason=request.POST.get("reason", "")),
        otherwise=_page_of(tenant),
    )


def verify_export(request: HttpRequest, tenant_id: int) -> HttpResponseBase:
    """Whether a file is an export of this company's log. The check is a row in both logs."""
    tenant = _company(tenant_id)
    return exporting.check_page(
        admin_site=admin.site,
        request=request,
        title=f"Verify an export of {tenant}",
        check=partial(looking.check_export, tenant=tenant),
        otherwise=_page_of(tenant),
        incident=looking.open_incident(tenant),
    )


def _page_of(tenant: Tenant) -> str:
    return reverse("admin:tenants_tenant_change", args=(tenant.pk,))


def _render(request: HttpRequest, tenant: Tenant, name: str, values: dict[str, Any]) -> HttpResponse:
    reading = reasons.reading_of(request)
    shared = {
        **admin.site.each_context(request),
        "title": f"{dict(_TABS)[name]} of {tenant}",
        "tenant": tenant,
        "tabs": [
            Tab(title, reverse(f"admin:tenants_tenant_{key}", args=(tenant.pk,)), is_current=key == name)
            for key, title in (*_TABS, *_FILES)
        ],
        "reading": reading,
        "change_reason": f"{reasons.reason_url()}?{urlencode({'next': request.get_full_path()})}",
        "back": way_back(request, otherwise=_page_of(tenant)),
        "is_come_from": "back" in request.GET,
        "media": forms.Media(css=dict(ConsoleAdmin.Media.css), js=ConsoleAdmin.Media.js),
    }
    return TemplateResponse(request, f"admin/tenants/tenant/company_{name}.html", {**shared, **values})
