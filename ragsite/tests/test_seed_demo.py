"""The demo's people."""

import csv
from collections.abc import Iterator

import pytest

from audit import actors
from audit.models import AuditLog
from hr import services as hr
from hr.models import Employee
from ragsite.demo.catalog import DemoCompany, DemoPerson, load_catalog
from ragsite.management.commands import seed_demo
from tenants import context
from tenants.models import Tenant


@pytest.fixture
def seeded(acme: Tenant) -> Iterator[DemoCompany]:
    """Acme as the demo has it, without its documents."""
    company = next(one for one in load_catalog() if one.slug == "acme")
    with context.enter(acme), actors.acting_as(actors.SYSTEM):
        for person in company.people:
            seed_demo._person(person, "four words")
        seed_demo._records(company)
        yield company


@pytest.mark.parametrize("company", load_catalog(), ids=lambda company: company.slug)
def test_company_has_people_of_every_kind(company: DemoCompany) -> None:
    with company.people_path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))

    assert len(rows) >= 40
    assert len({row["country"] for row in rows} - {""}) == 3
    assert any(not row["country"] for row in rows)
    assert len({row["department"] for row in rows}) >= 6
    assert {row["employment_type"] for row in rows} >= {"full_time", "part_time", "apprentice", "temporary"}
    assert any(row["active"] == "no" for row in rows)
    assert {person.email for person in company.people} <= {row["email"] for row in rows}


def test_known_accounts_have_full_records(seeded: DemoCompany) -> None:
    bob = Employee.objects.select_related("manager").get(email="employee@acme.example")

    assert (bob.country, bob.site, bob.employment_type, bob.language) == ("DE", "Hamburg", "full_time", "de")
    assert bob.manager.email == "manager@acme.example"
    assert bob.user.has_usable_password()
    assert Employee.objects.filter(start_date__isnull=True, email__endswith="@acme.example").count() == 1  # conftest's


def test_second_start_hires_nobody_and_leaves_changes_alone(seeded: DemoCompany) -> None:
    bob = Employee.objects.get(email="employee@acme.example")
    hr.update_record(employee=bob, country="FR", department="")
    before = AuditLog.objects.count()

    assert seed_demo._records(seeded) == 0

    bob.refresh_from_db()
    assert (bob.country, bob.department) == ("FR", "")
    assert AuditLog.objects.count() == before


def test_records_of_an_earlier_demo_are_completed(acme: Tenant) -> None:
    company = next(one for one in load_catalog() if one.slug == "acme")
    with context.enter(acme):
        hr.create_employee(email="employee@acme.example", first_name="Bob", last_name="Keller", role="employee")

        seed_demo._records(company)

        bob = Employee.objects.get(email="employee@acme.example")
        assert (bob.employee_number, bob.country) == ("A004", "DE")


@pytest.mark.parametrize("half_renamed", [False, True])  # an earlier release renamed the record only
def test_the_first_person_gets_the_demos_name_in_the_record_and_in_the_login(acme: Tenant, half_renamed: bool) -> None:
    with context.enter(acme):
        owner = hr.create_employee(email="ceo@acme.example", first_name="Ceo", last_name="Administrator", role="ceo")
        if half_renamed:
            Employee.objects.filter(pk=owner.pk).update(first_name="Edith", last_name="Vos")

        seed_demo._person(DemoPerson(email=owner.email, first_name="Edith", last_name="Vos", role="ceo"), "four words")

        known = Employee.objects.select_related("user").get(pk=owner.pk)
        assert known.user is not None
        assert (known.first_name, known.last_name) == ("Edith", "Vos")
        assert known.user.get_full_name() == "Edith Vos"
