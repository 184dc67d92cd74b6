"""Signing in for programs: a password for a pair of tokens, a refresh token for the next pair, and log-out."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from hr import tokens
from hr.tokens.authentication import TenantTokenAuthentication

# RFC 5321 allows 254; Django's hashers take any length, and longer than this is no password of a person.
_MAX_EMAIL_CHARS = 254
_MAX_PASSWORD_CHARS = 1024
_MAX_TOKEN_CHARS = 4096


class TokenRequestV1(serializers.Serializer):
    email = serializers.CharField(max_length=_MAX_EMAIL_CHARS)
    password = serializers.CharField(max_length=_MAX_PASSWORD_CHARS, trim_whitespace=False)
    otp = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        default="",
        help_text="The code of an authenticator app, or a recovery code, for those who have a second step.",
    )


class RefreshRequestV1(serializers.Serializer):
    refresh = serializers.CharField(max_length=_MAX_TOKEN_CHARS)


class LogoutRequestV1(serializers.Serializer):
    refresh = serializers.CharField(
        max_length=_MAX_TOKEN_CHARS, required=False, help_text="Instead of an access token in the header."
    )


class TokenPairV1(serializers.Serializer):
    access = serializers.CharField(help_text="For the header `Authorization: Bearer ...`.")
    refresh = serializers.CharField(help_text="Good for one use; the answer brings the next one.")
    token_type = serializers.ChoiceField(choices=["Bearer"])
    expires_in = serializers.IntegerField(help_text="Lifetime of the access token in seconds.")


class SignInView(APIView):
    """Routed as ragsite.api.throttling.ThrottledSignInView."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="createToken",
        tags=["auth"],
        request=TokenRequestV1,
        responses=TokenPairV1,
        examples=[
            OpenApiExample("Sign in", value={"email": "employee@acme.example", "password": "..."}, request_only=True)
        ],
    )
    def post(self, request: Request) -> Response:
        """Sign in with e-mail address and password. Every failure is the same 401, but one: with the right password and
        without the code that this person needs as well, the 401's code is `otp_required`; send it as `otp` then.
        """
        body = TokenRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        return _pair(tokens.begin_session(request=request._request, **body.validated_data))


class RefreshView(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(operation_id="refreshToken", tags=["auth"], request=RefreshRequestV1, responses=TokenPairV1)
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for the next pair. Using one twice ends the session for whoever holds its tokens."""
        body = RefreshRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        return _pair(tokens.rotate(**body.validated_data))


class LogoutView(APIView):
    # Asked by hand below: a client whose access token has just expired logs out with its refresh token.
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="logout",
        tags=["auth"],
        auth=[{"accessToken": []}, {}],  # type: ignore[list-item]  # the stub knows names only
        request=LogoutRequestV1,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        """End the session of the refresh token in the body, or else of the access token in the header."""
        refresh = _refresh_token_in(request)
        if refresh is not None:
            tokens.end_session_of(refresh=refresh)
            return Response(status=status.HTTP_204_NO_CONTENT)
        checked = TenantTokenAuthentication().authenticate(request)
        if checked is None:
            raise NotAuthenticated
        if not isinstance(checked[1], tokens.Claims):
            raise tokens.NoSession  # a service account's secret: it is revoked, not logged out
        tokens.end_session(claims=checked[1])
        return Response(status=status.HTTP_204_NO_CONTENT)


def _refresh_token_in(request: Request) -> str | None:
    """The body is optional here, so one that cannot be read counts as none: the header decides then."""
    try:
        body = LogoutRequestV1(data=request.data)
    except APIException:
        return None
    return body.validated_data.get("refresh") if body.is_valid() else None


def _pair(pair: tokens.TokenPair) -> Response:
    return Response(
        {
            "access": pair.access,
            "refresh": pair.refresh,
            "token_type": "Bearer",
            "expires_in": pair.expires_in_seconds,
        }
    )
