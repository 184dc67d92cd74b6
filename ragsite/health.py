"""Liveness, readiness and metrics, on any host and before any tenant is looked up."""

from collections.abc import Callable

import prometheus_client
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse

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
    """Prometheus' text format, for METRICS_ALLOWED_CIDRS only; anybody else sees a page that does not exist."""
    from ragsite.middleware import client_address, in_networks

    if not in_networks(client_address(request), settings.METRICS_ALLOWED_CIDRS):
        return HttpResponseNotFound("Not found", content_type="text/plain")
    readiness.refresh_gauges()
    body = prometheus_client.generate_latest()
    return HttpResponse(body, content_type=prometheus_client.CONTENT_TYPE_LATEST)


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/health": live,
    "/healthz": live,
    "/livez": live,
    "/readyz": ready,
    "/metrics": metrics,
}
