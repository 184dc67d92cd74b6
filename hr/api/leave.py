"""Leave for programs: the caller's balance and requests, and decisions on those of the caller's team."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from hr.leave.wording import amount
from hr.models import Employee, LeaveRequest
from hr.services import leave
from hr.tokens.authentication import PersonRequest
from tenants import context
from tenants.days import validate_day
from tenants.machines.scopes import PEOPLE_ONLY

_DAYS = "Working days as a decimal in text, such as 12.5."
MAX_TEAM_DAYS = 366
DEFAULT_TEAM_DAYS = 28


class BalanceQueryV1(serializers.Serializer):
    on = serializers.DateField(required=False, validators=[validate_day], help_text="Left out: today.")


class LeaveBalanceV1(serializers.Serializer):
    on = serializers.DateField()
    year = serializers.IntegerField()
    entitlement = serializers.CharField(help_text=f"Of the whole year. {_DAYS}")
    accrued = serializers.CharField(help_text="Earned by the day.")
    adjustments = serializers.CharField(help_text="Added by HR; a minus takes away.")
    carried_over = serializers.CharField(help_text="From the year before.")
    lapsed = serializers.CharField(help_text="Carried over, but not taken in time.")
    taken = serializers.CharField(help_text="Approved, up to the day.")
    planned = serializers.CharField(help_text="Approved, after the day.")
    pending = serializers.CharField(help_text="Waiting for a decision.")
    available = serializers.CharField(help_text="Can still be requested from the day on.")
    steps = serializers.ListField(child=serializers.CharField(), help_text="The computation in words, line by line.")


class LeaveRequestV1(serializers.Serializer):
    id = serializers.IntegerField()
    employee_id = serializers.IntegerField()
    employee_name = serializers.CharField()
    type = serializers.CharField(
        help_text="Code of the kind of leave, such as vacation; away for others' leave that is only reported."
    )
    type_name = serializers.CharField()
    state = serializers.ChoiceField(choices=LeaveRequest.State.values)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    first_day_half = serializers.BooleanField(help_text="Begins at noon of the first day.")
    last_day_half = serializers.BooleanField(help_text="Ends at noon of the last day.")
    days = serializers.CharField(help_text=_DAYS)
    comment = serializers.CharField()
    delegate_id = serializers.IntegerField(allow_null=True, help_text="Who stands in.")
    decision_comment = serializers.CharField()
    cancel_reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class LeaveWishV1(serializers.Serializer):
    type = serializers.CharField(default="vacation", max_length=32)
    first_day = serializers.DateField(validators=[validate_day])
    last_day = serializers.DateField(
        required=False, validators=[validate_day], help_text="Left out: the first day only."
    )
    first_day_half = serializers.BooleanField(default=False, help_text="Begins at noon of the first day.")
    last_day_half = serializers.BooleanField(default=False, help_text="Ends at noon of the last day.")
    comment = serializers.CharField(default="", allow_blank=True, max_length=500)
    delegate_id = serializers.IntegerField(
        default=None, allow_null=True, min_value=1, max_value=2**63 - 1, help_text="Id of the person who stands in."
    )
    dry_run = serializers.BooleanField(default=False, help_text="Only say what would happen; nothing is written.")

    def wish(self) -> leave.Wish:
        values = self.validated_data
        return leave.Wish(
            type_code=values["type"],
            first_day=values["first_day"],
            last_day=values.get("last_day", values["first_day"]),
            first_day_half=values["first_day_half"],
            last_day_half=values["last_day_half"],
            comment=values["comment"],
            delegate_id=values["delegate_id"],
        )


class LeaveProblemV1(serializers.Serializer):
    code = serializers.CharField(help_text="Stable, such as overlap or exceeds_balance.")
    message = serializers.CharField()


class LeaveHolidayV1(serializers.Serializer):
    day = serializers.DateField()
    name = serializers.CharField()


class LeaveEffectV1(serializers.Serializer):
    year = serializers.IntegerField()
    days = serializers.CharField(help_text=_DAYS)
    before = LeaveBalanceV1()
    after = LeaveBalanceV1()


class LeavePreviewV1(serializers.Serializer):
    is_possible = serializers.BooleanField()
    days = serializers.CharField(help_text=_DAYS)
    holidays = LeaveHolidayV1(many=True, help_text="Public holidays in the time; they are not counted.")
    free_days = serializers.IntegerField(help_text="Weekends and other days on which the person does not work.")
    years = LeaveEffectV1(many=True, help_text="Empty for leave that uses no balance.")
    problems = LeaveProblemV1(many=True)
    needs_approval = serializers.BooleanField()
    approver = serializers.CharField()
    summary = serializers.ListField(child=serializers.CharField(), help_text="The same in sentences.")


class LeaveCommentV1(serializers.Serializer):
    comment = serializers.CharField(default="", allow_blank=True, max_length=500)


class LeaveReasonV1(serializers.Serializer):
    reason = serializers.CharField(
        default="", allow_blank=True, max_length=500, help_text="Needed for other people's leave."
    )


class TeamQueryV1(serializers.Serializer):
    first = serializers.DateField(required=False, validators=[validate_day], help_text="Left out: today.")
    last = serializers.DateField(
        required=False, validators=[validate_day], help_text="Left out: four weeks from the first day."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first = attrs.get("first") or context.local_today()
        last = attrs.get("last") or _later(first)
        if not 0 <= (last - first).days < MAX_TEAM_DAYS:
            raise serializers.ValidationError({"last": f"From the first day on, at most {MAX_TEAM_DAYS} days."})
        return {"first": first, "last": last}


class AbsenceV1(serializers.Serializer):
    request_id = serializers.IntegerField()
    employee_id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text="The kind of leave; Away for kinds that are only reported, as sick leave.")
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    first_day_half = serializers.BooleanField()
    last_day_half = serializers.BooleanField()
    days = serializers.CharField(help_text=_DAYS)
    is_waiting = serializers.BooleanField(help_text="Not decided yet.")


class LeaveTeamV1(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()
    absences = AbsenceV1(many=True)
    waiting = LeaveRequestV1(many=True, help_text="Requests that wait for the caller, of any time.")


class LeaveBalanceView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(
        operation_id="getLeaveBalance", tags=["leave"], parameters=[BalanceQueryV1], responses=LeaveBalanceV1
    )
    def get(self, request: PersonRequest) -> Response:
        """What the caller has left on a day, with the computation in words."""
        query = BalanceQueryV1(data=request.query_params)
        query.is_valid(raise_exception=True)
        balance = leave.balance_of(employee=request.employee, on=query.validated_data.get("on"))
        leave.record_own_reading(employee=request.employee)
        return Response(_balance(balance))


class LeaveRequestListView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="listLeaveRequests", tags=["leave"], responses=LeaveRequestV1(many=True))
    def get(self, request: PersonRequest) -> Response:
        """The caller's own requests, the latest leave first."""
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(leave.requests_of(employee=request.employee), request, view=self)
        leave.record_own_reading(employee=request.employee)
        return paginator.get_paginated_response([_request(row, request.employee) for row in page or ()])

    @extend_schema(
        operation_id="requestLeave",
        tags=["leave"],
        request=LeaveWishV1,
        responses={
            200: LeavePreviewV1,
            201: LeaveRequestV1,
        },
    )
    def post(self, request: PersonRequest) -> Response:
        """Ask for leave for oneself. With `dry_run`: 200 and what would happen, and what speaks against it."""
        body = LeaveWishV1(data=request.data)
        body.is_valid(raise_exception=True)
        if body.validated_data["dry_run"]:
            preview = leave.preview_request(employee=request.employee, wish=body.wish())
            leave.record_own_reading(employee=request.employee)
            return Response(_preview(preview))
        made = leave.request_leave(employee=request.employee, wish=body.wish())
        return Response(_request(made, request.employee), status=status.HTTP_201_CREATED)

    # Read by the schema generator, too.
    pagination_class: Any = api_settings.DEFAULT_PAGINATION_CLASS


