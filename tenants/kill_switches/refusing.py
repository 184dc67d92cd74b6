"""What a refused request is answered, and how an answer that is under way is stopped."""

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from prometheus_client import Counter

from tenants.kill_switches import state
from tenants.kill_switches.state import RETRY_AFTER_SECONDS, Switch
from tenants.models import Tenant

SUSPENDED_TEXT = (
    "This company's access is suspended. Please turn to your HR department, or to whoever runs this installation."
)
PLATFORM_TEXT = "The assistant is switched off for everybody at the moment. Nothing is lost; please try again later."
_UNREADABLE_TEXT = "The service is not available right now. Please try again in a moment."
_PERSON_TEXT = "This needs a valid access token of this company."
_EVENTS = "text/event-stream"

# On purpose, so none of them is an error: alerts on `rag_http_errors_total` leave them out by `is_switched_off`.
REFUSED = Counter("rag_switched_off_requests_total", "Requests refused by a kill switch.", ["code"])


def refusal(*, request: HttpRequest, tenant: Tenant) -> HttpResponse | None:
    """The answer to a request of a company that is off, or None.

    403 `tenant_suspended` for a suspended company, as its people have to turn to somebody; 503 `platform_off` with
    Retry-After when everything is off, as waiting helps.

    :raises tenants.kill_switches.state.SwitchesUnreadable: answered with 503, as when the database is away.
    """
    switch = state.off_for_company(tenant)
    if switch is None and not state.is_suspended(tenant):
        return None
    if switch is not None and switch.tenant_pk is None:
        return _refused(request, status=503, code="platform_off", text=PLATFORM_TEXT, switch=switch)
    return _refused(request, status=403, code="tenant_suspended", text=SUSPENDED_TEXT, switch=switch)


def guarded(*, request: HttpRequest, response: HttpResponseBase, tenant: Tenant) -> HttpResponseBase:
    """The response, unless something was switched off while it was made; a stream is looked after until its end."""
    if response.streaming:
        response.streaming_content = GuardedStream(  # type: ignore[attr-defined]
            response.streaming_content,  # type: ignore[attr-defined]
            tenant=tenant,
            employee_id=_employee_id(request),
            is_api=_is_api(request),
            is_events=response.headers.get("Content-Type", "").startswith(_EVENTS),
        )
        return response
    refused = refusal(request=request, tenant=tenant)
    if refused is None and _person_is_off(tenant, _employee_id(request)):
        refused = _person_refused(request)
    if refused is not None:
        response.close()
        return refused
    return response


class GuardedStream:
    """Ends a body as soon as its company, its person or everything is off: before the next piece leaves.

    A stream of events says so in its last event. Of anything else the rest is missing.
    """

    def __init__(
        self, body: Iterator[bytes], *, tenant: Tenant, employee_id: int | None, is_api: bool, is_events: bool
    ) -> None:
        self._body = iter(body)
        self._tenant, self._employee_id = tenant, employee_id
        self._is_api, self._is_events = is_api, is_events
        self._ended = False

    def __iter__(self) -> "GuardedStream":
        return self

    def __next__(self) -> bytes:
        if self._ended:
            raise StopIteration
        if (reason := self._cut()) is not None:
            return self._last(*reason)
        piece = next(self._body)
        if (reason := self._cut()) is not None:  # the piece may have taken minutes
            return self._last(*reason)
        return piece

    def _cut(self) -> tuple[str, str] | None:
        """Code and words, when the stream has to end."""
        try:
            switch = state.off_for_company(self._tenant)
            if switch is not None:
                is_platform = switch.tenant_pk is None
                return ("platform_off", PLATFORM_TEXT) if is_platform else ("tenant_suspended", SUSPENDED_TEXT)
            if _person_is_off(self._tenant, self._employee_id):
                return "not_authenticated", _PERSON_TEXT
        except OperationalError:
            return "unavailable", _UNREADABLE_TEXT
        return None

    def _last(self, code: str, text: str) -> bytes:
        self._ended = True
        if not self._is_events:
            raise StopIteration
        body: dict[str, Any] = {"detail": text}
        if self._is_api:
            body = {"type": "server_error", "errors": [{"code": code, "detail": text, "attr": None}]}
        return f"event: error\ndata: {json.dumps(body)}\n\n".encode()


def _person_is_off(tenant: Tenant, employee_id: int | None) -> bool:
    if employee_id is None:
        return False
    return state.current().of_person(tenant_pk=tenant.pk, employee_id=employee_id) is not None


def _employee_id(request: HttpRequest) -> int | None:
    """The person of a token or of a session, where somebody asked for it."""
    employee = getattr(request, "employee", None)
    if employee is None:
        user = getattr(request, "_cached_user", None)  # what `request.user` found, if anybody looked at it
        employee = user._state.fields_cache.get("employee") if isinstance(user, User) else None
    return employee.pk if employee is not None else None


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _refused(request: HttpRequest, *, status: int, code: str, text: str, switch: Switch | None) -> HttpResponse:
    REFUSED.labels(code).inc()
    wait = switch.retry_after_seconds if switch is not None else RETRY_AFTER_SECONDS
    headers = {"Cache-Control": "private, no-store", "Retry-After": str(wait)}
    if _is_api(request):
        kind = "client_error" if status < 500 else "server_error"
        body = {"type": kind, "errors": [{"code": code, "detail": text, "attr": None}]}
        return _marked(JsonResponse(body, status=status, headers=headers))
    if "text/html" in request.headers.get("Accept", ""):
        # No request and no company: the page names neither.
        page = render_to_string("errors/suspended.html", {"text": text, "is_platform": status == 503})
        return _marked(HttpResponse(page, status=status, headers=headers))
    return _marked(HttpResponse(text, status=status, content_type="text/plain", headers=headers))


def _marked(response: HttpResponse) -> HttpResponse:
    response.is_switched_off = True  # type: ignore[attr-defined]  # for ragsite.middleware.MetricsMiddleware
    return response


def _person_refused(request: HttpRequest) -> HttpResponse:
    """As if they had not been signed in: nobody is told why."""
    headers = {"Cache-Control": "private, no-store"}
    if _is_api(request):
        body = {
            "type": "client_error",
            "errors": [{"code": "not_authenticated", "detail": _PERSON_TEXT, "attr": None}],
        }
        return JsonResponse(body, status=401, headers={**headers, "WWW-Authenticate": "Bearer"})
    return HttpResponseRedirect(resolve_url(settings.LOGIN_URL), headers=headers)
