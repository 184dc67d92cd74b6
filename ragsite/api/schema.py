"""How drf-spectacular describes our views: every error that they share, and the access token.

Named in the settings, and therefore imported by the framework before its views exist: this module imports none.
"""

from collections.abc import Mapping
from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as BaseAutoSchema
from rest_framework import serializers

_Example = tuple[str, str, str, str | None]  # description, code, detail, attr
# What each refusal looks like; the codes are stable.
_ERRORS: Mapping[str, _Example] = {
    "400": ("The request cannot be understood.", "required", "This field is required.", "question"),
    "401": (
        "No valid access token of this company.",
        "not_authenticated",
        "This needs a valid access token of this company.",
        None,
    ),
    "403": (
        "Not allowed for this person (permission_denied), or the company is suspended (tenant_suspended).",
        "permission_denied",
        "You do not have permission to perform this action.",
        None,
    ),
    "404": ("Not there, or not for this person: the two are not told apart.", "not_found", "Not found.", None),
    "409": (
        "A rule about leave speaks against it; `code` names it (overlap, exceeds_balance, no_policy, ...).",
        "overlap",
        "You already have vacation on 3 August 2026 to 7 August 2026.",
        None,
    ),
    "413": ("Larger than is allowed.", "too_large", "The file is larger than is allowed.", None),
    "415": ("Another content type is needed.", "unsupported_media_type", "Unsupported media type.", None),
    "429": ("Too many requests; see Retry-After.", "throttled", "Request was throttled.", None),
    "500": ("A fault on our side; it was logged.", "internal_error", "Something went wrong on our side.", None),
    "503": (
        "A part is away (unavailable, search_unavailable, storage_unavailable, key_unavailable); see Retry-After.",
        "unavailable",
        "The service is not available right now. Please try again in a moment.",
        None,
    ),
}


# What can be in a state in which it cannot be asked for: revoked, rotated by somebody else, active.
_MAY_CONFLICT = ("/versions/", "/service-accounts/", "/platform/keys/", "/platform/tenants/", "/platform/kill-switches")
# What they are about is named in the body.
_NAME_IN_BODY = ("/sessions/end", "/tokens/revoke")


class ErrorDetailV1(serializers.Serializer):
    code = serializers.CharField(help_text="Stable; for programs.")
    detail = serializers.CharField(help_text="For people; may change.")
    attr = serializers.CharField(allow_null=True, help_text="The field of the request that it is about.")


class ErrorV1(serializers.Serializer):
    type = serializers.ChoiceField(choices=["validation_error", "client_error", "server_error"])
    errors = ErrorDetailV1(many=True)  # type: ignore[assignment]  # the field hides an attribute of forms only


class BearerScheme(OpenApiAuthenticationExtension):
    """How TenantTokenAuthentication is described; found by drf-spectacular because this module is imported."""

    target_class = "hr.tokens.authentication.TenantTokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class PlatformScheme(OpenApiAuthenticationExtension):
    target_class = "tenants.machines.gate.PlatformAuthentication"
    name = "platformToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class AutoSchema(BaseAutoSchema):
    """drf-spectacular's description of a view, plus the errors that every view shares."""

    def get_paginated_name(self, serializer_name: str) -> str:
        return f"{serializer_name.removesuffix('V1')}PageV1"

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        bodies = super()._get_response_bodies(direction=direction)
        described = {str(status) for status in bodies}
        return bodies | {status: self._error(status) for status in self._error_statuses() if status not in described}

    def _error_statuses(self) -> list[str]:
        posts = self.method == "POST"
        statuses = ["401", "403", "429", "500", "503"]
        if self.method in ("POST", "PATCH") or self._get_paginator() or self.get_override_parameters():
            statuses.append("400")
        if "{" in self.path or self._get_paginator() or "/query" in self.path or self.path.endswith(_NAME_IN_BODY):
            statuses.append("404")
        if posts:
            statuses += ["413", "415"]
        if "/proposals/" in self.path or ("/leave/" in self.path and (posts or self.path.endswith("/balance"))):
            statuses.append("409")
        if posts and any(part in self.path for part in _MAY_CONFLICT):
            statuses.append("409")
        return sorted(statuses)

    def _error(self, status: str) -> dict[str, Any]:
        description, code, detail, attr = _ERRORS[status]
        if status == "401" and self.path.endswith(("/auth/token", "/auth/token/refresh")):
            description, code = "Wrong in any way.", "authentication_failed"
            detail = "E-mail address or password is wrong."
        kind = "validation_error" if status == "400" else "client_error" if int(status) < 500 else "server_error"
        example = {"type": kind, "errors": [{"code": code, "detail": detail, "attr": attr}]}
        component = self.resolve_serializer(ErrorV1, "response")
        content = {"schema": component.ref, "examples": {code: {"value": example}}}
        return {"description": description, "content": {"application/json": content}}