class LeaveCancelView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="cancelLeave", tags=["leave"], request=LeaveReasonV1, responses=LeaveRequestV1)
    def post(self, request: PersonRequest, request_id: int) -> Response:
        """Take back one's own request before it starts, or, with a reason, somebody's whose leave one decides on."""
        reason = _body(LeaveReasonV1, request)["reason"]
        done = leave.cancel(request_id=request_id, by=request.employee, reason=reason)
        return Response(_request(done, request.employee))


class LeaveApproveView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="approveLeave", tags=["leave"], request=LeaveCommentV1, responses=LeaveRequestV1)
    def post(self, request: PersonRequest, request_id: int) -> Response:
        """Grant a waiting request of somebody whose leave the caller decides on. All others are not there."""
        comment = _body(LeaveCommentV1, request)["comment"]
        done = leave.approve(request_id=request_id, by=request.employee, comment=comment)
        return Response(_request(done, request.employee))


class LeaveRejectView(APIView):
    api_scope = PEOPLE_ONLY

    @extend_schema(operation_id="rejectLeave", tags=["leave"], request=LeaveReasonV1, responses=LeaveRequestV1)
    def post(self, request: PersonRequest, request_id: int) -> Response:
        """Refuse a waiting request of somebody whose leave the caller decides on, with a reason that they read."""
        reason = _body(LeaveReasonV1, request)["reason"]
        done = leave.reject(request_id=request_id, by=request.employee, reason=reason)
        return Response(_request(done, request.employee))


