"""One error shape for the API, plain pages for people. Nothing here tells what lies behind an error."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from drf_standardized_errors.handler import exception_handler
from rest_framework.response import Response


def api_exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """{type, errors: [{code, detail, attr}]} for every refusal (drf-standardized-errors)."""
    return exception_handler(exc, context)


def locked_out(request: HttpRequest, credentials: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many failed sign-ins: the same answer whether the account exists or not."""
    if request.path.startswith("/api/"):
        detail = "Too many attempts. Please wait a minute and try again."
        body = {"type": "client_error", "errors": [{"code": "throttled", "detail": detail, "attr": None}]}
        return JsonResponse(body, status=429, headers={"Retry-After": "60"})
    return render(request, "errors/locked_out.html", status=429, headers={"Retry-After": "60"})
