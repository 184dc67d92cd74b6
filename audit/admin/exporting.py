"""Exporting the log as evidence, and checking a file that somebody brings: pages of both consoles."""

import hashlib
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from audit import export, reasons
from audit import services as audit
from audit.chain import keys
from audit.returning import given_reason, way_back
from audit.stepping_up import step_up_first

VERIFY_VERB = "audit.verify_export"
_PIECE_BYTES = 1024 * 1024
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
    *, admin_site: Any, request: HttpRequest, title: str, inside: AbstractContextManager[Any], otherwise: str
) -> HttpResponseBase:
    """Whether a file is, byte for byte, what was exported. The check is a row of the log that `inside` enters."""
    form = CheckForm(request.POST or None, request.FILES or None)
    checked, problem = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            with inside:
                checked = check_upload(form.cleaned_data["file"])
        except keys.NoChainKey as error:
            problem = f"{error}."
    values = {
        **admin_site.each_context(request),
        "title": title,
        "form": form,
        "checked": checked,
        "problem": problem,
        "back": way_back(request, otherwise=otherwise),
    }
    return TemplateResponse(request, "admin/audit/verify_export.html", values)


def check_upload(source: Any) -> export.Checked:
    """Check an uploaded archive, and record in the current schema's log that it was checked and with which result.

    :raises audit.chain.keys.NoChainKey: when no key is configured.
    """
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        with path.open("wb") as copy:
            while piece := source.read(_PIECE_BYTES):
                digest.update(piece)
                copy.write(piece)
        checked = export.check_file(path)
    with transaction.atomic():
        audit.record(
            verb=VERIFY_VERB,
            outcome=audit.Outcome.SUCCESS if checked.is_sound else audit.Outcome.FAILED,
            digest=digest.hexdigest(),
            details={"rows": checked.rows, "problems": len(checked.problems)},
        )
    return checked


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
