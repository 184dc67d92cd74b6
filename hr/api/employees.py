"""People's records for programs: read what one may see, and for HR the import of a list."""

from typing import Any

from django.db.models import Q
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from audit import services as audit
from hr import access, records, services
from hr.imports import SheetRefused
from hr.models import Employee
from hr.permissions import ManagesPeople
from hr.services import ImportReport
from hr.tokens.authentication import PersonRequest


class EmployeeListQueryV1(serializers.Serializer):
    q = serializers.CharField(required=False, max_length=100, help_text="In names, address or employee number.")
    role = serializers.ChoiceField(required=False, choices=Employee.Role.choices)
    department = serializers.CharField(required=False, max_length=100, help_text="Whatever its case.")
    country = serializers.RegexField(required=False, regex="^[A-Za-z]{2}$", help_text="ISO 3166-1 alpha-2, such as DE.")
    site = serializers.CharField(required=False, max_length=100, help_text="Whatever its case.")
    employment_type = serializers.ChoiceField(required=False, choices=Employee.EmploymentType.choices)
    manager_id = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    is_active = serializers.BooleanField(required=False, allow_null=True, default=None)


class EmployeeV1(serializers.Serializer):
    id = serializers.IntegerField()
    employee_number = serializers.CharField()
    email = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    role = serializers.ChoiceField(choices=Employee.Role.choices)
    department = serializers.CharField(help_text="Empty: not known. So it is with the other attributes.")
    manager_id = serializers.IntegerField(allow_null=True)
    manager_name = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166-1 alpha-2.")
    country_name = serializers.CharField()
    site = serializers.CharField()
    employment_type = serializers.ChoiceField(choices=["", *Employee.EmploymentType.values])
    grade = serializers.CharField()
    working_days_per_week = serializers.DecimalField(max_digits=2, decimal_places=1)
    start_date = serializers.DateField(allow_null=True)
    end_date = serializers.DateField(allow_null=True)
    language = serializers.CharField(help_text="ISO 639-1.")
    is_active = serializers.BooleanField()


_OF_THE_RECORD: tuple[str, ...] = (
    "id",
    "employee_number",
    "email",
    "first_name",
    "last_name",
    "role",
    "department",
    "manager_id",
    "country",
    "site",
    "employment_type",
    "grade",
    "start_date",
    "end_date",
    "language",
    "is_active",
)


class EmployeeListView(APIView):
    api_scope = "employees:read"

    @extend_schema(
        operation_id="listEmployees",
        tags=["employees"],
        parameters=[EmployeeListQueryV1],
        responses=EmployeeV1(many=True),
    )
    def get(self, request: PersonRequest) -> Response:
        """Records, by name: everybody's for HR and the owner, for managers those below them, and one's own."""
        query = EmployeeListQueryV1(data=request.query_params)
        query.is_valid(raise_exception=True)
        people = _filtered(access.people_visible_to(request.employee), query.validated_data)
        paginator = self.pagination_class()
        rows = people.select_related("manager").order_by("last_name", "first_name", "pk")
        page = paginator.paginate_queryset(rows, request, view=self)
        audit.record_read(verb="employees.list", details={"rows": len(page or ())})
        return paginator.get_paginated_response([_described(person) for person in page or ()])

    # Read by the schema generator, too.
    pagination_class: Any = api_settings.DEFAULT_PAGINATION_CLASS


class EmployeeView(APIView):
    api_scope = "employees:read"

    @extend_schema(operation_id="getEmployee", tags=["employees"], responses=EmployeeV1)
    def get(self, request: PersonRequest, employee_id: int) -> Response:
        """One record. Whom this person may not see is not there."""
        person = access.people_visible_to(request.employee).select_related("manager").filter(pk=employee_id).first()
        if person is None:
            raise Http404
        audit.record_read(verb="employee.read", target=person.actor_label)
        return Response(_described(person))


@extend_schema_field(OpenApiTypes.BINARY)
class _BinaryFileField(serializers.FileField):
    """A file as part of a form; without this the schema would call it a URL."""

    default_error_messages = {"required": "Send the list in a part named file, with a file name in UTF-8."}


