"""One error shape for the API, {type, errors: [{code, detail, attr}]}, that never tells what lies behind an error."""

import sys
from collections.abc import Mapping
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from drf_standardized_errors.handler import ExceptionHandler
from psycopg.errors import InsufficientPrivilege, UndefinedTable
from rest_framework import exceptions
from rest_framework.response import Response

from audit.chain.keys import NoChainKey
from audit.findings.services import AlreadyDecided
from audit.models import AuditLog
from documents import files, rights
from documents import services as documents
from documents.windows import WindowReversed
from hr.access import NoAccess, ProfileNotAllowed
from hr.keys import KeyUnavailable
from hr.leave.problems import LeaveRefused, NotYourReport
from hr.services.service_accounts import MayNotManageAccounts
from hr.tokens import InvalidToken, NoSession, SecondFactorRequired, WrongCredentials
from retrieval import services as retrieval
from tenants import rotation
from tenants.days import DayOutOfRange
from tenants.keys import NoSigningKey
from tenants.kill_switches import services as switches
from tenants.kill_switches import wording
from tenants.kill_switches.state import SwitchedOff
from tenants.machines import lifetimes
from tenants.sealing import WrongSealingKey
from tenants.services import WrongTenantState

log = structlog.get_logger(__name__)

# What is away is looked for again after this long; parts restart within a few seconds.
RETRY_AFTER_SECONDS = 5


class Refusal(exceptions.APIException):
    """An error of the API. `wait` becomes Retry-After."""

    def __init__(self, *, status: int, code: str, detail: str) -> None:
        self.status_code = status
        self.wait = RETRY_AFTER_SECONDS if status == 503 else None
        super().__init__(detail=detail, code=code)


# Django's own refusals, which never reach a view.
_BY_STATUS: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "The request could not be read."),
    401: ("not_authenticated", "This needs a valid access token of this company."),
    403: ("permission_denied", "You do not have permission to do this."),
    404: ("not_found", "Not found."),
    413: ("too_large", "The request is larger than is allowed."),
    429: ("throttled", "Too many attempts. Please wait a minute and try again."),
    500: ("internal_error", "Something went wrong on our side."),
    503: ("unavailable", "The service is not available right now. Please try again in a moment."),
}
_INVALID_TOKEN = (401, "not_authenticated", _BY_STATUS[401][1])
_NOT_FOUND = (404, "not_found", "Not found.")
_DATABASE_AWAY = (503, *_BY_STATUS[503])

# The named errors of our services, and what the API says instead.
_NAMED: tuple[tuple[type[Exception], tuple[int, str, str]], ...] = (
    (InvalidToken, _INVALID_TOKEN),
    (NoAccess, _INVALID_TOKEN),
    (SecondFactorRequired, (401, "otp_required", "A code of your authenticator app is needed as well, as `otp`.")),
    (WrongCredentials, (401, "authentication_failed", "E-mail address or password is wrong.")),
    (NoSession, (400, "no_session", "This token was issued without a session; it ends by itself.")),
    (documents.UploadTooLarge, (413, "too_large", "The file is larger than is allowed.")),
    (RequestDataTooBig, (413, *_BY_STATUS[413])),
    (documents.StorageUnavailable, (503, "storage_unavailable", "The file store is not available right now.")),
    (files.FileMissing, (503, "storage_unavailable", "The file cannot be read right now.")),
    (files.ForeignFile, _NOT_FOUND),
    (NotYourReport, _NOT_FOUND),
    (ProfileNotAllowed, (403, "permission_denied", "Only HR and the owner ask as somebody else.")),
    (retrieval.ConversationNotFound, _NOT_FOUND),
    (retrieval.QueryNotFound, _NOT_FOUND),
    (retrieval.ProposalNotFound, _NOT_FOUND),
    (retrieval.NotShareable, (409, "not_shareable", "This message stays with the person who wrote it.")),
    (retrieval.SearchUnavailable, (503, "search_unavailable", "Search is not available right now.")),
    (retrieval.AskFailed, _DATABASE_AWAY),
    (KeyUnavailable, (503, "key_unavailable", "What is sealed here cannot be opened right now. Nothing was changed.")),
    (AlreadyDecided, (409, "already_decided", "Somebody decided on this finding before.")),
    (NoChainKey, (503, "key_unavailable", "The key of the audit log is not configured. Nothing was changed.")),
    (NoSigningKey, _DATABASE_AWAY),
    (WrongSealingKey, _DATABASE_AWAY),
    (OperationalError, _DATABASE_AWAY),
    (InterfaceError, _DATABASE_AWAY),
    (UnreadablePostError, (400, *_BY_STATUS[400])),
)
# Named errors about one field of the request.
_OF_A_FIELD: tuple[tuple[type[Exception], str, str, str], ...] = (
    (retrieval.QuestionEmpty, "question", "blank", "Please ask something."),
    (retrieval.QuestionTooLong, "question", "max_length", "The question is too long."),
    (retrieval.AsOfInFuture, "as_of", "in_future", "Only HR and the owner ask what will be in force."),
    (documents.EmptyTitle, "title", "blank", "The document needs a title."),
)