class LeaveTeamView(APIView):
    api_scope = "leave:read"

    @extend_schema(operation_id="getTeamLeave", tags=["leave"], parameters=[TeamQueryV1], responses=LeaveTeamV1)
    def get(self, request: PersonRequest) -> Response:
        """Who of the caller's team is away, and which requests wait for the caller. Empty for who has no team.

        A service account sees everybody's leave; nothing waits for it.
        """
        query = TeamQueryV1(data=request.query_params)
        query.is_valid(raise_exception=True)
        span = query.validated_data
        shown = leave.overview_of_team(manager=request.employee, **span)
        return Response(
            {
                **span,
                "absences": [_absence(each) for each in shown.absences],
                "waiting": [_request(each, request.employee) for each in shown.waiting],
            }
        )


def _body(kind: type[serializers.Serializer], request: PersonRequest) -> dict[str, Any]:
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return body.validated_data


def _later(first: date) -> date:
    try:
        return first + timedelta(days=DEFAULT_TEAM_DAYS - 1)
    except OverflowError:  # the last days of the year 9999
        return first


def _days(value: Decimal) -> str:
    return amount(value)


def _balance(balance: leave.Balance) -> dict[str, Any]:
    figures = "entitlement accrued adjustments carried_over lapsed taken planned pending available".split()
    return {
        "on": balance.on,
        "year": balance.year,
        **{name: _days(getattr(balance, name)) for name in figures},
        "steps": balance.steps,
    }


def _request(made: LeaveRequest, viewer: Employee) -> dict[str, Any]:
    """As the one who asks may read it: leave that is only reported is no more than "Away" to others."""
    row = leave.shown_to(request=made, viewer=viewer)
    return {
        "id": row.pk,
        "employee_id": row.employee_id,
        "employee_name": str(row.employee),
        "type": row.type_code,
        "type_name": row.leave_type,
        "state": row.state,
        "first_day": row.first_day,
        "last_day": row.last_day,
        "first_day_half": row.first_day_half,
        "last_day_half": row.last_day_half,
        "days": _days(row.days),
        "comment": row.comment,
        "delegate_id": row.delegate_id,
        "decision_comment": row.decision_comment,
        "cancel_reason": row.cancel_reason,
        "created_at": row.created_at,
    }


def _preview(preview: leave.Preview) -> dict[str, Any]:
    return {
        "is_possible": preview.is_possible,
        "days": _days(preview.days),
        "holidays": [{"day": day, "name": name} for day, name in preview.holidays],
        "free_days": preview.free_days,
        "years": [
            {
                "year": effect.year,
                "days": _days(effect.days),
                "before": _balance(effect.before),
                "after": _balance(effect.after),
            }
            for effect in preview.years
        ],
        "problems": [{"code": problem.code, "message": problem.message} for problem in preview.problems],
        "needs_approval": preview.needs_approval,
        "approver": preview.approver_name,
        "summary": preview.summary,
    }


def _absence(absence: leave.Absence) -> dict[str, Any]:
    return {**absence.__dict__, "days": _days(absence.days)}
