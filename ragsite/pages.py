"""Error pages for people. The API has its own shape for the same refusals (ragsite.errors)."""

import sys

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from ragsite import errors

log = structlog.get_logger(__name__)

_DETAILS = {
    400: "The request could not be read.",
    403: "You do not have permission to do this.",
    404: "Not found.",
    500: "Something went wrong on our side.",
    503: "The service is not available right now. Please try again in a minute.",
}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, exception)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same for missing, forbidden and foreign."""
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After when the database is away. Asks no database itself."""
    away = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    response = _page(request, 503 if away else 500)
    if away:
        response["Retry-After"] = "10"
    return response


def _page(request: HttpRequest, status: int, exception: Exception | None = None) -> HttpResponse:
    headers = {"Cache-Control": "private, no-store"}
    if request.path.startswith("/api/"):
        return errors.api_refusal(status=status, exception=exception)
    try:
        # No context processors: they could ask the database that is away.
        page = {"tenant": getattr(request, "tenant", None)}
        return HttpResponse(render_to_string(f"errors/{status}.html", page), status=status, headers=headers)
    except Exception as error:  # an error page must not fail in its turn
        log.error("error_page_failed", error=type(error).__name__)
        return HttpResponse(_DETAILS[status], status=status, content_type="text/plain", headers=headers)
