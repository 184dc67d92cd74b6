"""Liveness, readiness and metrics, before any tenant is looked up; metrics on no company's host."""

from collections.abc import Callable
from ipaddress import ip_address

import prometheus_client
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.http.request import split_domain_port

from ragsite import readiness


def live(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing outside of it."""
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def ready(request: HttpRequest) -> HttpResponse:
    """Every part by name with `ok` or what is wrong; 503 when a part is down that requests cannot do without."""
    report = readiness.check_parts()
    status = 200 if report.ready else 503
    return JsonResponse(report.as_json(), status=status, headers={"Cache-Control": "no-store"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for METRICS_ALLOWED_CIDRS only and on no company's host; else there is no such page.

    Two walls: a proxy that runs on the same machine makes every caller look like a neighbour; it passes the host on.
    """
    from ragsite.middleware import client_address, in_networks

    if not (_is_platform_host(request) and in_networks(client_address(request), settings.METRICS_ALLOWED_CIDRS)):
        return HttpResponseNotFound("Not found", content_type="text/plain")
    readiness.refresh_gauges()
    body = prometheus_client.generate_latest()
    return HttpResponse(body, content_type=prometheus_client.CONTENT_TYPE_LATEST)


def _is_platform_host(request: HttpRequest) -> bool:
    """One of PLATFORM_HOSTS, or an address: a company always has a name. No query: metrics outlive the database."""
    try:
        host = split_domain_port(request.get_host())[0]
    except DisallowedHost:
        return False
    if host in settings.PLATFORM_HOSTS:
        return True
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/health": live,
    "/healthz": live,
    "/livez": live,
    "/readyz": ready,
    "/metrics": metrics,
}
