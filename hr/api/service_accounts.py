"""A company's service accounts, for HR and the owner. Programs neither make nor change programs."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from hr.models import ServiceAccount
from hr.permissions import ManagesPeople
from hr.services import service_accounts as accounts
from hr.tokens.authentication import PersonRequest
from tenants.machines import lifetimes
from tenants.machines.api import RevocationRequestV1, RotationRequestV1, described
from tenants.machines.scopes import COMPANY_SCOPES, PEOPLE_ONLY

_READS = [choice.value for choice in ServiceAccount.Reads]


class CompanyServiceAccountV1(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    purpose = serializers.CharField()
    role = serializers.ChoiceField(choices=_READS)
    scopes = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(choices=["active", "cut_off", "expired", "orphaned", "revoked"])
    responsible = serializers.IntegerField(allow_null=True, help_text="The number of the person who answers for it.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class IssuedCompanyServiceAccountV1(CompanyServiceAccountV1):
    secret = serializers.CharField(help_text="Shown this once.")


class CompanyServiceAccountRequestV1(serializers.Serializer):
    name = serializers.CharField(max_length=100)
    purpose = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    role = serializers.ChoiceField(
        choices=_READS,
        default=ServiceAccount.Reads.EMPLOYEE.value,
        help_text="What it reads: like an employee without attributes, or every company document.",
    )
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=[scope.name for scope in COMPANY_SCOPES]), allow_empty=False
    )
    days = serializers.IntegerField(min_value=1, max_value=lifetimes.MAX_DAYS, default=lifetimes.DEFAULT_DAYS)
    reason = serializers.CharField(min_length=3, max_length=500)


class ServiceAccountListView(APIView):
    api_scope = {"GET": "tokens:read", "POST": PEOPLE_ONLY}
    permission_classes = [ManagesPeople]

    @extend_schema(
        operation_id="listServiceAccounts",
        tags=["service accounts"],
        responses=CompanyServiceAccountV1(many=True),
    )
    def get(self, request: PersonRequest) -> Response:
        """The company's service accounts, newest first, revoked ones included. For HR and the owner."""
        rows = ServiceAccount.objects.select_related("responsible").order_by("-created_at", "-pk")
        return Response([_body(row) for row in rows])

    @extend_schema(
        operation_id="createServiceAccount",
        tags=["service accounts"],
        request=CompanyServiceAccountRequestV1,
        responses={201: IssuedCompanyServiceAccountV1},
    )
    def post(self, request: PersonRequest) -> Response:
        """Make one. The caller answers for it. Its secret is in this answer and nowhere else. For HR and the owner."""
        body = CompanyServiceAccountRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        issued = accounts.create_service_account(by=request.employee, now=timezone.now(), **body.validated_data)
        return Response(_body(issued.account) | {"secret": issued.secret}, status=status.HTTP_201_CREATED)


class ServiceAccountRotateView(APIView):
    api_scope = PEOPLE_ONLY
    permission_classes = [ManagesPeople]

    @extend_schema(
        operation_id="rotateServiceAccount",
        tags=["service accounts"],
        request=RotationRequestV1,
        responses=IssuedCompanyServiceAccountV1,
    )
    def post(self, request: PersonRequest, account_id: int) -> Response:
        """Another secret, which is in this answer and nowhere else. For HR and the owner."""
        body = RotationRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        issued = accounts.rotate_service_account(
            account=_account_or_404(account_id), by=request.employee, now=timezone.now(), **body.validated_data
        )
        return Response(_body(issued.account) | {"secret": issued.secret})


class ServiceAccountRevokeView(APIView):
    api_scope = PEOPLE_ONLY
    permission_classes = [ManagesPeople]

    @extend_schema(
        operation_id="revokeServiceAccount",
        tags=["service accounts"],
        request=RevocationRequestV1,
        responses=CompanyServiceAccountV1,
    )
    def post(self, request: PersonRequest, account_id: int) -> Response:
        """Refuse the account from its next request on, for good. For HR and the owner."""
        body = RevocationRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        account = _account_or_404(account_id)
        accounts.revoke_service_account(account=account, by=request.employee, now=timezone.now(), **body.validated_data)
        return Response(_body(account))


def _body(account: ServiceAccount) -> dict[str, Any]:
    return described(account) | {"role": account.role, "responsible": account.responsible_id}


def _account_or_404(account_id: int) -> ServiceAccount:
    account = ServiceAccount.objects.select_related("responsible").filter(pk=account_id).first()
    if account is None:
        raise Http404
    return account
