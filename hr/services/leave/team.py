"""Who is below and above whom, who decides on whose leave, and who is away."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from audit import services as audit
from hr import access
from hr.models import Employee, LeaveDelegation, LeaveRequest
from hr.services.leave import showing
from tenants import context

# UNION (not UNION ALL) also ends where a mistake in the data has made a circle.
_BELOW = """
WITH RECURSIVE below(id) AS (
    SELECT id FROM employees WHERE manager_id = ANY(%s)
    UNION SELECT e.id FROM employees e JOIN below b ON e.manager_id = b.id
) SELECT id FROM below
"""
_ABOVE = """
WITH RECURSIVE above(id) AS (
    SELECT manager_id FROM employees WHERE id = %s AND manager_id IS NOT NULL
    UNION SELECT e.manager_id FROM employees e JOIN above a ON e.id = a.id WHERE e.manager_id IS NOT NULL
) SELECT id FROM above
"""


@dataclass(frozen=True)
class Absence:
    """Somebody's leave as their manager's calendar shows it. `is_waiting`: not decided yet."""

    request_id: int
    employee_id: int
    name: str
    kind: str
    first_day: date
    last_day: date
    first_day_half: bool
    last_day_half: bool
    days: Decimal
    is_waiting: bool


@dataclass(frozen=True)
class TeamOverview:
    """What somebody who decides on leave is shown at once."""

    absences: tuple[Absence, ...]
    waiting: tuple[LeaveRequest, ...]
    elsewhere: tuple[LeaveRequest, ...]


def ids_below(managers: Collection[int]) -> frozenset[int]:
    """Everybody in the teams of these people, at any depth. One query."""
    return _ids(_BELOW, [list(managers)]) if managers else frozenset()


def ids_above(employee_id: int) -> frozenset[int]:
    """The person's manager, that manager's, and so on. One query."""
    return _ids(_ABOVE, [employee_id])


def standing_in_for(*, employee: Employee, on: date) -> frozenset[int]:
    """Managers whose right to decide `employee` has on a day. One query.

    The right is the manager's own: it ends when they are deactivated or no manager any more.
    """
    passed = LeaveDelegation.objects.in_force_on(on).filter(
        delegate=employee, manager__is_active=True, manager__role__in=access.DECIDING_ROLES
    )
    return frozenset(passed.values_list("manager_id", flat=True))


def may_decide(*, by: Employee, employee_id: int) -> bool:
    """Whether `by`, as the row says now, decides on this person's leave today. At most three queries."""
    present = Employee.objects.active().filter(pk=by.pk).first()
    if present is None:
        return False
    return access.may_decide_on_leave(
        by=present,
        employee_id=employee_id,
        managers_above=ids_above(employee_id),
        standing_in_for=standing_in_for(employee=present, on=context.local_today()),
    )


def has_team(*, employee: Employee) -> bool:
    """Whether the pages for managers are for this person: they decide on leave, or would if anybody asked."""
    if not access.decides_on_leave(employee):
        return False
    if employee.role != Employee.Role.MANAGER:
        return True
    return (
        Employee.objects.active().filter(manager=employee).exists()
        or LeaveDelegation.objects.not_over_on(context.local_today()).filter(delegate=employee).exists()
    )


def waiting_for(*, by: Employee) -> tuple[LeaveRequest, ...]:
    """Requests that wait for this person, the earliest leave first. An audited read.

    Of their own reports and of those whose manager they stand in for; for HR and the owner also of people who have
    no manager that could decide. For a program nothing waits.
    """
    found = _loaded(_waiting_for(by))
    audit.record_read(verb="leave.waiting", details={"requests": len(found)})
    return found


def waiting_elsewhere(*, by: Employee) -> tuple[LeaveRequest, ...]:
    """Requests that this person may decide although they wait for somebody else: further below, or for HR anywhere.

    An audited read.
    """
    found = _loaded(_waiting_elsewhere(by))
    audit.record_read(verb="leave.waiting", details={"requests": len(found)})
    return found


