"""The audit log and its findings for programs. Who may call is decided in hr.api and tenants, by subclasses."""

import math
import tempfile
from datetime import datetime
from typing import Any

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import export
from audit import services as audit
from audit.findings import services as findings
from audit.findings import wording
from audit.findings.models import Rule
from audit.models import AuditLog, Finding

REASON_HEADER = "X-Audit-Reason"
_MAX_ID = 2**63 - 1
_REASON_IN_HEADER = OpenApiParameter(
    REASON_HEADER, str, OpenApiParameter.HEADER, description="Instead of `reason` in the query string."
)
_KEPT_FILTERS = ("actor", "verb", "target", "outcome", "prompt_version")


def _is_number(value: float) -> None:
    """NaN is neither less than 0 nor more than 1."""
    if math.isnan(value):
        raise serializers.ValidationError("A valid number is required.", code="invalid")


class ReasonQueryV1(serializers.Serializer):
    reason = serializers.CharField(
        min_length=3, max_length=500, help_text="Why the log is read; stands in the log itself."
    )


class AuditQueryV1(ReasonQueryV1):
    actor = serializers.CharField(required=False, max_length=120, help_text="A pseudonym such as employee:17.")
    verb = serializers.CharField(required=False, max_length=64)
    target = serializers.CharField(required=False, max_length=120)
    outcome = serializers.ChoiceField(required=False, choices=AuditLog.Outcome.choices)
    prompt_version = serializers.CharField(required=False, max_length=64)
    confidence_from = serializers.FloatField(required=False, min_value=0, max_value=1, validators=[_is_number])
    confidence_to = serializers.FloatField(required=False, min_value=0, max_value=1, validators=[_is_number])
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False, help_text="Before this moment.")
    cursor = serializers.IntegerField(
        required=False, min_value=1, max_value=_MAX_ID, help_text="`next_cursor` of the page before."
    )
    limit = serializers.IntegerField(required=False, default=100, min_value=1, max_value=200)


class AuditRowV1(serializers.Serializer):
    sequence = serializers.IntegerField(help_text="Without gaps, from 1.")
    at = serializers.DateTimeField()
    actor_kind = serializers.CharField()
    actor = serializers.CharField(help_text="A pseudonym.")
    verb = serializers.CharField()
    target = serializers.CharField()
    outcome = serializers.ChoiceField(choices=AuditLog.Outcome.choices)
    reason = serializers.CharField()
    request_id = serializers.CharField()
    prompt_version = serializers.CharField()
    model_version = serializers.CharField()
    confidence = serializers.FloatField(allow_null=True)
    digest = serializers.CharField()
    details = serializers.DictField(help_text="Ids, digests and counts.")
    row_hash = serializers.CharField(help_text="Hexadecimal; the chain that exports verify.")


class AuditPageV1(serializers.Serializer):
    results = AuditRowV1(many=True)
    next_cursor = serializers.IntegerField(allow_null=True, help_text="For the older rows; null on the last page.")


class ExportQueryV1(ReasonQueryV1):
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False, help_text="Before this moment.")


class FindingQueryV1(serializers.Serializer):
    state = serializers.ChoiceField(required=False, choices=Finding.State.choices)
    rule = serializers.ChoiceField(required=False, choices=Rule.choices)
    cursor = serializers.IntegerField(required=False, min_value=1, max_value=_MAX_ID)
    limit = serializers.IntegerField(required=False, default=50, min_value=1, max_value=200)


class FindingV1(serializers.Serializer):
    id = serializers.IntegerField()
    rule = serializers.ChoiceField(choices=Rule.choices)
    subject = serializers.CharField(help_text="A pseudonym such as employee:17, document:... or network:...")
    state = serializers.ChoiceField(choices=Finding.State.choices)
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    count = serializers.IntegerField()
    explanation = serializers.CharField(help_text="The arithmetic in words.")
    numbers = serializers.DictField()
    found_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField()
    decision_reason = serializers.CharField()


class FindingPageV1(serializers.Serializer):
    results = FindingV1(many=True)
    next_cursor = serializers.IntegerField(allow_null=True)


class DecisionRequestV1(serializers.Serializer):
    reason = serializers.CharField(min_length=3, max_length=500)


class AuditListView(APIView):
    """Subclasses say who may."""

    api_scope = "audit:read"

    @extend_schema(
        operation_id="listAuditRows",
        tags=["audit"],
        parameters=[AuditQueryV1, _REASON_IN_HEADER],
        responses=AuditPageV1,
    )
    def get(self, request: Request) -> Response:
        """Rows of the audit log, newest first, for a reason. The look itself is a row. Nobody's name is in it."""
        given = _checked(AuditQueryV1, request)
        limit = given["limit"]
        rows = list(_narrowed(given)[: limit + 1])
        kept = {name: given[name] for name in _KEPT_FILTERS if name in given}
        audit.record_read(
            verb="audit.read", reason=given["reason"], details={"rows": min(len(rows), limit), "filters": kept}
        )
        more = rows[limit - 1].sequence if len(rows) > limit else None
        return Response({"results": [_row(row) for row in rows[:limit]], "next_cursor": more})


