"""The demo's policies have a past, a present and a future, differ by country, and are for the people they name."""

from datetime import date

import pytest

from documents import services
from documents.models import Document, DocumentVersion
from hr import access
from hr import services as hr
from hr.access import Scope
from ragsite.demo import policies
from tenants import context

TODAY = date(2026, 11, 20)


def seed(company, *, email):
    person = hr.create_employee(email=email, first_name="Bob", last_name="Keller", role="employee")
    with_all = policies.seed(company=company, today=TODAY)
    for version in DocumentVersion.objects.order_by("-number"):  # whatever the order of the workers
        services.process_version(version_id=version.pk)
    return person, with_all


def asker(day, **fields):
    values = {"tenant_id": "t", "employee_id": 0, "role": "employee", "reads_confidential": False, "as_of": day}
    return Scope(**{**values, **fields})


def amounts(day, **fields):
    versions = DocumentVersion.objects.answering(asker(day, **fields)).order_by("document__external_id", "number")
    return [(version.document.external_id, version.number) for version in versions.select_related("document")]


@pytest.fixture
def seeded(in_acme, monkeypatch):
    monkeypatch.setattr("documents.services.outbox._try_to_send", lambda rows, now: 0)
    return seed("acme", email="employee@acme.example")


def test_each_year_and_country_has_its_version(seeded):
    assert amounts(date(2025, 6, 1), country="fr") == [("acme-bicycles", 1), ("acme-canteen", 1)]
    assert amounts(TODAY, country="de") == [("acme-bicycles", 2), ("acme-canteen", 2)]
    assert amounts(TODAY, country="fr") == [("acme-bicycles", 2), ("acme-canteen", 3)]
    assert amounts(TODAY) == [("acme-bicycles", 2), ("acme-canteen", 2), ("acme-canteen", 3)]
    assert amounts(date(2027, 1, 1), country="de") == [("acme-bicycles", 3), ("acme-canteen", 4)]
    assert not DocumentVersion.objects.exclude(publication="published").exists()


def test_personal_and_managers_documents_are_theirs(seeded):
    person, _ = seeded
    own = set(Document.objects.visible_to(access.scope_of(person)).values_list("external_id", flat=True))

    assert "acme-desk-agreement" in own and "acme-pay-conversations" not in own
    managers = asker(TODAY, role="manager")
    theirs = set(Document.objects.visible_to(managers).values_list("external_id", flat=True))
    assert "acme-pay-conversations" in theirs and "acme-desk-agreement" not in theirs
    assert context.current_tenant().__class__.objects.get(schema_name="acme").time_zone == "Europe/Berlin"


def test_seeding_again_changes_nothing(seeded):
    _, new = seeded

    assert (new, policies.seed(company="acme", today=TODAY)) == (4, 0)


@pytest.mark.parametrize("company", ["acme", "globex"])
def test_texts_are_filled_in_and_differ(company):
    for policy in policies.POLICIES[company]:
        texts = [
            policies.text_of(company=company, policy=policy, version=version, person="Bob Keller", year=2026)
            for version in policy.versions
        ]
        assert len(set(texts)) == len(texts)
        assert not any("{{" in text or "}}" in text for text in texts)
        assert all(version.amount in text for version, text in zip(policy.versions, texts, strict=True))
