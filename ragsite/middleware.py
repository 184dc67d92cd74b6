"""Request wiring: probes before tenants, counting, the audit actor, and no caching of what is personal."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject
from django_structlog.middlewares import RequestMiddleware

from audit import actors
from ragsite import health, metrics
from tenants import context

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ProbeMiddleware:
    """Answers health on any host, metrics on the platform's, before a tenant is looked up: probes come by address."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = health.PROBES.get(request.path)
        if view is None:
            return self.get_response(request)
        return view(request)


class MetricsMiddleware:
    """Counts requests by method and status class."""

    _METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        status_class = f"{response.status_code // 100}xx"
        method = request.method if request.method in self._METHODS else "other"
        metrics.HTTP_REQUESTS.labels(method, status_class).inc()
        # What was switched off on purpose has a counter of its own and burns no budget.
        if response.status_code >= 400 and not getattr(response, "is_switched_off", False):
            metrics.HTTP_ERRORS.labels(status_class).inc()
        return response


class AdminPolicyMiddleware:
    """Gives /admin/ its own content security policy: the theme evaluates expressions in attributes (decision 15)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_config = settings.ADMIN_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]
        return response


class RequestLogMiddleware(RequestMiddleware):
    """One line at a request's beginning and end: method and path, never a query string, an address or a secret."""

    _SECRET_PATHS = ("/sign-in/link/",)

    @classmethod
    def format_request(cls, request: HttpRequest) -> str:  # type: ignore[override]
        secret = next((path for path in cls._SECRET_PATHS if request.path.startswith(path)), None)
        return f"{request.method} {secret + '...' if secret else request.path}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """The person's number, once they are known. A session that could not be read is not asked for again here."""
        user = getattr(request, "user", None)
        if not isinstance(user, SimpleLazyObject) or hasattr(request, "_cached_user"):
            RequestMiddleware.bind_user_id(request)


class ActorMiddleware:
    """Names the session's person as the actor of everything recorded during the request.

    The API's token authentication names its person itself, once the token was checked.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # The id that every log line of this request carries, so that an audit row can be found in the log.
        request.request_id = structlog.contextvars.get_contextvars().get("request_id", "")  # type: ignore[attr-defined]
        with actors.acting_as(_actor_of(request)):
            return self.get_response(request)


def _actor_of(request: HttpRequest) -> actors.Actor:
    request_id: str = request.request_id  # type: ignore[attr-defined]
    if request.path.startswith("/api/") or not request.user.is_authenticated:
        return actors.Actor(kind="anonymous", label="anonymous", request_id=request_id)
    if not context.has_tenant():
        return actors.Actor(kind="operator", label=f"operator:{request.user.pk}", request_id=request_id)
    return actors.Actor(kind="employee", label=request.user.employee.actor_label, request_id=request_id)


class NoStoreMiddleware:
    """What is answered to a signed-in person is kept by no cache."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response


def client_address(request: HttpRequest) -> str:
    """The caller's address: the last one that TRUSTED_PROXY_COUNT proxies did not write themselves."""
    hops = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    count = settings.TRUSTED_PROXY_COUNT
    if count and len(hops) >= count:
        return hops[-count]
    return request.META.get("REMOTE_ADDR", "")


def in_networks(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address lies in one of the CIDR networks; an unreadable address lies in none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in ip_network(network, strict=False) for network in networks)
