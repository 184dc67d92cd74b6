"""Whom to call: on the status page, in incidents, on error pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from audit.actions import confirmed
from audit.console import ConsoleAdmin
from ragsite import contacts
from ragsite.models import OnCallContact
from tenants.console import PlatformOnly


@admin.register(OnCallContact)
class OnCallContactAdmin(PlatformOnly, ConsoleAdmin):
    """At least one of each kind, before something happens."""

    empty_text = "Whom to reach when something fails: they stand on the playbook and, where you say so, on error pages."
    list_display = ["name", "kind", "reach", "hours", "on_error_pages"]
    list_filter = ["kind"]
    search_fields = ["name", "reach"]
    search_help_text = "Name, telephone number or address"
    ordering = ["kind", "name", "pk"]
    fields = ["kind", "name", "reach", "hours", "on_error_pages"]
    actions = ["remove"]
    actions_detail = ["remove"]

    def audit_target(self, obj: Any) -> str:
        return f"contact:{obj.pk}"

    def save_model(self, request: HttpRequest, obj: OnCallContact, form: Any, change: bool) -> None:
        contacts.save_contact(row=obj)

    @confirmed(
        description="Remove contact",
        consequence="It is no longer shown on the status page, in incidents and on error pages.",
        verb="contact.delete",
        button="Remove",
        done="Removed",
        icon="delete",
        danger=True,
    )
    def remove(self, request: HttpRequest, contact: OnCallContact, *, reason: str) -> None:
        contacts.delete_contact(row=contact, reason=reason)
