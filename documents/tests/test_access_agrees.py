"""The decision and its SQL translation agree, on random people and documents; each rule once as arithmetic."""

import dataclasses
import random
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from documents import rights
from documents.models import Document, DocumentVersion
from documents.services import editing
from documents.tests.timelines import make_document, make_person, make_version
from hr import access
from hr.access import Applicability, Audience, Decision
from hr.models import Employee

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
ROLES = ("employee", "manager", "hr", "ceo")
DEPARTMENTS, COUNTRIES, SITES = ("sales", "it & ops", "straße"), ("de", "fr", "br"), ("berlin", "lyon")
TYPES = ("full_time", "part_time", "intern")


def scope(**fields) -> access.Scope:
    values = {"tenant_id": "t", "employee_id": 7, "role": "employee", "reads_confidential": False}
    return access.Scope(**{**values, "as_of": date(2026, 1, 1), **fields})


def some(rng: random.Random, values) -> frozenset:
    """Mostly empty, because most lists are."""
    return frozenset(rng.sample(values, rng.randint(1, 2))) if rng.random() < 0.35 else frozenset()


def random_audience(rng: random.Random, people: list[int]) -> Audience:
    if rng.random() < 0.2:
        return Audience(subject_id=rng.choice(people), is_confidential=rng.random() < 0.2)
    return Audience(
        is_confidential=rng.random() < 0.15,
        people=some(rng, people),
        roles=some(rng, ROLES),
        departments=some(rng, DEPARTMENTS),
        countries=some(rng, COUNTRIES),
        sites=some(rng, SITES),
        employment_types=some(rng, TYPES),
    )


