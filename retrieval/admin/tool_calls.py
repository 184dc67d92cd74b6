"""Calls of the assistant's tools."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import describing, markup, reasons
from audit import services as audit
from audit.console import ReadOnlyAdmin, badge
from retrieval.admin.gate import ForManagement
from retrieval.models import ToolCall


@admin.register(ToolCall)
class ToolCallAdmin(ForManagement, ReadOnlyAdmin):
    """Which tools were called with which outcome. People are numbers; who says why they look sees names."""

    empty_text = "Whenever the assistant looks up a balance, leave or pay for somebody, the call is listed here."
    list_display = ["result", "tool", "who", "why", "at"]
    list_display_links = ["tool"]
    list_filter = ["is_allowed", "outcome", "tool"]
    list_select_related = ["employee"]
    list_before_template = "admin/audit/names.html"
    change_form_before_template = "admin/audit/names.html"
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
    def who(self, call: Any) -> SafeString | str:
        label = call.employee.actor_label
        told = getattr(call, "told", None) or describing.Described(describing.plain(label, is_actor=True))
        return markup.link(told.text, told.url) if told.url else told.text.capitalize()

    @display(description="Reason", ordering="reason")
    def why(self, call: ToolCall) -> str:
        return call.reason or "–"

    @display(description="When", ordering="called_at")
    def at(self, call: ToolCall) -> SafeString | str:
        return markup.when(call.called_at)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The calls; a look is on record, with its reason where names are shown."""
        response = super().changelist_view(request, {**(extra_context or {}), **_head(request)})
        if isinstance(response, TemplateResponse) and "cl" in (response.context_data or {}):
            changelist = response.context_data["cl"]  # type: ignore[index]
            changelist.result_list = list(changelist.result_list)
            _name(changelist.result_list, request)
            details = {"rows": len(changelist.result_list), "filters": sorted(changelist.params)[:20]}
            _record_look(request, verb="tool.list_calls", details=details)
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        call = super().get_object(request, object_id, from_field)
        if call is not None:
            _name([call], request)
        return call

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, {**(extra_context or {}), **_head(request)})
        if isinstance(response, TemplateResponse):
            _record_look(request, verb="tool.read_call", target=f"toolcall:{object_id}"[:120], details={})
        return response


def _head(request: HttpRequest) -> dict[str, Any]:
    return {
        "reading": reasons.reading_of(request),
        "change_reason": f"{reasons.reason_url()}?{urlencode({'next': request.get_full_path()})}",
    }


def _name(calls: list[Any], request: HttpRequest) -> None:
    """Names for who said why; pseudonyms for everybody else. One query."""
    labels = {call.employee.actor_label for call in calls}
    named = reasons.reading_of(request) is not None
    known = describing.describe(labels=labels, user=request.user, with_names=named) if labels else {}
    for call in calls:
        call.told = known.get(call.employee.actor_label)


def _record_look(request: HttpRequest, *, verb: str, target: str = "", details: dict[str, Any]) -> None:
    reading = reasons.reading_of(request)
    reason = reading.reason if reading else ""
    audit.record_read(verb=verb, target=target, reason=reason, details={**details, "names": reading is not None})
