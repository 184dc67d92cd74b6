"""How often: every call of a person, and on top of it questions, uploads and sign-ins.

A view names its class of work in `throttle_scope` (questions, uploads); the limits are settings.
"""

import ipaddress
import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from ragsite.api import counters
from ragsite.api.counters import Limit
from ragsite.middleware import client_address
from tenants import context

# One person may mistype; a whole office behind one address may sign in at nine o'clock; one account is tried from
# everywhere only by somebody who has many addresses. Multiples of THROTTLE_SIGN_IN_PER_MINUTE.
_ALL_OF_ONE_ACCOUNT = 5
_ALL_OF_ONE_NETWORK = 10
_IPV6_NETWORK_BITS = 64  # what one household or host usually has to itself


class PerPersonThrottle(BaseThrottle):
    """Scope `api` for everything, plus the view's own scope: by person, or by network before anybody is known.

    One query for both.
    """

    def __init__(self) -> None:
        self._wait_seconds = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        caller = getattr(request, "employee", None) or getattr(request, "caller", None)
        label = getattr(caller, "actor_label", None) or getattr(caller, "label", None) or network_of(request._request)
        who = f"{_owner()}:{label}"
        scopes = ["api", *([scope] if (scope := getattr(view, "throttle_scope", None)) else [])]
        rates = settings.THROTTLE_RATES_PER_MINUTE
        limits = [Limit(scope=scope, who=who, per_minute=rates[scope]) for scope in scopes]
        self._wait_seconds = counters.count(limits=limits, now=time.time())
        return self._wait_seconds == 0

    def wait(self) -> float:
        return self._wait_seconds


class SignInThrottle(BaseThrottle):
    """Tries per account and network together, per account, and per network; a success gives the first two back."""

    def __init__(self) -> None:
        self._wait_seconds = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        limits = [*account_limits(request), _network_limit(request)]
        self._wait_seconds = counters.count(limits=limits, now=time.time())
        return self._wait_seconds == 0

    def wait(self) -> float:
        return self._wait_seconds


def account_limits(request: Request) -> list[Limit]:
    """The limits of a sign-in that a success gives back."""
    data = request.data if isinstance(request.data, dict) else {}
    account = f"{_owner()}:{str(data.get('email', '')).strip().lower()}"
    base = settings.THROTTLE_RATES_PER_MINUTE["sign_in"]
    return [
        Limit(scope="sign_in_pair", who=f"{account}:{network_of(request._request)}", per_minute=base),
        Limit(scope="sign_in_account", who=account, per_minute=base * _ALL_OF_ONE_ACCOUNT),
    ]


def _owner() -> str:
    """Whose the counted callers are: a company's, or the platform's."""
    return context.tenant_id() if context.has_tenant() else "platform"


def _network_limit(request: Request) -> Limit:
    base = settings.THROTTLE_RATES_PER_MINUTE["sign_in"]
    return Limit(scope="sign_in_network", who=network_of(request._request), per_minute=base * _ALL_OF_ONE_NETWORK)


def network_of(request: HttpRequest) -> str:
    """The caller's IPv4 address, or the network of its IPv6 address; `unknown` callers share one counter."""
    try:
        address = ipaddress.ip_address(client_address(request))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, _IPV6_NETWORK_BITS), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
