"""Calls of the assistant's tools."""

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import markup
from audit.console import ReadOnlyAdmin, badge
from retrieval.admin.gate import ForManagement
from retrieval.models import ToolCall


@admin.register(ToolCall)
class ToolCallAdmin(ForManagement, ReadOnlyAdmin):
    """Which tools were called with which outcome, refused ones first to look for. People are pseudonyms here."""

    list_verb, read_verb = "tool.list_calls", "tool.read_call"
    list_display = ["result", "tool", "who", "why", "at"]
    list_display_links = ["tool"]
    list_filter = ["is_allowed", "outcome", "tool"]
    list_select_related = ["employee"]
    ordering = ["-called_at", "pk"]
    fields = ["result", "tool", "who", "why", "arguments_digest", "at"]
    readonly_fields = fields

    @display(description="Outcome", ordering="outcome")
    def result(self, call: ToolCall) -> SafeString:
        tone = {"denied": "bad", "unavailable": "bad", "proposed": "waiting", "asked": "waiting"}.get(
            call.outcome, "good"
        )
        return badge(text=call.get_outcome_display(), tone=tone)

    @display(description="Who")
    def who(self, call: ToolCall) -> str:
        return call.employee.actor_label

    @display(description="Reason", ordering="reason")
    def why(self, call: ToolCall) -> str:
        return call.reason or "–"

    @display(description="When", ordering="called_at")
    def at(self, call: ToolCall) -> SafeString | str:
        return markup.when(call.called_at)
