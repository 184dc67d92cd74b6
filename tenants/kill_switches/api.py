"""The platform's API: companies and switches. For operators' tokens and service accounts; resuming takes a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.settings import api_settings

from audit import services as audit
from tenants import services as tenants
from tenants.kill_switches import effect
from tenants.kill_switches import services as switches
from tenants.machines.gate import PlatformRequest, PlatformView
from tenants.machines.scopes import PEOPLE_ONLY
from tenants.models import KillSwitch, Tenant

_COMPANIES, _SWITCHES = "platform: companies", "platform: kill switches"
_REASON: dict[str, Any] = {"min_length": switches.MIN_REASON_CHARS, "max_length": 500}
_LARGEST_ID = 2**63 - 1


class PlatformTenantV1(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    schema = serializers.CharField()
    host_names = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(choices=Tenant.State.values)
    state_reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class OnboardRequestV1(serializers.Serializer):
    name = serializers.CharField(max_length=200)
    domain = serializers.CharField(max_length=253, help_text="Host name, without port.")
    admin_email = serializers.EmailField(help_text="Becomes the owner.")


class OnboardedTenantV1(PlatformTenantV1):
    sign_in_path = serializers.CharField(
        allow_null=True, help_text="The owner's one-time link on the host name; null once it was used."
    )


class SwitchEffectV1(serializers.Serializer):
    seconds = serializers.FloatField(
        allow_null=True, help_text="Until the last process refused; null when nothing was measured."
    )
    processes = serializers.IntegerField(help_text="Web processes and workers that confirmed it.")
    silent = serializers.IntegerField(help_text="Those that had not confirmed it within five seconds.")


class KillSwitchV1(serializers.Serializer):
    id = serializers.IntegerField()
    scope = serializers.ChoiceField(choices=KillSwitch.Scope.values)
    feature = serializers.ChoiceField(choices=KillSwitch.Feature.values)
    tenant_id = serializers.UUIDField(allow_null=True)
    employee_id = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(choices=KillSwitch.State.values)
    reason = serializers.CharField()
    enabled_by = serializers.CharField(help_text="As in the audit log, such as operator:7.")
    enabled_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    release_requested_by = serializers.CharField()
    released_by = serializers.CharField()
    released_at = serializers.DateTimeField(allow_null=True)
    effect = SwitchEffectV1()


class ReasonRequestV1(serializers.Serializer):
    reason = serializers.CharField(**_REASON)


class SuspendRequestV1(ReasonRequestV1):
    expires_at = serializers.DateTimeField(
        default=None, allow_null=True, help_text="When it ends by itself; null: when a second person resumes it."
    )


class EngageRequestV1(SuspendRequestV1):
    scope = serializers.ChoiceField(choices=KillSwitch.Scope.values)
    feature = serializers.ChoiceField(choices=KillSwitch.Feature.values, default=KillSwitch.Feature.EVERYTHING)
    tenant_id = serializers.UUIDField(default=None, allow_null=True)
    employee_id = serializers.IntegerField(default=None, allow_null=True, min_value=1, max_value=_LARGEST_ID)


class PlatformTenantListView(PlatformView):
    api_scope = {"GET": "tenants:read", "POST": "tenants:write"}
    pagination_class: Any = api_settings.DEFAULT_PAGINATION_CLASS

    @extend_schema(operation_id="listTenants", tags=[_COMPANIES], responses=PlatformTenantV1(many=True))
    def get(self, request: PlatformRequest) -> Response:
        """Companies by name."""
        rows = Tenant.objects.prefetch_related("domains").order_by("name", "pk")
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(rows, request, view=self)
        return paginator.get_paginated_response([_company(tenant) for tenant in page or ()])

    @extend_schema(
        operation_id="onboardTenant",
        tags=[_COMPANIES],
        request=OnboardRequestV1,
        responses={201: OnboardedTenantV1, 200: OnboardedTenantV1},
    )
    def post(self, request: PlatformRequest) -> Response:
        """Set a company up; takes a few seconds. Repeated for the same host name it changes nothing."""
        body = OnboardRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            tenants.check_lasting_host_name(body.validated_data["domain"].strip().lower().rstrip("."))
            done = tenants.onboard(**body.validated_data)
        except tenants.CannotOnboard as error:
            raise _about("domain", "cannot_onboard", str(error)) from None
        except ValidationError as error:
            raise _about("domain", "cannot_onboard", " ".join(error.messages)) from None
        shown = {**_company(done.tenant), "sign_in_path": done.sign_in_link}
        return Response(shown, status=status.HTTP_201_CREATED if done.created else status.HTTP_200_OK)


class PlatformTenantView(PlatformView):
    api_scope = "tenants:read"

    @extend_schema(operation_id="getTenant", tags=[_COMPANIES], responses=PlatformTenantV1)
    def get(self, request: PlatformRequest, tenant_id: UUID) -> Response:
        """One company."""
        return Response(_company(_tenant_or_404(tenant_id)))


class PlatformTenantSuspendView(PlatformView):
    api_scope = "tenants:write"

    @extend_schema(
        operation_id="suspendTenant", tags=[_COMPANIES], request=SuspendRequestV1, responses={201: KillSwitchV1}
    )
    def post(self, request: PlatformRequest, tenant_id: UUID) -> Response:
        """Switch everything off for a company. Answers when every process refuses: half a second, five at most."""
        body = SuspendRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        tenant = _tenant_or_404(tenant_id)
        try:
            switch = tenants.suspend(tenant=tenant, by=request.caller.label, **body.validated_data)
        except switches.CannotSwitchOff as error:
            raise _about("expires_at", "cannot_switch_off", str(error)) from None
        effect.measure(switch=switch)
        return Response(_described(switch), status=status.HTTP_201_CREATED)


class PlatformTenantRequestResumeView(PlatformView):
    api_scope = "tenants:write"

    @extend_schema(
        operation_id="requestTenantResume", tags=[_COMPANIES], request=ReasonRequestV1, responses=KillSwitchV1
    )
    def post(self, request: PlatformRequest, tenant_id: UUID) -> Response:
        """Ask that a suspended company work again; an operator decides."""
        body = ReasonRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        tenant = _tenant_or_404(tenant_id)
        return Response(
            _described(tenants.request_resume(tenant=tenant, by=request.caller.label, **body.validated_data))
        )


class PlatformTenantResumeView(PlatformView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="resumeTenant", tags=[_COMPANIES], request=ReasonRequestV1, responses=KillSwitchV1)
    def post(self, request: PlatformRequest, tenant_id: UUID) -> Response:
        """Let a suspended company work again: by an operator who neither suspended it nor asked for this."""
        body = ReasonRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        tenant = _tenant_or_404(tenant_id)
        with _refusal_kept(verb="tenant.resume", target=f"tenant:{tenant.uuid}"):
            resumed = tenants.resume(tenant=tenant, by=request.caller.label, **body.validated_data)
        return Response(_described(resumed))


class KillSwitchListView(PlatformView):
    api_scope = {"GET": "killswitch:read", "POST": "killswitch:write"}
    pagination_class: Any = api_settings.DEFAULT_PAGINATION_CLASS

    @extend_schema(operation_id="listKillSwitches", tags=[_SWITCHES], responses=KillSwitchV1(many=True))
    def get(self, request: PlatformRequest) -> Response:
        """What is off first, newest first; then what has ended."""
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(_switches().order_by("state", "-enabled_at", "-pk"), request, view=self)
        return paginator.get_paginated_response([_described(switch) for switch in page or ()])

    @extend_schema(
        operation_id="engageKillSwitch", tags=[_SWITCHES], request=EngageRequestV1, responses={201: KillSwitchV1}
    )
    def post(self, request: PlatformRequest) -> Response:
        """Switch something off. Answers when every process refuses: half a second, five at most."""
        body = EngageRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        tenant_id = given.pop("tenant_id")
        tenant = None if tenant_id is None else Tenant.objects.filter(uuid=tenant_id).first()
        if tenant_id is not None and tenant is None:
            raise _about("tenant_id", "does_not_exist", "There is no such company.")
        try:
            switch = switches.engage(tenant=tenant, by=request.caller.label, **given)
        except switches.CannotSwitchOff as error:
            raise _about("scope", "cannot_switch_off", str(error)) from None
        effect.measure(switch=switch)
        return Response(_described(switch), status=status.HTTP_201_CREATED)


class KillSwitchView(PlatformView):
    api_scope = "killswitch:read"

    @extend_schema(operation_id="getKillSwitch", tags=[_SWITCHES], responses=KillSwitchV1)
    def get(self, request: PlatformRequest, switch_id: int) -> Response:
        """One switch."""
        return Response(_described(_switch_or_404(switch_id)))


class KillSwitchRequestReleaseView(PlatformView):
    api_scope = "killswitch:write"

    @extend_schema(
        operation_id="requestKillSwitchRelease", tags=[_SWITCHES], request=ReasonRequestV1, responses=KillSwitchV1
    )
    def post(self, request: PlatformRequest, switch_id: int) -> Response:
        """Ask that it be switched on again; an operator decides."""
        body = ReasonRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        switch = _switch_or_404(switch_id)
        return Response(
            _described(switches.request_release(switch=switch, by=request.caller.label, **body.validated_data))
        )


class KillSwitchReleaseView(PlatformView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="releaseKillSwitch", tags=[_SWITCHES], request=ReasonRequestV1, responses=KillSwitchV1)
    def post(self, request: PlatformRequest, switch_id: int) -> Response:
        """Switch on again: by an operator who neither switched it off nor asked for this."""
        body = ReasonRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        switch = _switch_or_404(switch_id)
        with _refusal_kept(verb="kill_switch.release", target=_audit_target(switch)):
            released = switches.release(switch=switch, by=request.caller.label, **body.validated_data)
        return Response(_described(released))


@contextmanager
def _refusal_kept(*, verb: str, target: str) -> Iterator[None]:
    """Who may not do it alone and tries stands in the log, as when they try in the console. Outside a transaction."""
    try:
        yield
    except switches.SecondPersonNeeded as error:
        audit.record_refusal(verb=verb, target=target, reason=type(error).__name__)
        raise


def _audit_target(switch: KillSwitch) -> str:
    return "platform" if switch.tenant is None else f"tenant:{switch.tenant.uuid}"


def _company(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": str(tenant.uuid),
        "name": tenant.name,
        "schema": tenant.schema_name,
        "host_names": sorted(domain.domain for domain in tenant.domains.all()),
        "state": tenant.state,
        "state_reason": tenant.state_reason,
        "created_at": tenant.created_at,
    }


def _described(switch: KillSwitch) -> dict[str, Any]:
    fields = (
        *("id", "scope", "feature", "employee_id", "state", "reason", "enabled_by", "enabled_at", "expires_at"),
        *("release_requested_by", "released_by", "released_at"),
    )
    return {
        **{name: getattr(switch, name) for name in fields},
        "tenant_id": str(switch.tenant.uuid) if switch.tenant is not None else None,
        "effect": {
            "seconds": switch.effect_seconds,
            "processes": switch.effect_processes,
            "silent": switch.effect_silent,
        },
    }


def _switches() -> QuerySet[KillSwitch]:
    return KillSwitch.objects.select_related("tenant")


def _switch_or_404(switch_id: int) -> KillSwitch:
    found = _switches().filter(pk=switch_id).first() if switch_id <= _LARGEST_ID else None
    if found is None:
        raise Http404
    return found


def _tenant_or_404(tenant_id: UUID) -> Tenant:
    found = Tenant.objects.prefetch_related("domains").filter(uuid=tenant_id).first()
    if found is None:
        raise Http404
    return found


def _about(field: str, code: str, detail: str) -> exceptions.ValidationError:
    return exceptions.ValidationError({field: [exceptions.ErrorDetail(detail, code=code)]})