def _waiting_elsewhere(by: Employee) -> QuerySet[LeaveRequest]:
    if not access.decides_on_leave(by) or by.pk == access.NOBODY:
        return LeaveRequest.objects.none()
    requests = LeaveRequest.objects.waiting().exclude(employee=by).exclude(pk__in=_waiting_for(by).values("pk"))
    if not access.decides_for_everybody(by):
        managers = [by.pk, *standing_in_for(employee=by, on=context.local_today())]
        requests = requests.of_people(ids_below(managers))
    return requests


def _waiting_for(by: Employee) -> QuerySet[LeaveRequest]:
    if not access.decides_on_leave(by) or by.pk == access.NOBODY:
        return LeaveRequest.objects.none()
    managers = [by.pk, *standing_in_for(employee=by, on=context.local_today())]
    mine = Q(employee__manager_id__in=managers)
    if access.decides_for_everybody(by):
        mine |= (
            Q(employee__manager__isnull=True)
            | Q(employee__manager__is_active=False)
            | ~Q(employee__manager__role__in=access.DECIDING_ROLES)
        )
    return LeaveRequest.objects.waiting().filter(mine).exclude(employee=by)


def team_absences(*, manager: Employee, first: date, last: date, direct_only: bool = False) -> tuple[Absence, ...]:
    """Leave, approved and waiting, of the people below `manager` and of those they stand in for. An audited read.

    In the order of days. Kinds that need no approval (sick leave) read as "Away".
    A program that may ask sees everybody's.
    """
    found = absences_below(manager=manager, first=first, last=last, direct_only=direct_only)
    audit.record_read(verb="leave.team", details={"absences": len(found)})
    return found


def overview_of_team(*, manager: Employee, first: date, last: date, direct_only: bool = False) -> TeamOverview:
    """Who is away, what waits for `manager` and what they may decide beside it: one reading, so one audit row."""
    overview = TeamOverview(
        absences=absences_below(manager=manager, first=first, last=last, direct_only=direct_only),
        waiting=_loaded(_waiting_for(manager)),
        elsewhere=_loaded(_waiting_elsewhere(manager)),
    )
    counts = {name: len(getattr(overview, name)) for name in ("absences", "waiting", "elsewhere")}
    audit.record_read(verb="leave.team", details=counts)
    return overview


def absences_below(*, manager: Employee, first: date, last: date, direct_only: bool = False) -> tuple[Absence, ...]:
    """What `team_absences` gives, for a caller that records the reading itself."""
    if not access.decides_on_leave(manager):
        return ()
    if manager.pk == access.NOBODY:
        everybodys = LeaveRequest.objects.active().touching(first=first, last=last)
        return tuple(_absence(request, manager) for request in _loaded(everybodys))
    managers = [manager.pk, *standing_in_for(employee=manager, on=context.local_today())]
    if direct_only:
        people = frozenset(Employee.objects.filter(manager_id__in=managers).values_list("pk", flat=True))
    else:
        people = ids_below(managers)
    requests = LeaveRequest.objects.active().of_people(people - {manager.pk}).touching(first=first, last=last)
    return tuple(_absence(request, manager) for request in _loaded(requests))


def team_of(*, manager: Employee, direct_only: bool = False) -> tuple[Employee, ...]:
    """The active people whose leave the calendar shows, by name."""
    managers = [manager.pk, *standing_in_for(employee=manager, on=context.local_today())]
    below = {"manager_id__in": managers} if direct_only else {"pk__in": ids_below(managers)}
    people = Employee.objects.active().filter(**below).exclude(pk=manager.pk)
    return tuple(people.order_by("last_name", "first_name", "pk"))


def _loaded(requests: QuerySet[LeaveRequest]) -> tuple[LeaveRequest, ...]:
    rows = requests.select_related("employee", "leave_type", "delegate").order_by("first_day", "pk")
    return tuple(rows.exclude(employee__is_active=False))


def _absence(request: LeaveRequest, viewer: Employee) -> Absence:
    return Absence(
        request_id=request.pk,
        employee_id=request.employee_id,
        name=str(request.employee),
        kind=showing.kind_for(request=request, viewer=viewer),
        first_day=request.first_day,
        last_day=request.last_day,
        first_day_half=request.first_day_half,
        last_day_half=request.last_day_half,
        days=request.days,
        is_waiting=request.state == LeaveRequest.State.REQUESTED,
    )


def _ids(sql: str, values: list[Any]) -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return frozenset(row[0] for row in cursor.fetchall())
