"""From host name to tenant. Everything after this middleware runs in the tenant's schema."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.urls import set_urlconf

from tenants.kill_switches import refusing
from tenants.models import Domain, Tenant
from tenants.postgresql.compiled import CompiledGet, Slot

_HOST = Slot("host", Domain._meta.get_field("domain"))
_BY_HOST = CompiledGet(lambda: Tenant.objects.filter(domains__domain=_HOST))


class TenantMiddleware:
    """Routes by the Host header: a platform host, a known company, or a plain 404 that tells nothing.

    A company that is switched off is refused here, whatever was asked; the platform's hosts never are.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
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
        if (refused := refusing.refusal(request=request, tenant=tenant)) is not None:
            return refused
        request.tenant = tenant  # type: ignore[attr-defined]
        connection.set_tenant(tenant)  # type: ignore[attr-defined]
        return refusing.guarded(request=request, response=self._respond(request), tenant=tenant)

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        """Leave the thread in the public schema, except for a stream, which re-enters its tenant itself."""
        try:
            return self.get_response(request)
        finally:
            connection.set_schema_to_public()  # type: ignore[attr-defined]


def _not_found() -> HttpResponseBase:
    return HttpResponseNotFound("Not found", content_type="text/plain")