def random_scope(rng: random.Random, people: list[int]) -> access.Scope:
    role = rng.choice(ROLES)
    return scope(
        employee_id=rng.choice([*people, access.NOBODY]),
        role=role,
        reads_confidential=role in ("hr", "ceo"),
        department=rng.choice(("", *DEPARTMENTS)),
        country=rng.choice(("", *COUNTRIES)),
        site=rng.choice(("", *SITES)),
        employment_type=rng.choice(("", *TYPES)),
        assumed_country=rng.choice(("", *COUNTRIES)),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sql_and_decision_agree_on_random_people_and_documents(in_acme, seed):
    rng = random.Random(seed)
    people = [make_person(number).pk for number in range(6)]
    documents = []
    for number in range(90):
        document = Document(title=f"Document {number}", created_by="employee:1")
        editing.put_audience(document=document, audience=random_audience(rng, people))
        document.save(force_insert=True)
        documents.append(document)
    outcomes: dict[bool, int] = {True: 0, False: 0}

    for _ in range(30):
        asker = random_scope(rng, people)
        by_sql = set(Document.objects.visible_to(asker).values_list("pk", flat=True))
        for document in documents:
            decision = access.decide(scope=asker, audience=rights.audience_of(document))
            assert (document.pk in by_sql) is decision.allowed, (asker, rights.audience_of(document), decision)
            outcomes[decision.allowed] += 1

    assert sum(outcomes.values()) == 2700
    assert min(outcomes.values()) > 500, "the draw has to reach both answers"


@pytest.mark.parametrize("seed", [4, 5])
def test_sql_and_decision_agree_on_whom_a_version_applies_to(in_acme, seed):
    rng = random.Random(seed)
    versions = []
    for number in range(60):
        document = make_document(title=f"Document {number}")
        lists = {"countries": some(rng, COUNTRIES), "sites": some(rng, SITES), "employment_types": some(rng, TYPES)}
        versions.append(
            make_version(document, **{name: tuple(keys) for name, keys in lists.items()}, first=date(2026, 1, 1))
        )

    for _ in range(35):
        asker = random_scope(rng, [1, 2])
        by_sql = set(DocumentVersion.objects.applying_to(asker).values_list("pk", flat=True))
        for version in versions:
            expected = access.applies(scope=asker, applicability=rights.applicability_of(version))
            assert (version.pk in by_sql) is expected


@pytest.mark.parametrize(
    ("person", "audience", "decision"),
    [
        ({"role": "hr"}, Audience(subject_id=8, is_confidential=True), Decision(True, "role_hr")),
        ({"role": "ceo"}, Audience(is_confidential=True), Decision(True, "role_owner")),
        ({"role": "ceo"}, Audience(subject_id=8), Decision(False, "personal_other")),
        ({"role": "ceo"}, Audience(subject_id=7), Decision(True, "role_owner")),
        ({}, Audience(subject_id=8), Decision(False, "personal_other")),
        ({}, Audience(subject_id=7), Decision(True, "personal_own")),
        ({}, Audience(subject_id=7, is_confidential=True), Decision(False, "confidential")),
        ({"role": "manager"}, Audience(is_confidential=True), Decision(False, "confidential")),
        ({}, Audience(), Decision(True, "everybody")),
        ({}, Audience(people=frozenset({7})), Decision(True, "named")),
        ({}, Audience(people=frozenset({8})), Decision(False, "not_named")),
        (
            {"country": "fr"},
            Audience(people=frozenset({7}), countries=frozenset({"de"})),
            Decision(True, "named"),
        ),
        (
            {"country": "de"},
            Audience(people=frozenset({8}), countries=frozenset({"de"})),
            Decision(True, "audience"),
        ),
        (
            {"country": "de", "department": "it"},
            Audience(countries=frozenset({"de"}), departments=frozenset({"sales"})),
            Decision(False, "not_in_audience:department"),
        ),
        ({}, Audience(countries=frozenset({"de"})), Decision(False, "not_in_audience:country")),
        (
            {"assumed_country": "de"},
            Audience(countries=frozenset({"de"})),
            Decision(False, "not_in_audience:country"),
        ),
        ({}, Audience(roles=frozenset({"manager"})), Decision(False, "not_in_audience:role")),
        ({"site": "lyon"}, Audience(sites=frozenset({"berlin"})), Decision(False, "not_in_audience:site")),
        (
            {"employment_type": "intern"},
            Audience(employment_types=frozenset({"full_time"})),
            Decision(False, "not_in_audience:employment_type"),
        ),
    ],
)
def test_each_rule_decides(person, audience, decision):
    assert access.decide(scope=scope(**person), audience=audience) == decision


def test_keys_do_not_depend_on_case_and_spacing(in_acme):
    person = make_person(1, department=" Human   RESOURCES ", country="DE", site="Straße 1")
    asker = access.scope_of(person)

    checked = rights.checked_audience(
        Audience(
            departments=frozenset({"human resources"}), countries=frozenset({"De"}), sites=frozenset({"STRASSE 1"})
        )
    )

    assert access.decide(scope=asker, audience=checked) == Decision(True, "audience")


@pytest.mark.parametrize(
    ("audience", "field"),
    [
        (Audience(roles=frozenset({"boss"})), "roles"),
        (Audience(countries=frozenset({"Atlantis"})), "countries"),
        (Audience(employment_types=frozenset({"volunteer"})), "employment_types"),
        (Audience(departments=frozenset({" "})), "departments"),
        (Audience(sites=frozenset({"x" * 101})), "sites"),
        (Audience(people=frozenset({10**9})), "people"),
        (Audience(subject_id=10**9), "subject"),
    ],
)
def test_values_that_no_record_can_have_are_refused(in_acme, audience, field):
    with pytest.raises(rights.UnknownValue) as refusal:
        rights.checked_audience(audience)

    assert refusal.value.field == field


def test_personal_document_has_no_other_readers(in_acme):
    person = make_person(1)

    with pytest.raises(rights.PersonalWithAudience):
        rights.checked_audience(Audience(subject_id=person.pk, roles=frozenset({"manager"})))


def test_audiences_are_said_in_words(in_acme):
    make_person(1, site="Köln Mitte")

    said = rights.readers_of(
        Audience(
            roles=frozenset({"manager"}),
            countries=frozenset({"fr", "de"}),
            sites=frozenset({"köln mitte"}),
            people=frozenset({1}),
        )
    )

    assert said == "Manager; France, Germany; Köln Mitte, and 1 named person"
    assert rights.readers_of(Audience()) == "everybody"
    assert rights.people_of(Applicability(employment_types=frozenset({"full_time"}))) == "Full time"


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"persona": "personal"}, "document_personal_has_a_subject"),
        ({"title": ""}, "document_has_a_title"),
        ({"external_id": ""}, "document_external_id_null_not_empty"),
    ],
)
def test_documents_against_the_rules_are_refused_by_the_database(in_acme, fields, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_document(**fields)


def test_company_document_with_a_subject_is_refused_by_the_database(in_acme):
    with pytest.raises(IntegrityError, match="document_personal_has_a_subject"), transaction.atomic():
        make_document(subject=make_person(1))


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"publication": "nonsense"}, "document_version_publication_known"),
        ({"publication": "published"}, "document_version_in_force_has_a_first_day"),
        (
            {"effective_from": FEB, "effective_to": JAN},
            "document_version_ends_after_the_start",
        ),
        ({"reviewed_by": "employee:1"}, "document_version_reviewed_by_another"),
        ({"reviewed_by": "employee:2", "review_requested_by": "employee:2"}, "document_version_reviewed_by_another"),
    ],
)
def test_versions_against_the_rules_are_refused_by_the_database(in_acme, fields, constraint):
    version = make_version(make_document())

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        DocumentVersion.objects.filter(pk=version.pk).update(**fields)


