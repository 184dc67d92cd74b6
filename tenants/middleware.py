"""From host name to tenant. Everything after this middleware runs in the tenant's schema."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.template.loader import render_to_string
from django.urls import set_urlconf

from tenants.models import Domain, Tenant
from tenants.postgresql.compiled import CompiledGet, Slot

SUSPENDED_TEXT = "This company's access is suspended. Please turn to your HR department."

_HOST = Slot("host", Domain._meta.get_field("domain"))
_BY_HOST = CompiledGet(lambda: Tenant.objects.filter(domains__domain=_HOST))


class TenantMiddleware:
    """Routes by the Host header: a platform host, a known company, or a plain 404 that tells nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        set_urlconf(None)
        try:
            host = request.get_host().rsplit(":", 1)[0].lower().removesuffix(".")
        except DisallowedHost:
            return _not_found()
        if host in settings.PLATFORM_HOSTS:
            request.tenant = None  # type: ignore[attr-defined]
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF  # type: ignore[attr-defined]
            return self._respond(request)
        tenant = _BY_HOST.get(host=host)
        if tenant is None or tenant.state == Tenant.State.PROVISIONING:
            return _not_found()
        if not tenant.is_active:
            return _suspended(request)
        request.tenant = tenant  # type: ignore[attr-defined]
        connection.set_tenant(tenant)  # type: ignore[attr-defined]
        return self._respond(request)

    def _respond(self, request: HttpRequest) -> HttpResponse:
        """Leave the thread in the public schema, except for a stream, which re-enters its tenant itself."""
        try:
            return self.get_response(request)
        finally:
            connection.set_schema_to_public()  # type: ignore[attr-defined]


def _not_found() -> HttpResponse:
    return HttpResponseNotFound("Not found", content_type="text/plain")


def _suspended(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        body = {
            "type": "client_error",
            "errors": [{"code": "tenant_suspended", "detail": SUSPENDED_TEXT, "attr": None}],
        }
        return JsonResponse(body, status=403, headers={"Cache-Control": "private, no-store"})
    headers = {"Cache-Control": "private, no-store"}
    if "text/html" in request.headers.get("Accept", ""):
        # No request and no company: the page names neither.
        page = render_to_string("errors/suspended.html", {"text": SUSPENDED_TEXT})
        return HttpResponse(page, status=403, headers=headers)
    return HttpResponse(SUSPENDED_TEXT, status=403, content_type="text/plain", headers=headers)