# Named errors about readers and versions, whose message is for the person who asked: status, code, field.
_ABOUT_POLICIES: tuple[tuple[type[Exception], int, str, str], ...] = (
    (DayOutOfRange, 400, "day_out_of_range", "effective_from"),
    (WindowReversed, 400, "window_reversed", "effective_to"),
    (documents.VersionsOverlap, 400, "versions_overlap", "effective_from"),
    (documents.WindowTaken, 400, "window_taken", "effective_from"),
    (documents.TooManyKeys, 400, "too_many", "applies_sites"),
    (rights.UnknownValue, 400, "unknown_value", ""),
    (rights.PersonalWithAudience, 400, "personal_with_audience", "subject"),
    (documents.OwnReview, 403, "own_review", ""),
    (documents.ReviewMissing, 409, "review_missing", ""),
    (documents.NotReady, 409, "not_ready", ""),
    (documents.WrongPublication, 409, "wrong_state", ""),
    (MayNotManageAccounts, 403, "permission_denied", ""),
    (lifetimes.NameTaken, 400, "name_taken", "name"),
    (lifetimes.WrongScopes, 400, "wrong_scopes", "scopes"),
    (lifetimes.WrongLifetime, 400, "wrong_lifetime", "days"),
    (lifetimes.WrongOverlap, 400, "wrong_overlap", "overlap_hours"),
    (lifetimes.NotUsable, 409, "revoked", ""),
    (rotation.RotatedMeanwhile, 409, "rotated_meanwhile", ""),
    (rotation.KeySigns, 409, "key_signs", ""),
    (rotation.KeyRevoked, 409, "key_revoked", ""),
)


# Named errors about switches and companies, on the platform; their messages are for the operator.
_ABOUT_SWITCHES: tuple[tuple[type[Exception], int, str, str], ...] = (
    (switches.SecondPersonNeeded, 403, "second_person_needed", ""),
    (switches.AlreadyOff, 409, "already_off", ""),
    (switches.NotOff, 409, "not_off", ""),
    (switches.ReasonNeeded, 400, "min_length", "reason"),
    (WrongTenantState, 409, "wrong_state", ""),
)


def _about_policies(exc: Exception) -> exceptions.APIException | None:
    for kind, status, code, attr in (*_ABOUT_POLICIES, *_ABOUT_SWITCHES):
        if isinstance(exc, kind):
            if status != 400:
                return Refusal(status=status, code=code, detail=str(exc))
            field = exc.field if isinstance(exc, rights.UnknownValue) else attr
            return exceptions.ValidationError({field: [exceptions.ErrorDetail(str(exc), code=code)]})
    return None


