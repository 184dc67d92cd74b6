"""How often signing in on a page may fail: per account over all networks, per network, and per known device.

The pair of account and network is counted by axes. What holds somebody off must not lock the owner out: a browser from
which this account has signed in before has a limit of its own that nobody else can use up, and neither one-time links
nor second steps are counted here. Everything is counted alike whether the account exists or not.
"""

import functools
import secrets
import time
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from hr.pages import View
from ragsite import errors
from ragsite.api import counters
from ragsite.api.counters import Limit
from ragsite.api.throttling import network_of
from tenants import context

COOKIE = "ragsite_device"
_SALT = "ragsite.sign_in_limits"
_COOKIE_SECONDS = 180 * 24 * 3600
# Multiples of THROTTLE_SIGN_IN_PER_MINUTE, in which only failures stay counted. One account is tried from many networks
# by nobody but an attacker; behind one network there may be a whole office.
_ALL_OF_ONE_ACCOUNT = 2
_ALL_OF_ONE_NETWORK = 10


def sign_in_limited(view: View) -> View:
    """For a page with the fields `email` and `password`."""

    @functools.wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return limit(request, account=request.POST.get("email", ""), respond=lambda: view(request, *args, **kwargs))

    return limited


def remembers_device(view: View) -> View:
    """For the other pages that may end with somebody signed in."""

    @functools.wraps(view)
    def remembering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.method == "POST":
            _remember(request, response)
        return response

    return remembering


def limit(request: HttpRequest, *, account: str, respond: Any) -> HttpResponseBase:
    """The answer of `respond`, or 429 when there were too many failures. Two queries for a POST, none otherwise."""
    if request.method != "POST" or request.user.is_authenticated:
        return respond()  # type: ignore[no-any-return]
    limits = _limits(request, account)
    wait_seconds = counters.count(limits=limits, now=time.time())
    if wait_seconds > 0:
        refusal = errors.locked_out(request, {})
        refusal["Retry-After"] = str(int(wait_seconds) + 1)
        return refusal
    response: HttpResponseBase = respond()
    if response.status_code == 302:  # the password was right
        counters.give_back(limits=limits, now=time.time())
        _remember(request, response)
    return response


def is_known_device(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> bool:
    """For axes: its pair of account and network is shared with everybody in the same office."""
    account = (credentials or {}).get("username") or ""
    return request is not None and _device_of(request, str(account)) is not None


def _limits(request: HttpRequest, account: str) -> list[Limit]:
    base = settings.THROTTLE_RATES_PER_MINUTE["sign_in"]
    device = _device_of(request, account)
    if device is not None:
        return [Limit(scope="page_sign_in_device", who=device, per_minute=base)]
    return [
        Limit(scope="page_sign_in_account", who=_digest(account), per_minute=base * _ALL_OF_ONE_ACCOUNT),
        Limit(scope="page_sign_in_network", who=network_of(request), per_minute=base * _ALL_OF_ONE_NETWORK),
    ]


def _remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Whoever is signed in now did so from here. The cookie names nobody, and opens nothing."""
    user = request.user
    if not user.is_authenticated or _device_of(request, user.get_username()) is not None:
        return
    value = signing.dumps({"a": _digest(user.get_username()), "d": secrets.token_urlsafe(12)}, salt=_SALT)
    response.set_cookie(
        COOKIE,
        value,
        max_age=_COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _device_of(request: HttpRequest, account: str) -> str | None:
    """The device's own name, when this account has signed in from it."""
    try:
        known = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_COOKIE_SECONDS)
        fits = constant_time_compare(known["a"], _digest(account))
        return str(known["d"]) if fits else None
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


def _digest(account: str) -> str:
    owner = context.tenant_id() if context.has_tenant() else "platform"
    return salted_hmac(_SALT, f"{owner}:{account.strip().lower()}", algorithm="sha256").hexdigest()[:32]
