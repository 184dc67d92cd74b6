"""Signing keys and cut-offs, for operators' programs."""

from datetime import timedelta
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from tenants import context, cutoffs, rotation
from tenants.machines.api import RevocationRequestV1
from tenants.machines.gate import PlatformRequest, PlatformView
from tenants.models import SigningKey, Tenant
from tenants.steps import run_steps

_MAX_GRACE_HOURS = 365 * 24


class SigningKeyV1(serializers.Serializer):
    kid = serializers.CharField()
    state = serializers.ChoiceField(choices=SigningKey.State.choices)
    algorithm = serializers.CharField()
    created_at = serializers.DateTimeField()
    activated_at = serializers.DateTimeField(allow_null=True)
    grace_until = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class RotateRequestV1(serializers.Serializer):
    reason = serializers.CharField(min_length=3, max_length=500)
    grace_hours = serializers.IntegerField(
        min_value=0,
        max_value=_MAX_GRACE_HOURS,
        default=0,
        help_text="How long the former key is believed; never shorter than refresh tokens live.",
    )
    emergency = serializers.BooleanField(
        default=False, help_text="A key is known to others: revoke all of them at once. Every token ends."
    )


class RotationV1(serializers.Serializer):
    kid = serializers.CharField(help_text="Signs from now on.")
    former = serializers.CharField()
    grace_until = serializers.DateTimeField(allow_null=True)
    companies_cut_off = serializers.IntegerField()


class RevokeTokensRequestV1(serializers.Serializer):
    tenant = serializers.UUIDField(help_text="The company.")
    employee = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Only this person of the company."
    )
    reason = serializers.CharField(min_length=3, max_length=500)


class RevokedTokensV1(serializers.Serializer):
    browsers = serializers.IntegerField(help_text="Signed out.")
    programs = serializers.IntegerField(help_text="Signed out.")


class SigningKeyListView(PlatformView):
    api_scope = "keys:read"

    @extend_schema(operation_id="listSigningKeys", tags=["platform: keys"], responses=SigningKeyV1(many=True))
    def get(self, request: PlatformRequest) -> Response:
        """The keys, newest first. Their secrets appear nowhere."""
        names = ("kid", "state", "algorithm", "created_at", "activated_at", "grace_until", "revoked_at")
        rows = SigningKey.objects.order_by("-created_at", "-pk")
        return Response([{name: getattr(row, name) for name in names} for row in rows])


class SigningKeyRotateView(PlatformView):
    api_scope = "keys:write"

    @extend_schema(
        operation_id="rotateSigningKey", tags=["platform: keys"], request=RotateRequestV1, responses=RotationV1
    )
    def post(self, request: PlatformRequest) -> Response:
        """Let the next key sign; tokens of the former one count until they end, unless this is an emergency."""
        body = RotateRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        if given["emergency"]:
            done = rotation.rotate_in_emergency(reason=given["reason"])
        else:
            done = rotation.rotate(reason=given["reason"], grace=timedelta(hours=given["grace_hours"]))
        return Response(
            {
                "kid": done.kid,
                "former": done.former,
                "grace_until": done.grace_until,
                "companies_cut_off": done.companies_cut_off,
            }
        )


class SigningKeyRevokeView(PlatformView):
    api_scope = "keys:write"

    @extend_schema(
        operation_id="revokeSigningKey",
        tags=["platform: keys"],
        request=RevocationRequestV1,
        responses={204: None},
    )
    def post(self, request: PlatformRequest, kid: str) -> Response:
        """Refuse what a key signed, from the next request on. Not the active one: rotate in an emergency instead."""
        body = RevocationRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            rotation.revoke_key(kid=kid, reason=body.validated_data["reason"])
        except rotation.NoSuchKey:
            raise Http404 from None
        return Response(status=204)


class PlatformRevokeTokensView(PlatformView):
    api_scope = "tokens:write"

    @extend_schema(
        operation_id="revokeTokens",
        tags=["platform: tokens"],
        request=RevokeTokensRequestV1,
        responses=RevokedTokensV1,
    )
    def post(self, request: PlatformRequest) -> Response:
        """End everything by which a company's people, or one of them, are signed in, from the next request on."""
        body = RevokeTokensRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = body.validated_data
        tenant = Tenant.objects.set_up().filter(uuid=given["tenant"]).first()
        if tenant is None:
            raise Http404
        if "employee" not in given:
            ended = cutoffs.cut_off(tenant=tenant, reason=given["reason"])
        else:
            with context.enter(tenant):
                # Each step returns an Ended, or None when there is no such person (settings.STEPS).
                found = run_steps("END_PERSON", employee_id=given["employee"], reason=given["reason"])
            if found[0] is None:
                raise Http404
            ended = found[0]
        return Response({"browsers": ended.browsers, "programs": ended.programs})
