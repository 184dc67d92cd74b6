"""Sessions that were ended are signed out before a view sees them; the others are noted down."""

from collections.abc import Callable

import structlog
from django.contrib import auth
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from hr.signed_in import records
from hr.signin import marks
from tenants import context

log = structlog.get_logger(__name__)


class BrowserSessionMiddleware:
    """Behind Django's own authentication. No query for what has not changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/api/"):  # a session means nothing there
            return self.get_response(request)
        key_before = request.session.session_key
        if request.user.is_authenticated and _was_cut_off(request):
            auth.logout(request)
        response = self.get_response(request)
        if response.status_code >= 500:
            # Nothing of a failed request is kept, as Django's own middleware keeps no session then: a sign-in whose
            # audit row could not be written would be noted here, and its session saved.
            return response
        try:
            _keep_up(request, key_before)
        except DatabaseError as error:
            # The page is there already. The next one notes it, and a cut-off ends a session that nobody noted, too.
            log.warning("session_not_noted", error=type(error).__name__)
        return response


def _was_cut_off(request: HttpRequest) -> bool:
    """Whether the person, or everybody in the company, was signed out since they last proved who they are."""
    if not context.has_tenant():
        return False
    moments = (request.user.employee.signed_in_after, context.current_tenant().signed_in_after)  # type: ignore[union-attr]
    proved_at = request.session.get(marks.CONFIRMED_AT, 0)
    return any(moment is not None and proved_at <= moment.timestamp() for moment in moments)


def _keep_up(request: HttpRequest, key_before: str | None) -> None:
    if request.user.is_authenticated:
        records.note(request, key_before=key_before)
    elif key_before is not None and request.session.session_key != key_before:
        records.forget(key_before)
