"""Nobody who has to give or set up a second factor gets any further without it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from hr.signin import factors, people

# What is needed to set one up, to give it, or to leave.
_OPEN = frozenset(
    {
        "security",
        "security-app",
        "security-passkey",
        "confirm-identity",
        "second-step",
        "sign-in",
        "sign-out",
        "sign-in-link",
        "sso",
        "sso-callback",
        "login",
        "logout",
        "favicon",
        "jsi18n",
    }
)


class SecondFactorMiddleware:
    """Leads whoever owes a second factor to it. No query for anybody else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        # The API takes tokens, which nobody gets without a code; a session means nothing to it.
        if request.path.startswith("/api/") or not people.owes_second_factor(request):
            return None
        match = request.resolver_match
        if match is not None and match.url_name in _OPEN and match.namespace in ("", "admin"):
            return None
        if not factors.has_any(request.user):  # type: ignore[arg-type]
            return redirect("security")
        here = request.get_full_path() if request.method in ("GET", "HEAD") else ""
        return redirect(f"{reverse('confirm-identity')}?{urlencode({'next': here})}")
