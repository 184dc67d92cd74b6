"""The company's words on sensitive topics."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit import markup
from audit.console import ConsoleAdmin, badge
from retrieval.admin.gate import ForManagement
from retrieval.models import SensitiveTopicText
from retrieval.services import topics
from retrieval.topics.texts import DEFAULT_TEXTS


@admin.register(SensitiveTopicText)
class SensitiveTopicAdmin(ForManagement, ConsoleAdmin):
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