class EmployeeImportRequestV1(serializers.Serializer):
    file = _BinaryFileField(help_text="XLSX, or CSV in UTF-8; columns as in the guide for HR.")
    dry_run = serializers.BooleanField(required=False, default=False, help_text="Check only; change nothing.")
    reason = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=500, help_text="For the audit log."
    )


class ImportProblemV1(serializers.Serializer):
    line = serializers.IntegerField(help_text="As a spreadsheet numbers its rows.")
    column = serializers.CharField()
    reason = serializers.CharField()


class ImportColumnV1(serializers.Serializer):
    column = serializers.CharField()
    people = serializers.IntegerField()


class EmployeeImportV1(serializers.Serializer):
    written = serializers.BooleanField(help_text="False: nothing was changed, not even by the good rows.")
    sha256 = serializers.CharField(help_text="Of the file.")
    rows = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField(help_text="Deactivated and reactivated people included.")
    unchanged = serializers.IntegerField()
    deactivated = serializers.IntegerField()
    reactivated = serializers.IntegerField()
    ignored_columns = serializers.ListField(child=serializers.CharField())
    changes = ImportColumnV1(many=True)
    problems = ImportProblemV1(many=True)


class EmployeeImportView(APIView):
    """Routed as ragsite.api.importing.EmployeeImportRoute, which reads the form."""

    api_scope = "employees:write"
    permission_classes = [ManagesPeople]
    throttle_scope = "uploads"

    @extend_schema(
        operation_id="importEmployees",
        tags=["employees"],
        request=EmployeeImportRequestV1,
        responses=EmployeeImportV1,
    )
    def post(self, request: PersonRequest) -> Response:
        """Take in a list of people: all rows, or none when a single cell is wrong. For HR and the owner.

        Wrong cells are errors with code `bad_cell` and attr `file.<line>.<column>`; a dry run tells them as `problems`.
        """
        body = EmployeeImportRequestV1(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        try:
            content = given["file"].read()
            if given["dry_run"]:
                report = services.check_people(content=content, by=request.employee)
            else:
                report = services.import_people(content=content, by=request.employee, reason=given["reason"])
        except SheetRefused as refusal:
            raise ValidationError({"file": [ErrorDetail(str(refusal), code=refusal.code)]}) from None
        if report.problems and not given["dry_run"]:
            raise _wrong_cells(report)
        return Response(_reported(report))


def _filtered(people: Any, wanted: dict[str, Any]) -> Any:
    for name in ("role", "employment_type", "manager_id"):
        if wanted.get(name):
            people = people.filter(**{name: wanted[name]})
    for name in ("department", "site", "country"):
        if wanted.get(name):
            people = people.filter(**{f"{name}__iexact": wanted[name].strip()})
    if wanted["is_active"] is not None:
        people = people.filter(is_active=wanted["is_active"])
    for word in wanted.get("q", "").split():
        fields = ("first_name", "last_name", "email", "employee_number")
        people = people.filter(Q(*((f"{name}__icontains", word) for name in fields), _connector=Q.OR))
    return people


def _described(person: Employee) -> dict[str, Any]:
    return {
        **{name: getattr(person, name) for name in _OF_THE_RECORD},
        "working_days_per_week": str(person.working_days_per_week),
        "manager_name": str(person.manager or ""),
        "country_name": records.country_name(person.country),
    }


def _wrong_cells(report: ImportReport) -> ValidationError:
    lines: dict[str, dict[str, list[ErrorDetail]]] = {}
    for problem in report.problems:
        cells = lines.setdefault(str(problem.line), {})
        cells.setdefault(problem.column, []).append(ErrorDetail(problem.reason, code="bad_cell"))
    return ValidationError({"file": lines})


def _reported(report: ImportReport) -> dict[str, Any]:
    counts = ("written", "sha256", "rows", "created", "updated", "unchanged", "deactivated", "reactivated")
    return {
        **{name: getattr(report, name) for name in counts},
        "ignored_columns": list(report.ignored_columns),
        "changes": [{"column": column, "people": count} for column, count in report.changes],
        "problems": [
            {"line": problem.line, "column": problem.column, "reason": problem.reason} for problem in report.problems
        ],
    }
