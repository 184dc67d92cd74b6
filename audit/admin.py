"""The audit log, to read: the company's own on its host, the platform's on the platform's."""

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from audit.console import ReadOnlyAdmin, badge
from audit.models import AuditLog

_TONES: dict[str, str] = {
    AuditLog.Outcome.SUCCESS: "good",
    AuditLog.Outcome.REFUSED: "waiting",
    AuditLog.Outcome.FAILED: "bad",
}


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyAdmin):
    """Rows appear here and never change; a trigger sees to that, whatever a page would allow."""

    show_full_result_count = False  # counting a log of years takes longer than showing its last page
    list_display = ["at_utc", "outcome_badge", "verb", "target", "actor", "reason", "request_short"]
    list_display_links = ["at_utc"]
    list_filter = [("at", RangeDateTimeFilter), "outcome", "actor_kind"]
    search_fields = ["=target", "=actor", "=verb", "=request_id"]
    search_help_text = "Exact: a target such as document:…, an actor such as employee:17, a verb, or a request id"
    ordering = ["-at", "-pk"]
    fields = [
        "at_utc",
        "outcome_badge",
        "verb",
        "target",
        "actor_kind",
        "actor",
        "reason",
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
        return badge(text=row.get_outcome_display(), tone=_TONES.get(row.outcome, "muted"))

    @display(description="Request")
    def request_short(self, row: AuditLog) -> str:
        return row.request_id[:8]
