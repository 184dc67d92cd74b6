"""The gate and the frame of these pages: people of a company have a side bar, operators do not."""

import functools
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from hr import access
from hr.pages import View
from hr.signin import people, stepup
from tenants import context


def signed_in_page(view: View) -> View:
    """Lets people of the company through, and on the platform's host its operators; everybody else signs in first."""

    @functools.wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            target = request.get_full_path() if request.method in ("GET", "HEAD") else home()
            return redirect_to_login(target, sign_in_page())
        if context.has_tenant():
            request.employee = request.user.employee  # type: ignore[attr-defined]
            request.scope = access.scope_of(request.user.employee)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    gate.is_employee_page = True  # type: ignore[attr-defined]
    return gate


def confirmed_lately(view: View) -> View:
    """For what changes how somebody signs in: asks for password or code first when the last time is too long ago."""

    @functools.wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if stepup.is_fresh(request):
            return view(request, *args, **kwargs)
        target = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("security")
        return redirect(f"{reverse('confirm-identity')}?{urlencode({'next': target})}")

    return gate


def show(request: HttpRequest, template: str, values: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The page in its frame."""
    owes = people.owes_second_factor(request)
    in_app = context.has_tenant() and request.user.is_authenticated and not owes
    frame = "app.html" if in_app else "hr/security/_plain.html"
    return render(request, template, {"frame": frame, "owes": owes, "home": home(), **values}, status=status)


def home() -> str:
    return "/" if context.has_tenant() else reverse("admin:index")


def sign_in_page() -> str:
    return reverse("sign-in") if context.has_tenant() else reverse("admin:login")


def sign_out_page() -> str:
    return reverse("sign-out") if context.has_tenant() else reverse("admin:logout")