class AuditExportView(APIView):
    """Subclasses say who may."""

    api_scope = "audit:read"

    @extend_schema(
        operation_id="exportAuditLog",
        tags=["audit"],
        parameters=[ExportQueryV1, _REASON_IN_HEADER],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> FileResponse:
        """The log as a .zip of JSON lines and a signed manifest, for a reason. `audit_verify` checks it."""
        given = _checked(ExportQueryV1, request)
        # Closed by the response, after the last byte was sent.
        out = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            exported = export.write_archive(
                out=out, reason=given["reason"], start=given.get("since"), end=given.get("until")
            )
        except BaseException:
            out.close()
            raise
        out.seek(0)
        response = FileResponse(out, as_attachment=True, filename=exported.file_name, content_type="application/zip")
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response


class FindingListView(APIView):
    """Subclasses say who may."""

    api_scope = "findings:read"

    @extend_schema(operation_id="listFindings", tags=["findings"], parameters=[FindingQueryV1], responses=FindingPageV1)
    def get(self, request: Request) -> Response:
        """What the rules found, newest first."""
        given = _checked(FindingQueryV1, request)
        found = Finding.objects.order_by("-pk").filter(**{n: given[n] for n in ("state", "rule") if n in given})
        if "cursor" in given:
            found = found.filter(pk__lt=given["cursor"])
        rows = list(found[: given["limit"] + 1])
        shown = rows[: given["limit"]]
        audit.record_read(verb="findings.read", details={"rows": len(shown), "names": False})
        more = shown[-1].pk if len(rows) > len(shown) else None
        return Response({"results": [finding_body(row) for row in shown], "next_cursor": more})


class _DecisionView(APIView):
    """Decisions are made by people: no scope of a service account reaches them."""

    api_scope = ""  # PEOPLE_ONLY of tenants.machines.scopes, a layer above this one

    decide: Any = None

    def decided(self, request: Request, finding_id: int) -> Response:
        body = DecisionRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        finding = Finding.objects.filter(pk=finding_id).first() if finding_id <= _MAX_ID else None
        if finding is None:
            raise Http404
        type(self).decide(finding=finding, reason=body.validated_data["reason"])
        return Response(finding_body(finding))


class FindingAcknowledgeView(_DecisionView):
    decide = findings.acknowledge

    @extend_schema(operation_id="acknowledgeFinding", tags=["findings"], request=DecisionRequestV1, responses=FindingV1)
    def post(self, request: Request, finding_id: int) -> Response:
        """Say that somebody looks into it, or has."""
        return self.decided(request, finding_id)


class FindingDismissView(_DecisionView):
    decide = findings.dismiss

    @extend_schema(operation_id="dismissFinding", tags=["findings"], request=DecisionRequestV1, responses=FindingV1)
    def post(self, request: Request, finding_id: int) -> Response:
        """Say that it was nothing. The same episode is not found again."""
        return self.decided(request, finding_id)


def finding_body(finding: Finding) -> dict[str, Any]:
    """A finding as programs get it."""
    return {
        "id": finding.pk,
        **{name: getattr(finding, name) for name in ("rule", "subject", "state", "count", "numbers")},
        **{name: getattr(finding, name) for name in ("decided_by", "decision_reason")},
        **{name: _moment(getattr(finding, name)) for name in ("first_at", "last_at", "found_at", "decided_at")},
        "explanation": wording.arithmetic_of(finding),
    }


def _checked(serializer: Any, request: Request) -> dict[str, Any]:
    values = request.query_params.dict()
    if (
        issubclass(serializer, ReasonQueryV1)
        and "reason" not in values
        and (header := request.headers.get(REASON_HEADER)) is not None
    ):
        values["reason"] = header
    _refuse_unknown(serializer, values)
    query = serializer(data=values)
    query.is_valid(raise_exception=True)
    given: dict[str, Any] = query.validated_data
    if given.get("since") and given.get("until") and given["until"] <= given["since"]:
        detail = ErrorDetail("The period ends before it begins.", code="period_reversed")
        raise ValidationError({"until": [detail]})
    return given


def _refuse_unknown(serializer: Any, values: dict[str, Any]) -> None:
    """A mistyped filter must not show more than was asked for. Every unknown name has its error."""
    known = serializer().fields
    detail = ErrorDetail(f"There is no such parameter. Known are: {', '.join(known)}.", code="unknown_parameter")
    unknown = {name[:64]: [detail] for name in values if name not in known}
    if unknown:
        raise ValidationError(unknown)


def _narrowed(given: dict[str, Any]) -> Any:
    lookups = {
        "since": "at__gte",
        "until": "at__lt",
        "confidence_from": "confidence__gte",
        "confidence_to": "confidence__lte",
        "cursor": "sequence__lt",
        **{name: name for name in _KEPT_FILTERS},
    }
    wanted = {lookup: given[name] for name, lookup in lookups.items() if name in given}
    return AuditLog.objects.filter(**wanted).order_by("-sequence")


def _row(row: AuditLog) -> dict[str, Any]:
    names = [str(name) for name in AuditRowV1().fields if name not in ("at", "row_hash")]
    values = {name: getattr(row, name) for name in names}
    return {**values, "at": _moment(row.at), "row_hash": bytes(row.row_hash).hex()}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
