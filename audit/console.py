"""What every page of the admin shares: one log (ours), no bulk deletion, nothing saved behind a service's back."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from unfold.admin import ModelAdmin

from audit import markup
from audit import services as audit
from audit.possible import possible_values_only


class ConsoleAdmin(ModelAdmin):
    """Base of all our admin classes. Django's own LogEntry is not written: it would keep names beyond erasure."""

    list_per_page = 50
    list_filter_submit = True
    # unfold's widths and dialogs stay; only what every list needs is switched on here.
    warn_unsaved_form = True
    # Verbs under which the audit log keeps that rows about people were listed or opened. Empty: they are about nobody.
    list_verb = ""
    read_verb = ""
    # What an empty list says: when there will be something, or what to do.
    empty_text = ""

    class Media:
        css = {"all": ["admin_own/console.css"]}
        js = ["admin_own/console.js"]

    def audit_target(self, obj: Model) -> str:
        """The name under which the audit log knows the object."""
        return f"{self.opts.model_name}:{obj.pk}"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return field if field is None else possible_values_only(field)

    def record_shown(self, objects: Sequence[Model]) -> None:
        """Record that a page shows these rows, where they are about people. Call it before the page is made."""
        if len(objects) == 1 and self.read_verb:
            audit.record_read(verb=self.read_verb, target=self.audit_target(objects[0]))
        elif len(objects) > 1 and self.list_verb:
            audit.record_read(verb=self.list_verb, details={"rows": len(objects)})

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, after it was recorded what it shows: how many rows, and by which filters, without their values."""
        # Django's "Select company to change" is no name for a page.
        named = {"title": capfirst(str(self.opts.verbose_name_plural))}
        response = super().changelist_view(request, {**named, **(extra_context or {})})
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown is not None and self.list_verb:
            details = {"rows": len(shown.result_list), "filters": sorted(shown.params)[:20]}
            audit.record_read(verb=self.list_verb, details=details)
        return response

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's `delete_selected`, which would delete rows and forget files, vectors and the audit log."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Confirmed actions that the object's state does not allow are not offered. One query."""
        offered = super().get_actions_detail(request, object_id)
        obj = self.get_object(request, str(object_id)) if offered else None
        return [action for action in offered if obj is None or _is_available(action.method, obj)]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting is a confirmed action of its own, where there is one."""
        return False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Without Django's delete link (deleting is a confirmed action) and without a button that only adds clutter."""
        context.update({"show_delete": False, "show_save_and_add_another": False})
        if kwargs.get("obj") is not None:
            self.record_shown([kwargs["obj"]])
        return super().render_change_form(request, context, **kwargs)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        return None

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """An object's history is what the audit log says of it."""
        obj = self.get_object(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        return HttpResponseRedirect(audit_url(self.audit_target(obj)))


class ReadOnlyAdmin(ConsoleAdmin):
    """Rows to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def audit_url(target: str) -> str:
    """The audit log's list, narrowed to one target."""
    return f"{reverse('admin:audit_auditlog_changelist')}?{urlencode({'q': target})}"


def badge(*, text: str, tone: str, title: str = "") -> SafeString:
    """A coloured word. Tones: good, working, waiting, bad, muted, secret."""
    return markup.element("span", text, css=f"ao-badge ao-{tone}", title=title)


def _is_available(method: Any, obj: Model) -> bool:
    available = getattr(method, "available", None)
    return available is None or bool(available(obj))
