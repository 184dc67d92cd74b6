"""The demo's leave: a year of it for nearly everybody, under the rules of the handbook, made once and quickly."""

import time
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from audit.models import AuditLog
from hr.leave.balances import shortfall
from hr.models import Employee, LeaveEntitlement, LeavePolicy, LeaveRequest
from hr.services import leave as services
from hr.services.leave import records
from ragsite.demo import leave
from ragsite.demo.catalog import load_catalog
from ragsite.management.commands import seed_demo
from tenants import context
from tenants.models import Tenant

TODAY = date(2026, 11, 20)


@pytest.fixture(params=["acme", "globex"])
def people(request: Any, db: None) -> Any:
    company = next(one for one in load_catalog() if one.slug == request.param)
    with context.enter(Tenant.objects.get(schema_name=request.param)), time_machine.travel(TODAY):
        seed_demo._records(company)
        yield


def test_everybody_has_a_balance_and_most_have_leave_of_every_state(people: None, record_property: Any) -> None:
    begin = time.perf_counter()
    made = leave.seed(today=TODAY)
    record_property("seconds", round(time.perf_counter() - begin, 2))

    assert made == LeaveRequest.objects.count() > 150
    assert LeavePolicy.objects.values("country").distinct().count() == 3
    states = Counter(LeaveRequest.objects.values_list("state", flat=True))
    assert min(states[state] for state in LeaveRequest.State.values) >= 3, states
    assert LeaveRequest.objects.filter(state="requested", employee__manager__isnull=False).exists()
    for person in Employee.objects.active().exclude(country=""):
        assert services.balance_of(employee=person, on=TODAY).available >= 0
        record = records.record_of(employee=person, until_year=2027)
        assert shortfall(record=record, since=date(2026, 1, 1)) == 0
    assert AuditLog.objects.get(verb="demo.leave").details["requests"] == made


def test_nobody_was_decided_on_by_themselves_or_is_ill_in_advance(people: None) -> None:
    leave.seed(today=TODAY)

    assert not LeaveRequest.objects.filter(leave_type__code="sick", last_day__gte=TODAY).exists()
    decided = LeaveRequest.objects.filter(state__in=["approved", "rejected"], leave_type__needs_approval=True)
    assert not decided.filter(decided_by__isnull=True).exists()


def test_a_second_start_changes_nothing(people: None) -> None:
    leave.seed(today=TODAY)
    requests, rows = LeaveRequest.objects.count(), AuditLog.objects.count()

    assert leave.seed(today=TODAY) == 0

    assert (LeaveRequest.objects.count(), AuditLog.objects.count()) == (requests, rows)


@pytest.mark.parametrize("today", [date(2027, 1, 1), date(2028, 2, 29), date(2027, 12, 31)])
def test_any_day_of_the_year_will_do(in_acme: Tenant, today: date) -> None:
    seed_demo._records(next(one for one in load_catalog() if one.slug == "acme"))

    assert leave.seed(today=today) > 100
    assert LeaveEntitlement.objects.filter(days__gt=Decimal(6)).count() == 0
