"""The demo's history: a newcomer finds patterns and findings that look like a company's, made once."""

from datetime import date
from typing import Any

import pytest
import time_machine

from audit.models import AuditLog, Finding
from documents import patterns
from documents.models import Document, DocumentAccess
from ragsite.demo import history
from ragsite.demo.catalog import load_catalog
from ragsite.management.commands import seed_demo
from tenants.models import Tenant

TODAY = date(2026, 11, 20)


@pytest.fixture
def company(in_acme: Tenant) -> Any:
    with time_machine.travel(TODAY, tick=False):
        seed_demo._records(next(one for one in load_catalog() if one.slug == "acme"))
        for number in range(8):
            Document.objects.create(title=f"Policy {number}", created_by="system")
        yield in_acme


def test_one_evening_stands_out_and_is_found(company: Tenant) -> None:
    made = history.seed(today=TODAY)

    assert made > 300
    unusual = [one for one in patterns.patterns(by="actor", today=TODAY, most=25) if one.is_unusual]
    findings = Finding.objects.filter(state="open")
    assert {one.subject for one in findings} == {unusual[0].key}
    assert {one.rule for one in findings} == {"burst", "off_hours"}
    assert Finding.objects.filter(state="dismissed").count() == 1
    assert not DocumentAccess.objects.filter(at__gt="2026-11-20T23:59Z").exists()


def test_a_second_start_changes_nothing(company: Tenant) -> None:
    history.seed(today=TODAY)
    rows, logged = DocumentAccess.objects.count(), AuditLog.objects.count()

    assert history.seed(today=TODAY) == 0

    assert (DocumentAccess.objects.count(), AuditLog.objects.count()) == (rows, logged)


@pytest.mark.parametrize("today", [date(2027, 1, 1), date(2028, 2, 29), date(2027, 1, 2)])
def test_any_day_will_do(company: Tenant, today: date) -> None:
    with time_machine.travel(today, tick=False):
        assert history.seed(today=today) > 300