def test_two_versions_in_force_for_the_same_people_are_refused_by_the_database(in_acme):
    document = make_document()
    make_version(document, first=date(2026, 1, 1), publication="published")

    with pytest.raises(IntegrityError, match="one_version_in_force"), transaction.atomic():
        make_version(document, first=date(2026, 6, 1), publication="published")

    make_version(document, first=date(2026, 6, 1), publication="published", countries=("de",))


def test_changed_readers_count_from_the_next_request_and_are_recorded(in_acme):
    from audit.models import AuditLog
    from documents import services
    from documents.models import Outbox

    person, document = make_person(1, country="FR"), make_document()
    assert Document.objects.visible_to(access.scope_of(person)).filter(pk=document.pk).exists()

    services.change_access(document=document, audience=Audience(countries=frozenset({"DE"})), reason="Germany only")

    assert not Document.objects.visible_to(access.scope_of(person)).filter(pk=document.pk).exists()
    row = AuditLog.objects.get(verb="document.edit", target=f"document:{document.pk}")
    assert (row.reason, row.details) == ("Germany only", {"confidential": False, "countries": ["de"]})
    assert Outbox.objects.filter(kind="refilter_document", target_id=document.pk).exists()


def test_personal_document_is_its_subjects_and_hrs(in_acme):
    from documents import services

    own, other = make_person(1), make_person(2)
    owner, hr = make_person(3, role="ceo"), make_person(4, role="hr")
    document = make_document()

    services.change_access(document=document, audience=Audience(subject_id=own.pk))

    may = {
        person.pk: Document.objects.visible_to(access.scope_of(person)).filter(pk=document.pk).exists()
        for person in (own, other, owner, hr)
    }
    assert may == {own.pk: True, other.pk: False, owner.pk: False, hr.pk: True}
    assert document.persona == "personal"


def test_every_role_is_a_known_one():
    assert set(ROLES) == set(Employee.Role.values)


def test_every_attribute_of_an_audience_is_drawn_above():
    assert {f.name for f in dataclasses.fields(Audience)} == {
        "is_confidential",
        "subject_id",
        "people",
        "roles",
        "departments",
        "countries",
        "sites",
        "employment_types",
    }
