"""The audit log, to read: for a reason, in plain words, each look with its own row."""

from contextlib import nullcontext
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList as DjangoChangeList
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.views import ChangeList

from audit import describing, markup, reasons, standing
from audit import services as audit
from audit.admin import exporting, filters
from audit.console import ReadOnlyAdmin, badge
from audit.export import presented
from audit.models import AuditLog

TONES: dict[str, str] = {
    AuditLog.Outcome.SUCCESS: "good",
    AuditLog.Outcome.REFUSED: "waiting",
    AuditLog.Outcome.FAILED: "bad",
}
ROWS_PER_PAGE = 100
# Values of the address bar that are kept with a look, because they hold no text that somebody wrote.
_KEPT_FILTERS = ("person", "actor", "verb", "document", "outcome", "actor_kind", "prompt_version", "p")


class _ToldRows(ChangeList):
    """The page's rows with their sentence. Names are looked up for the rows of this page only."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)  # type: ignore[has-type]
        tell_all(rows, request)
        self.result_list = rows


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyAdmin):
    """Rows appear here and never change; a trigger sees to that, whatever a page would allow."""

    show_full_result_count = False  # counting a log of years takes longer than showing its last page
    list_per_page = list_max_show_all = ROWS_PER_PAGE
    list_display = ["at_utc", "outcome_badge", "what", "about", "why", "request_short"]
    list_display_links = ["at_utc"]
    list_filter = filters.FILTERS
    list_filter_sheet = True
    list_before_template = "admin/audit/before_list.html"
    change_form_before_template = "admin/audit/before_row.html"
    search_fields = ["=target", "=actor", "=verb", "=request_id"]
    search_help_text = "Exact: a target such as document:…, an actor such as employee:17, a verb, or a request id"
    ordering = ["-at", "-pk"]
    fields = [
        "at_utc",
        "outcome_badge",
        "what",
        "about",
        "verb",
        "target",
        "actor_kind",
        "actor",
        "why",
        "details",
        "digest",
        "request_id",
        "confidence",
        "prompt_version",
        "model_version",
    ]
    readonly_fields = fields

    @display(description="At (UTC)", ordering="at")
    def at_utc(self, row: AuditLog) -> str:
        return f"{row.at:%Y-%m-%d %H:%M:%S}"

    @display(description="Outcome", ordering="outcome")
    def outcome_badge(self, row: AuditLog) -> SafeString:
        return badge(text=row.get_outcome_display(), tone=TONES.get(row.outcome, "muted"))

    @display(description="What happened", ordering="verb")
    def what(self, row: Any) -> SafeString:
        return format_html(
            '<span class="ao-cell"><span class="ao-said">{}</span> <span class="ao-note">{} · {}</span></span>',
            row.told.sentence,
            row.verb,
            row.actor,
        )

    @display(description="About", ordering="target")
    def about(self, row: Any) -> SafeString | str:
        if not row.target:
            return "–"
        told = row.told.target
        return markup.link(told.text, told.url) if told.url else told.text

    @display(description="Reason", ordering="reason")
    def why(self, row: AuditLog) -> str:
        return describing.reason_in_words(row.reason) or "–"

    @display(description="Request")
    def request_short(self, row: AuditLog) -> SafeString | str:
        if not row.request_id:
            return ""
        return markup.link(row.request_id[:8], f"{_changelist()}?{urlencode({'q': row.request_id})}")

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path("reason/", wrap(self.reason_view), name="audit_auditlog_reason"),
            path("export/", wrap(self.export_view), name="audit_auditlog_export"),
            path("verify-export/", wrap(self.verify_export_view), name="audit_auditlog_verify_export"),
        ]
        return [*own, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DjangoChangeList]:
        return _ToldRows

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        if search_term and not filters.cleaned(search_term):
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            tell_all([row], request)
        return row

    @reasons.with_reason
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """One page of rows, recorded as one look."""
        response = super().changelist_view(request, {**(extra_context or {}), **self._head(request)})
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            shown = response.context_data["cl"].result_list  # type: ignore[index]
            kept = {name: value for name in _KEPT_FILTERS if (value := filters.cleaned(request.GET.get(name)))}
            record_look(request, details={"rows": len(shown), "filters": kept})
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One row in full, recorded as one look."""
        if request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        if reasons.reading_of(request) is None:
            return reasons.ask_first(request)
        response = super().change_view(request, object_id, form_url, {**(extra_context or {}), **self._head(request)})
        if isinstance(response, TemplateResponse):
            record_look(request, target=f"audit:{object_id}"[:120], details={"rows": 1})
        return response

    def reason_view(self, request: HttpRequest) -> HttpResponse:
        """Why the log is read. Asked once for a session; whoever wants another reason changes it here."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        reading = reasons.reading_of(request)
        form = reasons.ReadingReasonForm(request.POST or None, initial={"reason": reasons.proposed_reason(request)})
        if request.method == "POST" and form.is_valid():
            reasons.keep_reason(request=request, reason=form.cleaned_data["reason"])
            return HttpResponseRedirect(reasons.where_to(request))
        values = {
            **self.admin_site.each_context(request),
            "title": "Why do you read the audit log?" if reading is None else "Change the reason",
            "media": self.media + form.media,
            "form": form,
            "back": reasons.where_to(request) if reading else reverse("admin:index"),
        }
        return TemplateResponse(request, "admin/audit/reason.html", values)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The log of this console as a file that can be checked."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return exporting.export_page(
            admin_site=self.admin_site,
            request=request,
            title="Export the audit log",
            inside=nullcontext(),
            otherwise=_changelist(),
        )

    def verify_export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Whether a file is what was exported."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return exporting.check_page(
            admin_site=self.admin_site,
            request=request,
            title="Verify an export",
            check=presented.check_and_record,
            otherwise=_changelist(),
        )

    def _head(self, request: HttpRequest) -> dict[str, Any]:
        reading = reasons.reading_of(request)
        return {
            "reading": reading,
            "change_reason": f"{reasons.reason_url()}?{urlencode({'next': request.get_full_path()})}",
            "standing": standing.of_request(request),
            "shortcuts": _shortcuts(),
            "export_url": reverse("admin:audit_auditlog_export"),
            "verify_export_url": reverse("admin:audit_auditlog_verify_export"),
        }


def tell_all(rows: list[Any], request: HttpRequest) -> None:
    """Give each row its `told`: the sentence, with names where this reader may know them."""
    known = describing.describe(labels=describing.labels_of(rows), user=request.user, with_names=True)
    for row in rows:
        row.told = describing.tell(row=row, known=known)


def record_look(request: HttpRequest, *, target: str = "", details: dict[str, Any]) -> None:
    """The look is on record before anything of it is sent; if it cannot be, nothing is."""
    reading = reasons.reading_of(request)
    assert reading is not None, "asked for before"
    audit.record_read(verb="audit.read", target=target, reason=reading.reason, details=details)


def _changelist() -> str:
    return reverse("admin:audit_auditlog_changelist")


def _shortcuts() -> list[tuple[str, str]]:
    """Name and address of looks that are taken often."""
    today = timezone.now().date().isoformat()
    looks = {
        f"Last {ROWS_PER_PAGE}": {},
        "Today": {"at_from_0": today, "at_from_1": "00:00:00"},
        "Refused": {"outcome": "refused"},
        "Failed sign-ins": {"verb": "session.sign_in_failed"},
        "Looks at this log": {"verb": "audit.read"},
    }
    return [
        (name, f"{_changelist()}?{urlencode(values)}" if values else _changelist()) for name, values in looks.items()
    ]
