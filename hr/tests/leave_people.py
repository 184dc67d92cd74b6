"""A small company for tests about leave: Max manages Bob and Dora; Alice is HR. The calendar is 2026, in Germany."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from conftest import make_person
from hr.models import Employee, LeavePolicy
from hr.services.leave import Wish
from tenants import context
from tenants.models import Tenant

# A Monday, 11 in the morning in Germany.
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def on_2_march() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def max_(acme: Tenant) -> Employee:
    """The manager of Bob and Dora."""
    return employed(make_person(acme, email="max@acme.example", name="Max", role="manager"))


@pytest.fixture
def dora(acme: Tenant, max_: Employee) -> Employee:
    """Bob's colleague in Max's team."""
    return employed(make_person(acme, email="dora@acme.example", name="Dora", role="employee"), manager=max_)


@pytest.fixture
def team(acme: Tenant, alice: Employee, bob: Employee, max_: Employee, dora: Employee) -> Employee:
    """Bob, employed in Germany under Max, with 30 days a year of which 5 are carried over until March."""
    employed(alice)
    with context.enter(acme):
        policy()
    return employed(bob, manager=max_)


def policy(**changed: Any) -> LeavePolicy:
    values = {
        "country": "DE",
        "from_year": 2026,
        "annual_days": Decimal(30),
        "carry_over_max_days": Decimal(5),
        "carry_over_until": "03-31",
    }
    return LeavePolicy.objects.create(**values | changed)


def employed(employee: Employee, **changed: Any) -> Employee:
    """The person with a record: Germany, full time, since 2020."""
    values = {"country": "DE", "employment_type": "full_time", "start_date": date(2020, 1, 1)} | changed
    tenant = Tenant.objects.get(schema_name=employee.email.split("@")[1].split(".")[0])
    with context.enter(tenant):
        Employee.objects.filter(pk=employee.pk).update(**values)
        return Employee.objects.get(pk=employee.pk)


def wish(first: date, last: date | None = None, **changed: Any) -> Wish:
    return Wish(first_day=first, last_day=last or first, **changed)
