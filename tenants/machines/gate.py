"""The one gate of the platform's API: an operator's token or a service account's secret, checked on every request.

Views of the platform subclass `PlatformView`, and say in `api_scope` what a service account needs; see
`tenants.machines.scopes`. The actor of the audit log is set here.
"""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from audit import actors
from audit import services as audit
from tenants.machines import accounts, operators, scopes, secrets
from tenants.models import OperatorToken, PlatformServiceAccount

SCHEME = "Bearer"


@dataclass(frozen=True)
class PlatformCaller:
    """Who calls the platform's API. `operator_id` is the operator themselves, None for a service account."""

    label: str
    operator_id: int | None
    scopes: frozenset[str] = frozenset()
    is_authenticated: bool = True
    is_active: bool = True
    pk: None = None


class PlatformRequest(Request):
    """A request behind the gate, as views see it."""

    caller: PlatformCaller


class PlatformAuthentication(BaseAuthentication):
    """`Authorization: Bearer <operator's token, or a service account's secret>`. Every failure is the same 401."""

    def authenticate(self, request: Request) -> tuple[PlatformCaller, OperatorToken | PlatformServiceAccount] | None:
        header = get_authorization_header(request)
        if not header:
            return None
        caller, credential = _checked(header)
        http_request: Any = request._request
        http_request.caller = caller
        before = actors.current_actor()
        kind: actors.ActorKind = "operator" if caller.operator_id is not None else "service"
        actors.become(actors.Actor(kind=kind, label=caller.label, request_id=before.request_id))
        return caller, credential

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class MayUsePlatform(BasePermission):
    """An operator, or a service account with the view's scope.

    :raises rest_framework.exceptions.PermissionDenied: for a service account without it, saying what it lacks.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        caller: PlatformCaller | None = getattr(request, "caller", None)
        if caller is None:
            return False
        if caller.operator_id is None:
            scopes.require(held=caller.scopes, view=view, method=request.method)
        return True


class PlatformView(APIView):
    """Base of the platform's API views."""

    authentication_classes = [PlatformAuthentication]
    permission_classes = [MayUsePlatform]


def _checked(header: bytes) -> tuple[PlatformCaller, OperatorToken | PlatformServiceAccount]:
    given = _secret_in(header)
    now = timezone.now()
    try:
        if given.kind == "hro":
            token, operator = operators.token_of(given=given, now=now)
            return PlatformCaller(label=f"operator:{operator.pk}", operator_id=operator.pk), token
        account = accounts.account_of(given=given, now=now)
    except accounts.EndedAccount as ended:
        audit.record_refusal(verb="token.refused", target=ended.label, reason=ended.reason)
        raise AuthenticationFailed from None
    except operators.NotGood:
        raise AuthenticationFailed from None
    return PlatformCaller(label=account.actor_label, operator_id=None, scopes=frozenset(account.scopes)), account


def _secret_in(header: bytes) -> secrets.GivenSecret:
    parts = header.split()
    if len(parts) != 2 or parts[0].lower() != SCHEME.lower().encode():
        raise AuthenticationFailed
    given = secrets.parse(parts[1].decode("ascii", "replace"))
    if given is None or given.kind == "hrs":
        raise AuthenticationFailed
    return given
