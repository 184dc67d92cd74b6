"""Error pages for people, and how often people may ask. The API has its own shape for the same refusals."""

import functools
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from ragsite import contacts, errors, navigation
from ragsite.api import counters
from ragsite.api.counters import Limit
from tenants import context

log = structlog.get_logger(__name__)

View = Callable[..., HttpResponseBase]

_TEXTS = {
    400: "The request could not be read.",
    403: "You do not have permission to do this.",
    404: "Not found.",
    429: "You have asked very many questions in a short time. Please wait a minute.",
    500: "Something went wrong on our side.",
    503: "The service is not available right now. Please try again in a minute.",
}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _refusal(request, 400, exception)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _refusal(request, 403, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same for missing, forbidden and foreign."""
    return _refusal(request, 404, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After when the database is away. Asks no database itself."""
    return _refusal(request, 503 if errors.is_database_away() else 500)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers that ask for the icon by its old name, as they do beside a file or plain text."""
    return HttpResponseRedirect(navigation.favicon(request))


def questions_limited(view: View) -> View:
    """At most THROTTLE_QUESTIONS_PER_MINUTE questions of one person, those by API included."""

    @functools.wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        who = f"{context.tenant_id()}:{request.user.employee.actor_label}"
        limit = Limit(scope="questions", who=who, per_minute=settings.THROTTLE_RATES_PER_MINUTE["questions"])
        wait_seconds = counters.count(limits=[limit], now=time.time())
        if wait_seconds == 0:
            return view(request, *args, **kwargs)
        response = _page(request, 429) if _wants_page(request) else JsonResponse({"detail": _TEXTS[429]}, status=429)
        response["Retry-After"] = str(int(wait_seconds) + 1)
        return response

    return counted


def _wants_page(request: HttpRequest) -> bool:
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def _refusal(request: HttpRequest, status: int, exception: Exception | None = None) -> HttpResponse:
    if request.path.startswith("/api/"):
        return errors.api_refusal(status=status, exception=exception)
    response = _page(request, status)
    if status == 503:
        response["Retry-After"] = str(errors.RETRY_AFTER_SECONDS)
    return response


def _page(request: HttpRequest, status: int) -> HttpResponse:
    headers = {"Cache-Control": "private, no-store"}
    try:
        # No context processors: they could ask the database that is away.
        page: dict[str, Any] = {"tenant": getattr(request, "tenant", None)}
        if status >= 500:
            page["contacts"] = contacts.last_known() if status == 503 else contacts.on_error_pages()
        return HttpResponse(render_to_string(f"errors/{status}.html", page), status=status, headers=headers)
    except Exception as error:  # an error page must not fail in its turn
        log.error("error_page_failed", error=type(error).__name__)
        return HttpResponse(_TEXTS[status], status=status, content_type="text/plain", headers=headers)
