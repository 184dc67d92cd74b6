"""The gate in front of every page for employees."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from hr import access

View = Callable[..., HttpResponseBase]


def employee_page(view: View) -> View:
    """Lets the signed-in person through as `request.employee` and `request.scope`; everybody else signs in first.

    No query: the session's person was loaded, and checked to be active, by hr.backends.
    """

    @functools.wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            # After a lost session a form cannot be sent again, so its page is where to go on.
            target = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
            return redirect_to_login(target, resolve_url("sign-in"))
        request.employee = request.user.employee  # type: ignore[attr-defined]
        request.scope = access.scope_of(request.user.employee)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    gate.is_employee_page = True  # type: ignore[attr-defined]
    return gate
