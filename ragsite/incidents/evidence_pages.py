"""Two pages of the platform's console about one company: export its log, verify an export."""

import tempfile
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.widgets import UnfoldAdminTextareaWidget

from audit import returning
from audit.console import ConsoleAdmin
from ragsite.incidents import evidence
from tenants import context
from tenants.models import Tenant


class ReasonOnlyForm(forms.Form):
    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Kept in both audit logs, and in the file itself. Without personal detail.",
    )


class FileForm(ReasonOnlyForm):
    file = forms.FileField(label="The exported file (.zip)")
    field_order = ["file", "reason"]


def urls() -> list[URLPattern]:
    """Routes of the console, named as the companies' own actions are."""
    view = admin.site.admin_view
    below = "tenants/tenant/<int:tenant_id>/"
    return [
        path(f"{below}export-log/", view(export_log), name="tenants_tenant_export_log"),
        path(f"{below}verify-export/", view(verify_export), name="tenants_tenant_verify_export"),
    ]


def export_log(request: HttpRequest, tenant_id: int) -> HttpResponseBase:
    """GET asks for the reason; POST hands out the file."""
    tenant = _company(tenant_id)
    form = ReasonOnlyForm(request.POST or None, initial={"reason": returning.given_reason(request)})
    if request.method == "POST" and form.is_valid():
        out = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it when it was sent)
        exported = evidence.export_log(tenant=tenant, out=out, reason=form.cleaned_data["reason"])
        out.seek(0)
        return FileResponse(
            out, as_attachment=True, filename=exported.file_name, content_type="application/octet-stream"
        )
    return _page(request, tenant, form, template="export", title=f"Export the audit log of {tenant}")


def verify_export(request: HttpRequest, tenant_id: int) -> HttpResponse:
    """GET asks for the file; POST says whether every byte is as it was exported."""
    tenant = _company(tenant_id)
    initial = {"reason": returning.given_reason(request)}
    form = FileForm(request.POST or None, request.FILES or None, initial=initial)
    verdict = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        verdict = evidence.verify_export(tenant=tenant, upload=given["file"], reason=given["reason"])
    title = f"Verify an export of the audit log of {tenant}"
    return _page(request, tenant, form, template="verify", title=title, verdict=verdict)


def _company(tenant_id: int) -> Tenant:
    if context.has_tenant():
        raise PermissionDenied
    tenant = Tenant.objects.set_up().filter(pk=tenant_id).first()
    if tenant is None:
        raise Http404
    return tenant  # type: ignore[no-any-return]


def _page(
    request: HttpRequest, tenant: Tenant, form: forms.Form, *, template: str, title: str, **more: Any
) -> TemplateResponse:
    values = {
        **admin.site.each_context(request),
        "title": title,
        "tenant": tenant,
        "form": form,
        "media": forms.Media(css=ConsoleAdmin.Media.css, js=ConsoleAdmin.Media.js) + form.media,
        "back": returning.way_back(request, otherwise=reverse("admin:tenants_tenant_change", args=(tenant.pk,))),
        "is_come_from": "back" in request.GET,
        **more,
    }
    return TemplateResponse(request, f"admin/incidents/{template}.html", values)
