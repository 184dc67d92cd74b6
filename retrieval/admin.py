"""The console's pages on the assistant: the company's words on sensitive topics, and calls of tools."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import markup
from audit.console import ConsoleAdmin, ReadOnlyAdmin, badge
from hr import access
from retrieval.models import SensitiveTopicText, ToolCall
from retrieval.services import topics
from retrieval.topics.texts import DEFAULT_TEXTS
from tenants.console import CompanyOnly


class _ForManagement(CompanyOnly):
    """HR and owners, by the one decision of hr.access."""

    def _may(self, request: HttpRequest) -> bool:
        # On the platform's host there is no table of employees to ask.
        employee = getattr(request.user, "employee", None) if self.belongs_here() else None
        return employee is not None and access.may_manage_documents(employee)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)


@admin.register(SensitiveTopicText)
class SensitiveTopicAdmin(_ForManagement, ConsoleAdmin):
    """One row a topic: what people read who write that it happens to them. Who wrote, nobody sees here."""

    list_display = ["name", "words", "contact", "changed"]
    list_display_links = ["name"]
    ordering = ["pk"]
    fieldsets = [
        (None, {"fields": ["name", "preview"]}),
        ("Your company's words", {"fields": ["text"]}),
        ("Whom people can turn to", {"fields": ["contact_name", "contact_email", "contact_phone"]}),
    ]
    readonly_fields = ["name", "preview"]

    def audit_target(self, obj: Any) -> str:
        return f"topic:{obj.topic}"

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None:
            form.base_fields["text"].widget.attrs["placeholder"] = DEFAULT_TEXTS[obj.topic]
        return form

    def save_model(self, request: HttpRequest, obj: SensitiveTopicText, form: Any, change: bool) -> None:
        topics.save_text(row=obj)

    @display(description="Topic")
    def name(self, row: SensitiveTopicText) -> str:
        return row.get_topic_display()

    @display(description="Words")
    def words(self, row: SensitiveTopicText) -> SafeString:
        return badge(text="Your own", tone="good") if row.text else badge(text="The product's", tone="waiting")

    @display(description="Contact")
    def contact(self, row: SensitiveTopicText) -> str:
        return row.contact_name or row.contact_email or row.contact_phone or "The company's general contact"

    @display(description="Changed")
    def changed(self, row: SensitiveTopicText) -> SafeString | str:
        return markup.when(row.updated_at)

    @display(description="What people read now")
    def preview(self, row: SensitiveTopicText) -> SafeString:
        return render_to_string("admin/retrieval/topic_preview.html", {"approved": topics.text_of(row)})


@admin.register(ToolCall)
class ToolCallAdmin(_ForManagement, ReadOnlyAdmin):
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
