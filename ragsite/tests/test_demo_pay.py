"""The demo's paystubs: a year for everybody, adding up, made once and quickly."""

import time
from datetime import date
from typing import Any

import pytest

from audit.models import AuditLog
from hr.models import Employee, PayDetails, Paystub
from hr.pay.amounts import MINOR_DIGITS
from hr.services import pay as services
from ragsite.demo import pay
from ragsite.demo.catalog import load_catalog
from ragsite.management.commands import seed_demo
from tenants.models import Tenant

TODAY = date(2026, 11, 20)


@pytest.fixture
def people(in_acme: Tenant) -> None:
    company = next(one for one in load_catalog() if one.slug == "acme")
    seed_demo._records(company)


def test_everybody_has_a_year_of_paystubs_that_add_up(people: None, record_property: Any) -> None:
    begin = time.perf_counter()
    made = pay.seed(today=TODAY)
    record_property("seconds", round(time.perf_counter() - begin, 2))

    paid = Employee.objects.active().exclude(employment_type="contractor")
    assert made == Paystub.objects.count() > 40 * 10
    currencies = set()
    for person in paid:
        payslips = services.paystubs_of(employee=person)
        currencies |= {payslip.currency for payslip in payslips}
        for payslip in payslips:
            assert payslip.total_of("earning") == payslip.gross
            assert payslip.gross - payslip.total_of("deduction") == payslip.net
            assert -payslip.net.as_tuple().exponent == MINOR_DIGITS[payslip.currency]
            assert payslip.period_end_date < TODAY
    assert len(currencies) >= 2
    assert Paystub.objects.exclude(corrects=None).exists()
    assert PayDetails.objects.count() == paid.count()
    assert AuditLog.objects.get(verb="demo.paystubs").details["paystubs"] == made


def test_a_second_start_pays_nobody_twice(people: None) -> None:
    pay.seed(today=TODAY)
    before = AuditLog.objects.count()

    assert pay.seed(today=date(2026, 12, 20)) == 0

    assert AuditLog.objects.count() == before


def test_every_line_of_the_demo_is_explained(people: None) -> None:
    pay.seed(today=TODAY)

    for person in Employee.objects.active()[:5]:
        for payslip in services.paystubs_of(employee=person):
            assert all(one.explanation for one in services.explained(paystub=payslip))
