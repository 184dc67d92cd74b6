"""The service status page of the operators' console."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from tenants import context

_TONES = ("good", "waiting", "bad")


@require_safe
def service_status(request: HttpRequest, *, admin_site: Any) -> HttpResponse:
    """Asks every part once; the page is as old as its request."""
    from ragsite import status  # asks the apps above the admin site, which imports this module

    if context.has_tenant():
        raise Http404
    look = status.look()
    values = {
        **admin_site.each_context(request),
        "title": "Service status",
        "look": look,
        "tone": _TONES[look.code],
    }
    return TemplateResponse(request, "admin/service_status.html", values)
