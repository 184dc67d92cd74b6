"""The import of a pay sheet: choose the file, see what it would do, confirm with a reason."""

import hashlib
import secrets
from typing import Any

import structlog
from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget

from audit import markup
from hr import keys, sealed_reasons
from hr.models import Employee
from hr.pay import sheets
from hr.services import pay
from tenants import context, sealing

log = structlog.get_logger(__name__)

# Between seeing what a sheet would do and confirming it.
_KEPT_SECONDS = 30 * 60
_SHOWN_PROBLEMS = 200


class ConfirmForm(forms.Form):
    """The sheet that was checked, and why it is imported."""

    sheet = forms.RegexField(r"^[A-Za-z0-9_-]{43}$", widget=forms.HiddenInput)
    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Kept in the audit log, such as “October payroll”. Without personal detail.",
    )


def import_page(model_admin: Any, request: HttpRequest, *, by: Employee) -> HttpResponse:
    """GET: choose a file. POST with a file: what it would do, or what is wrong with it. POST with a reason: do it.

    The caller has checked that `by` may.
    """
    if request.method == "POST" and "sheet" in request.POST:
        return _import(model_admin, request, by)
    if request.method == "POST":
        return _check(model_admin, request, by)
    return _page(model_admin, request)


def _check(model_admin: Any, request: HttpRequest, by: Employee) -> HttpResponse:
    file = request.FILES.get("file")
    if getattr(request, "upload_too_large", False) or (file is not None and (file.size or 0) > sheets.MAX_BYTES):
        messages.error(request, f"Larger than {markup.file_size(sheets.MAX_BYTES)}, the limit. Split the sheet.")
        return _page(model_admin, request)
    if file is None:
        messages.error(request, "Choose a file.")
        return _page(model_admin, request)
    source = file.read()
    checked = pay.check_sheet(source=source)
    form = None
    if not checked.problems:
        form = ConfirmForm(initial={"sheet": _keep(source, by)})
    return _page(model_admin, request, checked=checked, form=form, name=file.name or "")


def _import(model_admin: Any, request: HttpRequest, by: Employee) -> HttpResponse:
    form = ConfirmForm(request.POST)
    source = _kept(request.POST["sheet"], by)
    if source is None:
        messages.error(request, "The checked sheet is no longer kept. Choose the file again; nothing was imported.")
        return HttpResponseRedirect(reverse("admin:hr_paystub_import"))
    if not form.is_valid():
        return _page(model_admin, request, checked=pay.check_sheet(source=source), form=form)
    try:
        done = pay.import_paystubs(source=source, reason=form.cleaned_data["reason"])
    except pay.SheetRefused:  # what it says meanwhile is not what was confirmed
        return _page(model_admin, request, checked=pay.check_sheet(source=source))
    except keys.KeyUnavailable as error:
        log.error("sealed_field_unavailable", error=type(error).__name__)
        messages.error(request, sealed_reasons.for_staff(error))
        return HttpResponseRedirect(reverse("admin:hr_paystub_import"))
    cache.delete(_cache_key(request.POST["sheet"]))
    messages.success(request, f"{done.paystub_count} paystubs of {done.person_count} people are imported.")
    return HttpResponseRedirect(reverse("admin:hr_paystub_changelist"))


def _page(
    model_admin: Any,
    request: HttpRequest,
    *,
    checked: pay.CheckedSheet | None = None,
    form: ConfirmForm | None = None,
    name: str = "",
) -> HttpResponse:
    values = {
        **model_admin.admin_site.each_context(request),
        "title": "Import paystubs",
        "media": model_admin.media,
        "checked": checked,
        "problems": checked.problems[:_SHOWN_PROBLEMS] if checked else (),
        "hidden_problems": max(0, len(checked.problems) - _SHOWN_PROBLEMS) if checked else 0,
        "form": form if checked and not checked.problems else None,
        "name": name,
        "columns": sheets.COLUMNS,
        "optional_columns": sheets.OPTIONAL_COLUMNS,
        "max_size": markup.file_size(sheets.MAX_BYTES),
        "max_rows": f"{sheets.MAX_ROWS:,}",
        "list_url": reverse("admin:hr_paystub_changelist"),
    }
    headers = {"Cache-Control": "private, no-store"}
    return TemplateResponse(request, "admin/hr/pay_import.html", values, headers=headers)


def _keep(source: bytes, by: Employee) -> str:
    """Until it is confirmed the sheet waits in the cache, sealed for this person of this company."""
    token = secrets.token_urlsafe(32)
    cache.set(_cache_key(token), sealing.seal(secret=source, purpose=_purpose(token, by)), _KEPT_SECONDS)
    return token


def _kept(token: str, by: Employee) -> bytes | None:
    sealed = cache.get(_cache_key(token))
    if sealed is None:
        return None
    try:
        return sealing.unseal(sealed=sealed, purpose=_purpose(token, by))
    except sealing.WrongSealingKey:
        return None


def _cache_key(token: str) -> str:
    # Of the token in another form: a list of the cache's keys opens nothing.
    return f"pay-sheet:{hashlib.sha256(token.encode()).hexdigest()}"


def _purpose(token: str, by: Employee) -> str:
    return f"pay-sheet:{context.tenant_id()}:{by.pk}:{token}"