class _Handler(ExceptionHandler):
    """drf-standardized-errors' handler, which knows our named errors."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            refusal = Refusal(status=401, code=_INVALID_TOKEN[1], detail=_INVALID_TOKEN[2])
            refusal.auth_header = "Bearer"  # type: ignore[attr-defined]
            return refusal
        for kind, attr, code, detail in _OF_A_FIELD:
            if isinstance(exc, kind):
                return exceptions.ValidationError({attr: [exceptions.ErrorDetail(detail, code=code)]})
        if is_about_audit_log(exc):
            return Refusal(status=503, code=_DATABASE_AWAY[1], detail=_DATABASE_AWAY[2])
        for named, (status, code, detail) in _NAMED:
            if isinstance(exc, named):
                refusal = Refusal(status=status, code=code, detail=detail)
                if status == 401:
                    refusal.auth_header = "Bearer"  # type: ignore[attr-defined]
                return refusal
        if isinstance(exc, retrieval.ProposalRefused):  # its message is for the person, too
            return Refusal(status=409, code=exc.code, detail=str(exc))
        if isinstance(exc, SwitchedOff):
            return Refusal(status=503, code=f"{exc.switch.feature}_off", detail=wording.REFUSED[exc.switch.feature])
        if (refused := _about_policies(exc)) is not None:
            return refused
        if isinstance(exc, LeaveRefused):  # a rule about leave: its class has the code, its message is for the person
            return Refusal(status=409, code=exc.code, detail=str(exc))
        return super().convert_known_exceptions(exc)

    def should_not_handle(self, exc: Exception) -> bool:
        """The same shape in debug mode; the traceback is in the log."""
        return False

    def convert_unhandled_exceptions(self, exc: Exception) -> exceptions.APIException:
        if isinstance(exc, exceptions.APIException):
            return exc
        return Refusal(status=500, code=_BY_STATUS[500][0], detail=_BY_STATUS[500][1])

    def report_exception(self, exc: exceptions.APIException, response: Response) -> None:
        if exc.status_code == 503:
            # Something outside is away: one line, not a traceback for each request that notices.
            log.warning("part_unavailable", error=type(self.exc).__name__)
            return
        super().report_exception(exc, response)


def api_exception_handler(exc: Exception, context: Any) -> Response | None:
    """{type, errors: [{code, detail, attr}]} for everything that a view of the API raises.

    What has no name is a 500 without detail, and is logged with its traceback under the request's id.
    """
    return _Handler(exc, context).run()


def api_refusal(*, status: int, exception: Exception | None = None) -> JsonResponse:
    """The API's answer to what was refused or failed outside its views: middleware, Django, unknown routes."""
    if isinstance(exception, RequestDataTooBig):
        status = 413
    code, detail = _BY_STATUS[status]
    headers = {"Cache-Control": "private, no-store"}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return JsonResponse(error_body(status=status, code=code, detail=detail), status=status, headers=headers)


def error_body(*, status: int, code: str, detail: str, attr: str | None = None) -> dict[str, Any]:
    """The shape itself."""
    kind = "client_error" if status < 500 else "server_error"
    return {"type": kind, "errors": [{"code": code, "detail": detail, "attr": attr}]}


def is_database_away() -> bool:
    """Whether the exception that is being handled right now means that PostgreSQL does not answer."""
    error = sys.exc_info()[1]
    return isinstance(error, OperationalError | InterfaceError) or is_about_audit_log(error)


def is_about_audit_log(error: BaseException | None) -> bool:
    """Whether an audit log cannot be read: the table is missing, or its rights are. Writing has an error of its own."""
    cause = error.__cause__ if isinstance(error, ProgrammingError) else None
    return isinstance(cause, UndefinedTable | InsufficientPrivilege) and AuditLog._meta.db_table in str(cause)


@csrf_exempt
def unknown_route(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Below /api/ a path that leads nowhere is answered in the API's shape, whatever the method."""
    return api_refusal(status=404)


def locked_out(request: HttpRequest, credentials: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many failed sign-ins: the same answer whether the account exists or not."""
    if request.path.startswith("/api/"):
        refusal = api_refusal(status=429)
        refusal["Retry-After"] = "60"
        return refusal
    response = render(request, "errors/locked_out.html", status=429)
    response["Retry-After"] = "60"
    return response
