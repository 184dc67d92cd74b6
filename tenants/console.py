"""Which console a page belongs to. One registry serves all hosts, so every admin class says where it shows."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from tenants import context


class _HostBound:
    """Answers every permission question with no on the other kind of host, whoever asks."""

    def belongs_here(self) -> bool:
        raise NotImplementedError

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Every page about one row asks for it first, some of them before they ask for permission.

        :raises django.core.exceptions.PermissionDenied: on the other kind of host; the row's table may not be there.
        """
        if not self.belongs_here():
            raise PermissionDenied
        return super().get_object(request, object_id, from_field)  # type: ignore[misc]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.belongs_here() and super().has_module_permission(request)  # type: ignore[misc]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.belongs_here() and super().has_view_permission(request, obj)  # type: ignore[misc]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.belongs_here() and super().has_add_permission(request, *args)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.belongs_here() and super().has_change_permission(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.belongs_here() and super().has_delete_permission(request, obj)  # type: ignore[misc]


class PlatformOnly(_HostBound):
    """Shows on the platform's host only, where operators work. Stands before the admin class it restricts."""

    def belongs_here(self) -> bool:
        return not context.has_tenant()


class CompanyOnly(_HostBound):
    """Shows on companies' hosts only. Stands before the admin class it restricts."""

    def belongs_here(self) -> bool:
        return context.has_tenant()


@dataclass(frozen=True)
class OneTimeLink:
    """A sign-in link as it is shown to the person who made it: once, on the page that answers the click."""

    heading: str
    url: str
    recipient: str
    facts: tuple[str, ...]
    continue_url: str


def show_link(*, request: HttpRequest, admin_site: Any, link: OneTimeLink) -> HttpResponse:
    """The page with the link. It is stored nowhere: not in a message, a session or a log."""
    values = {**admin_site.each_context(request), "title": link.heading, "link": link}
    return TemplateResponse(request, "admin/one_time_link.html", values, headers={"Cache-Control": "private, no-store"})
