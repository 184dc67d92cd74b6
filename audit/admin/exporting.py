"""Exporting the log as evidence, and checking a file that somebody brings: pages of both consoles."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import connection
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from audit import describing, export, places, reasons
from audit.chain import keys
from audit.export.presented import Presented
from audit.returning import given_reason, way_back
from audit.stepping_up import step_up_first

_MOMENT = "YYYY-MM-DD or YYYY-MM-DD HH:MM, UTC. Empty: from the first row, to the last."


class ExportForm(forms.Form):
    """Why, and from when to when."""

    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Stands in the log and in the file's manifest. Without personal detail.",
    )
    start = forms.DateTimeField(required=False, label="From", widget=UnfoldAdminTextInputWidget, help_text=_MOMENT)
    end = forms.DateTimeField(required=False, label="Until before", widget=UnfoldAdminTextInputWidget)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("start") and given.get("end") and given["end"] <= given["start"]:
            self.add_error("end", "The period ends before it begins.")
        return given


class CheckForm(forms.Form):
    file = forms.FileField(label="The .zip that was exported", widget=UnfoldAdminFileFieldWidget)
    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Stands in the log beside the result. Without personal detail.",
    )


def export_page(
    *, admin_site: Any, request: HttpRequest, title: str, inside: AbstractContextManager[Any], otherwise: str
) -> HttpResponseBase:
    """The form, and after it the file. `inside` enters the schema whose log it is; the export's row stands there."""
    asked = step_up_first(request)
    if asked is not None:
        return asked
    reading = reasons.reading_of(request)
    begins_with = given_reason(request) or (reading.reason if reading else "")
    form = ExportForm(request.POST or None, initial={"reason": begins_with})
    if request.method == "POST" and form.is_valid():
        try:
            return _sent(inside=inside, **form.cleaned_data)
        except keys.NoChainKey as error:
            messages.error(request, f"Nothing was exported: {error}.")
    values = {
        **admin_site.each_context(request),
        "title": title,
        "form": form,
        "back": way_back(request, otherwise=otherwise),
    }
    return TemplateResponse(request, "admin/audit/export.html", values)


def check_page(
    *,
    admin_site: Any,
    request: HttpRequest,
    title: str,
    check: Callable[..., Presented],
    otherwise: str,
    incident: tuple[str, datetime] | None = None,
) -> HttpResponseBase:
    """Whether a file is, byte for byte, what was exported, and of the log that the page is about.

    `check(source=..., reason=...)` checks and records. `incident` is the reference of one that is open, and since when:
    a file that is older shows nothing of it.
    """
    reading = reasons.reading_of(request)
    begins_with = given_reason(request) or (reading.reason if reading else "")
    form = CheckForm(request.POST or None, request.FILES or None, initial={"reason": begins_with})
    found, problem = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            found = check(source=form.cleaned_data["file"], reason=form.cleaned_data["reason"])
        except keys.NoChainKey as error:
            problem = f"{error}."
    exported_at = found.exported_at if found else None
    values = {
        **admin_site.each_context(request),
        "title": title,
        "form": form,
        "found": found,
        "checked": found.checked if found else None,
        "log_of": _log_of(found, request) if found else "",
        "older_than": incident if incident and exported_at and exported_at < incident[1] else None,
        "problem": problem,
        "back": way_back(request, otherwise=otherwise),
    }
    return TemplateResponse(request, "admin/audit/verify_export.html", values)


def _log_of(found: Presented, request: HttpRequest) -> str:
    """Whose log the file says it is, in words. A company's page does not say which other company's."""
    manifest = found.checked.manifest
    if manifest is None:
        return ""
    here = places.owner()
    if manifest.owner == places.PLATFORM:
        return "Platform"
    if here == manifest.owner:
        return str(connection.tenant)  # type: ignore[attr-defined]
    if here != places.PLATFORM:
        return "another company"
    label = f"tenant:{manifest.owner}"
    known = describing.describe(labels=[label], user=request.user, with_names=True).get(label)
    return known.text if known else "another installation's company"


def _sent(*, inside: AbstractContextManager[Any], reason: str, start: Any, end: Any) -> FileResponse:
    # Closed by the response, after the last byte was sent.
    out = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with inside:
            exported = export.write_archive(out=out, reason=reason, start=start, end=end)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    response = FileResponse(out, as_attachment=True, filename=exported.file_name, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
