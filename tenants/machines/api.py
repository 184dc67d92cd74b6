"""The platform's API: signing in, and the service accounts of the operators."""

from typing import Any

from django.contrib import auth
from django.contrib.auth.models import User
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import actors
from audit import services as audit
from audit.attempts import attempt_of
from tenants.machines import accounts, lifetimes, operators
from tenants.machines.gate import PlatformRequest, PlatformView
from tenants.machines.scopes import PEOPLE_ONLY, PLATFORM_SCOPES
from tenants.models import OperatorToken, PlatformServiceAccount

_MAX_EMAIL_CHARS = 254
_MAX_PASSWORD_CHARS = 1024


class PlatformTokenRequestV1(serializers.Serializer):
    email = serializers.CharField(max_length=_MAX_EMAIL_CHARS)
    password = serializers.CharField(max_length=_MAX_PASSWORD_CHARS, trim_whitespace=False)
    otp = serializers.CharField(
        max_length=64, required=False, allow_blank=True, default="", help_text="The second factor's code."
    )


class PlatformTokenV1(serializers.Serializer):
    access = serializers.CharField(help_text="For the header `Authorization: Bearer ...`.")
    token_type = serializers.ChoiceField(choices=["Bearer"])
    expires_in = serializers.IntegerField(help_text="Lifetime in seconds. There is no refresh token.")


class PlatformSignInView(APIView):
    """Routed as ragsite.api.signing_in.ThrottledPlatformSignInView."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="createOperatorToken",
        tags=["platform: auth"],
        request=PlatformTokenRequestV1,
        responses=PlatformTokenV1,
    )
    def post(self, request: Request) -> Response:
        """Sign in as an operator. Every kind of failure is the same 401."""
        body = PlatformTokenRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        user = auth.authenticate(request._request, username=given["email"], password=given["password"])
        if not isinstance(user, User) or not self.proves_second_factor(user, given["otp"]):
            locked = getattr(request._request, "axes_locked_out", False)
            audit.record_refusal(
                verb="token.sign_in_failed",
                reason="throttled" if locked else "credentials",
                details=attempt_of(request=request._request, account=given["email"]),
            )
            raise AuthenticationFailed
        before = actors.current_actor()
        actors.become(actors.Actor("operator", f"operator:{user.pk}", before.request_id))
        access = operators.issue_token(operator=user, now=timezone.now())
        seconds = int(operators.LIFETIME.total_seconds())
        return Response({"access": access, "token_type": "Bearer", "expires_in": seconds})

    def proves_second_factor(self, operator: User, code: str) -> bool:
        """Whether the code is a good second factor of this operator. Uses it up."""
        raise NotImplementedError


class PlatformLogoutView(PlatformView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="endOperatorToken", tags=["platform: auth"], request=None, responses={204: None})
    def post(self, request: PlatformRequest) -> Response:
        """End the token in the header."""
        assert isinstance(request.auth, OperatorToken), "people only"
        operators.end_token(token=request.auth, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class ServiceAccountV1(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    purpose = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(choices=["active", "expired", "orphaned", "revoked"])
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class IssuedServiceAccountV1(ServiceAccountV1):
    secret = serializers.CharField(help_text="Shown this once.")


class ServiceAccountRequestV1(serializers.Serializer):
    name = serializers.CharField(max_length=100)
    purpose = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=[scope.name for scope in PLATFORM_SCOPES]), allow_empty=False
    )
    days = serializers.IntegerField(min_value=1, max_value=lifetimes.MAX_DAYS, default=lifetimes.DEFAULT_DAYS)
    reason = serializers.CharField(min_length=3, max_length=500)


class RotationRequestV1(serializers.Serializer):
    days = serializers.IntegerField(min_value=1, max_value=lifetimes.MAX_DAYS, default=lifetimes.DEFAULT_DAYS)
    overlap_hours = serializers.IntegerField(
        min_value=0,
        max_value=lifetimes.MAX_OVERLAP_HOURS,
        default=0,
        help_text="How long the former secret goes on working.",
    )
    reason = serializers.CharField(min_length=3, max_length=500)


class RevocationRequestV1(serializers.Serializer):
    reason = serializers.CharField(min_length=3, max_length=500)


class PlatformServiceAccountListView(PlatformView):
    api_scope = {"GET": "tokens:read", "POST": PEOPLE_ONLY}

    @extend_schema(
        operation_id="listPlatformServiceAccounts",
        tags=["platform: service accounts"],
        responses=ServiceAccountV1(many=True),
    )
    def get(self, request: PlatformRequest) -> Response:
        """The platform's service accounts, newest first, revoked ones included."""
        return Response([described(row) for row in PlatformServiceAccount.objects.order_by("-created_at", "-pk")])

    @extend_schema(
        operation_id="createPlatformServiceAccount",
        tags=["platform: service accounts"],
        request=ServiceAccountRequestV1,
        responses={201: IssuedServiceAccountV1},
    )
    def post(self, request: PlatformRequest) -> Response:
        """Make one. The calling operator answers for it. Its secret is in this answer and nowhere else."""
        body = ServiceAccountRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        assert request.caller.operator_id is not None, "people only"
        issued = accounts.create(operator_id=request.caller.operator_id, now=timezone.now(), **body.validated_data)
        return Response(described(issued.account) | {"secret": issued.secret}, status=status.HTTP_201_CREATED)


class PlatformServiceAccountRotateView(PlatformView):
    api_scope = PEOPLE_ONLY

    @extend_schema(
        operation_id="rotatePlatformServiceAccount",
        tags=["platform: service accounts"],
        request=RotationRequestV1,
        responses=IssuedServiceAccountV1,
    )
    def post(self, request: PlatformRequest, account_id: int) -> Response:
        """Another secret, which is in this answer and nowhere else."""
        body = RotationRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        issued = accounts.rotate(account=_account_or_404(account_id), now=timezone.now(), **body.validated_data)
        return Response(described(issued.account) | {"secret": issued.secret})


class PlatformServiceAccountRevokeView(PlatformView):
    api_scope = PEOPLE_ONLY

    @extend_schema(
        operation_id="revokePlatformServiceAccount",
        tags=["platform: service accounts"],
        request=RevocationRequestV1,
        responses=ServiceAccountV1,
    )
    def post(self, request: PlatformRequest, account_id: int) -> Response:
        """Refuse the account from its next request on, for good."""
        body = RevocationRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        account = _account_or_404(account_id)
        accounts.revoke(account=account, now=timezone.now(), **body.validated_data)
        return Response(described(account))


def described(account: Any) -> dict[str, Any]:
    """A service account of either kind, as the API tells it. The secret is in no row."""
    fields = ("name", "purpose", "scopes", "created_at", "expires_at", "last_used_at")
    return {"id": account.pk, "state": account.state(now=timezone.now())} | {
        name: getattr(account, name) for name in fields
    }


def _account_or_404(account_id: int) -> PlatformServiceAccount:
    account = PlatformServiceAccount.objects.filter(pk=account_id).first()
    if account is None:
        raise Http404
    return account
