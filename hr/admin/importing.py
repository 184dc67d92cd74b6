"""The import page: a file, what it would do or what is wrong with it, and the click that does it."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget

from audit import markup
from audit import services as audit
from hr import imports, services
from hr.imports import exporting, pending
from hr.models import Employee

# Nobody mends more at a time; the rest shows when these are mended.
_SHOWN_PROBLEMS = 200


class ImportForm(forms.Form):
    """The confirmation: which checked file, and why."""

    token = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Kept in the audit log. Write why, without personal detail.",
    )


def import_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """GET: the page. POST with a file: check it. POST with a token: import the file that was checked."""
    if not (model_admin.has_add_permission(request) and model_admin.has_change_permission(request)):
        raise PermissionDenied
    by: Employee = request.user.employee  # type: ignore[union-attr]
    if request.method != "POST":
        return _page(model_admin, request)
    if "token" in request.POST:
        return _import(model_admin, request, by)
    return _check(model_admin, request, by)


def send_template(request: HttpRequest) -> HttpResponse:
    kind = _kind_of(request)
    return _attachment(exporting.template_file(kind=kind), kind, name="people-template")


def send_export(request: HttpRequest) -> HttpResponse:
    """Everybody's record as a file. Reading that much at once is recorded before anything is handed out."""
    kind = _kind_of(request)
    people = Employee.objects.order_by("last_name", "first_name", "pk")
    audit.record_read(verb="employees.export", details={"rows": people.count(), "format": kind})
    return _attachment(exporting.export_people(people=people, kind=kind), kind, name="people")


def _check(model_admin: Any, request: HttpRequest, by: Employee) -> HttpResponse:
    file = request.FILES.get("file")
    if getattr(request, "upload_too_large", False):
        return _refused(model_admin, request, f"Larger than {markup.file_size(settings.MAX_UPLOAD_BYTES)}, the limit.")
    if file is None:
        return _refused(model_admin, request, "Choose a file.")
    if len(request.FILES.getlist("file")) > 1:
        return _refused(model_admin, request, "Choose one file at a time.")
    content = file.read()
    try:
        report = services.check_people(content=content, by=by)
    except imports.SheetRefused as refusal:
        return _refused(model_admin, request, str(refusal))
    if report.problems:
        return _page(model_admin, request, report=report, name=file.name)
    form = ImportForm(initial={"token": pending.keep(content=content, by=by)})
    return _page(model_admin, request, report=report, form=form, name=file.name)


def _import(model_admin: Any, request: HttpRequest, by: Employee) -> HttpResponse:
    form = ImportForm(request.POST)
    try:
        content = pending.fetch(token=request.POST["token"], by=by)
    except pending.PendingGone:
        return _refused(model_admin, request, "The checked file is no longer here. Please choose it again.")
    if not form.is_valid():
        return _page(model_admin, request, report=services.check_people(content=content, by=by), form=form)
    # Checked again inside: people may have changed since the preview.
    report = services.import_people(content=content, by=by, reason=form.cleaned_data["reason"])
    if not report.written:
        return _page(model_admin, request, report=report)
    pending.forget(by=by)
    messages.success(request, f"Imported: {report.created} added, {report.updated} changed.")
    changelist = reverse("admin:hr_employee_changelist")
    return HttpResponseRedirect(f"{changelist}?login=none" if report.created else changelist)


def _refused(model_admin: Any, request: HttpRequest, message: str) -> HttpResponse:
    return _page(model_admin, request, refusal=message)


def _page(model_admin: Any, request: HttpRequest, **values: Any) -> HttpResponse:
    report = values.get("report")
    page = {
        **model_admin.admin_site.each_context(request),
        "title": "Import people",
        "media": model_admin.media,
        "columns": imports.COLUMNS,
        "max_rows": f"{settings.MAX_IMPORT_ROWS:,}",
        "problems": report.problems[:_SHOWN_PROBLEMS] if report else (),
        "more_problems": max(0, len(report.problems) - _SHOWN_PROBLEMS) if report else 0,
        "bad_rows": len({problem.line for problem in report.problems}) if report else 0,
        "changes_nothing": bool(report and not report.created and not report.updated),
        **values,
    }
    status = 422 if "refusal" in values or (report and report.problems) else 200
    return TemplateResponse(request, "admin/hr/employee/import.html", page, status=status)


def _kind_of(request: HttpRequest) -> exporting.FileKind:
    return "csv" if request.GET.get("format") == "csv" else "xlsx"


def _attachment(content: bytes, kind: exporting.FileKind, *, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=exporting.MEDIA_TYPES[kind], headers=headers)
