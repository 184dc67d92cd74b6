"""The one gate of the API: token, tenant, person, version and role are checked in the database on each request.

A person comes with an access token, a service account with its secret; both in `Authorization: Bearer ...`.
"""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from audit import actors
from audit import services as audit
from hr import access
from hr.models import Employee, ServiceAccount
from hr.tokens.claims import Claims, ForeignToken, InvalidToken, read
from hr.tokens.metrics import TENANT_DISAGREEMENTS
from hr.tokens.people import person_of
from hr.tokens.programs import EndedAccount, Program, account_of, note_use
from tenants.machines import secrets

SCHEME = "Bearer"


class PersonRequest(Request):
    """A request behind the gate, as views see it: `authenticate` below has set these."""

    employee: Employee
    scope: access.Scope


class TenantTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token, or a service account's secret>`.

    Sets request.user, request.auth, request.employee, request.scope and the actor of the audit log. One query.
    Every failure is the same 401; what was wrong is known to nobody but the audit log.
    """

    def authenticate(self, request: Request) -> tuple[User | Program, Claims | ServiceAccount] | None:
        header = get_authorization_header(request)
        if not header:
            return None
        token = _token_in(header)
        given = secrets.parse(token)
        if given is not None:
            return self._program(request, given)
        claims, employee = self._person(token)
        _enter(request, employee)
        act_as(employee)
        return employee.user, claims  # type: ignore[return-value]  # person_of refuses a person without a login

    def authenticate_header(self, request: Request) -> str:
        return SCHEME

    def _person(self, token: str) -> tuple[Claims, Employee]:
        try:
            claims = read(token=token, kind="access")
            return claims, person_of(claims=claims)
        except ForeignToken:
            report_foreign_token()
            raise AuthenticationFailed from None
        except InvalidToken:
            raise AuthenticationFailed from None

    def _program(self, request: Request, given: secrets.GivenSecret) -> tuple[Program, ServiceAccount]:
        try:
            account = account_of(given=given, now=timezone.now())
        except EndedAccount as ended:
            audit.record_refusal(verb="token.refused", target=ended.label, reason=ended.reason)
            raise AuthenticationFailed from None
        except InvalidToken:
            raise AuthenticationFailed from None
        _enter(request, access.caller_of(account))
        before = actors.current_actor()
        actors.become(actors.Actor(kind="service", label=account.actor_label, request_id=before.request_id))
        note_use(account=account, now=timezone.now())
        return Program(account.actor_label), account


def _token_in(header: bytes) -> str:
    parts = header.split()
    if len(parts) != 2 or parts[0].lower() != SCHEME.lower().encode():
        raise AuthenticationFailed
    try:
        return parts[1].decode("ascii")
    except UnicodeDecodeError:
        raise AuthenticationFailed from None


def _enter(request: Request, employee: Employee) -> None:
    http_request: Any = request._request
    http_request.employee = employee
    http_request.scope = access.scope_of(employee)


def act_as(employee: Employee) -> None:
    """What the request does from here on is recorded as this person's."""
    before = actors.current_actor()
    actors.become(actors.Actor(kind="employee", label=employee.actor_label, request_id=before.request_id))


def report_foreign_token() -> None:
    """The second wall held: count it for the alert, and record it in the log of the company that was tried."""
    TENANT_DISAGREEMENTS.inc()
    audit.record_refusal(verb="token.refused", reason="tenant_disagrees")
