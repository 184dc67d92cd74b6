"""Why somebody reads the log: asked before the first look, kept for the session or AUDIT_REASON_MINUTES, changeable."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from unfold.widgets import UnfoldAdminTextareaWidget

SESSION_KEY = "audit_reading"
_MAX_REASON_CHARS = 500


@dataclass(frozen=True)
class Reading:
    """Why this session reads, and until when the reason holds."""

    reason: str
    until: datetime


class ReadingReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why do you look?",
        min_length=3,
        max_length=_MAX_REASON_CHARS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Stands in the audit log beside everything that you open here. Without personal detail.",
    )


def reading_of(request: HttpRequest) -> Reading | None:
    """The reason that this session gave, while it holds. No query of its own."""
    kept = request.session.get(SESSION_KEY)
    if not isinstance(kept, dict) or kept.get("user") != request.user.pk:
        return None
    until = parse_datetime(str(kept.get("until", "")))
    if until is None or until <= timezone.now():
        return None
    return Reading(reason=str(kept["reason"]), until=until)


def keep_reason(*, request: HttpRequest, reason: str) -> None:
    """The session reads for this reason from now on. Every look writes it into the log; keeping it writes nothing."""
    until = timezone.now() + timedelta(minutes=settings.AUDIT_REASON_MINUTES)
    request.session[SESSION_KEY] = {"reason": reason, "until": until.isoformat(), "user": request.user.pk}


def forget_reason(*, request: HttpRequest) -> None:
    """The next look asks anew."""
    request.session.pop(SESSION_KEY, None)


def ask_first(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that asks for the reason, and from there back to what was asked for."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else request.path
    return HttpResponseRedirect(f"{reason_url()}?{urlencode({'next': back})}")


def reason_url() -> str:
    return reverse("admin:audit_auditlog_reason")


def where_to(request: HttpRequest) -> str:
    """The page that was asked for, if it is one of this host's console."""
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/admin/")
    return wanted if is_ours else reverse("admin:audit_auditlog_changelist")


def proposed_reason(request: HttpRequest) -> str:
    """What the reason's field begins with: the reason that holds, or one that the wanted page was asked with."""
    reading = reading_of(request)
    if reading is not None:
        return reading.reason
    asked = parse_qs(urlsplit(request.GET.get("next", "")).query).get("reason", [""])
    return asked[0].replace("\x00", "")[:_MAX_REASON_CHARS]


def with_reason(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A method of an admin class that shows the log: without a reason it leads to the page that asks for one."""

    @wraps(view)
    def asked(model_admin: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if reading_of(request) is None:
            return ask_first(request)
        return view(model_admin, request, *args, **kwargs)

    return asked
