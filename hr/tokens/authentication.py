"""The one gate of the API: token, tenant, person, version and role are checked in the database on each request."""

from typing import Any

from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from audit import actors
from audit import services as audit
from hr import access
from hr.models import Employee
from hr.tokens.claims import Claims, ForeignToken, InvalidToken, read
from hr.tokens.metrics import TENANT_DISAGREEMENTS
from hr.tokens.people import person_of

SCHEME = "Bearer"


class PersonRequest(Request):
    """A request behind the gate, as views see it: `authenticate` below has set these."""

    employee: Employee
    scope: access.Scope


class TenantTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`.

    Sets request.user, request.auth, request.employee, request.scope and the actor of the audit log. One query.
    Every failure is the same 401; what was wrong is known to nobody but the audit log.
    """

    def authenticate(self, request: Request) -> tuple[User, Claims] | None:
        header = get_authorization_header(request)
        if not header:
            return None
        claims, employee = self._checked(header)
        http_request: Any = request._request
        http_request.employee = employee
        http_request.scope = access.scope_of(employee)
        act_as(employee)
        return employee.user, claims  # type: ignore[return-value]  # person_of refuses a person without a login

    def authenticate_header(self, request: Request) -> str:
        return SCHEME

    def _checked(self, header: bytes) -> tuple[Claims, Employee]:
        parts = header.split()
        if len(parts) != 2 or parts[0].lower() != SCHEME.lower().encode():
            raise AuthenticationFailed
        try:
            claims = read(token=parts[1].decode("ascii"), kind="access")
            return claims, person_of(claims=claims)
        except ForeignToken:
            report_foreign_token()
            raise AuthenticationFailed from None
        except (InvalidToken, UnicodeDecodeError):
            raise AuthenticationFailed from None


def act_as(employee: Employee) -> None:
    """What the request does from here on is recorded as this person's."""
    before = actors.current_actor()
    actors.become(actors.Actor(kind="employee", label=employee.actor_label, request_id=before.request_id))


def report_foreign_token() -> None:
    """The second wall held: count it for the alert, and record it in the log of the company that was tried."""
    TENANT_DISAGREEMENTS.inc()
    audit.record_refusal(verb="token.refused", reason="tenant_disagrees")
