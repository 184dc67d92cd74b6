"""Explanations name the rule that decides and how each version stands, in the command, on the page and in the API."""

import io
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from documents import explaining
from documents.models import Document
from documents.services import editing
from documents.tests.timelines import make_document, make_person, make_version
from hr import access
from hr.access import Audience
from hr.tests.api_helpers import signed_in
from retrieval.tests.browsing import browser_of
from tenants import context


def restrict(document, audience):
    editing.put_audience(document=document, audience=audience)
    document.save()


def codes(explanation):
    return {one.number: one.code for one in explanation.versions}


@pytest.mark.parametrize(
    ("audience", "rule", "sentence"),
    [
        (Audience(), "everybody", "It is for everybody in the company."),
        (Audience(is_confidential=True), "confidential", "It is confidential: only HR and owners read it."),
        (
            Audience(countries=frozenset({"de", "at"})),
            "not_in_audience:country",
            "It is for the country Austria, Germany; theirs is France.",
        ),
        (
            Audience(sites=frozenset({"berlin"})),
            "not_in_audience:site",
            "It is for the site berlin; their record does not say.",
        ),
        (
            Audience(roles=frozenset({"manager"})),
            "not_in_audience:role",
            "It is for the role manager; theirs is employee.",
        ),
    ],
)
def test_sentence_names_what_decides(in_acme, audience, rule, sentence):
    person, document = make_person(1, country="FR"), make_document()
    restrict(document, audience)

    explanation = explaining.explain(employee=person, document=document)

    assert (explanation.decision.rule, explanation.sentence) == (rule, sentence)


def test_each_version_has_a_standing(in_acme):
    today, day = context.local_today(), timedelta(days=1)
    person, document = make_person(1, country="FR"), make_document()
    make_version(document, first=date(2020, 1, 1), last=date(2020, 12, 31), publication="published")
    make_version(document, first=today, publication="published", countries=("de",))
    make_version(document, first=today, publication="published", countries=("fr",), sites=("lyon",))
    make_version(document, first=today + day, publication="published")
    make_version(document)
    make_version(document, publication="in_review")
    make_version(document, first=today, publication="withdrawn")
    make_version(document, state="parsing")

    explanation = explaining.explain(employee=person, document=document)

    assert codes(explanation) == {
        1: "past",
        2: "for_others",
        3: "answers_if",
        4: "scheduled",
        5: "draft",
        6: "in_review",
        7: "withdrawn",
        8: "not_ready",
    }
    assert explanation.answers
    assert codes(explaining.explain(employee=person, document=document, as_of=date(2020, 6, 1)))[1] == "answers"


def test_deactivated_person_reads_nothing(in_acme):
    person, document = make_person(1, is_active=False), make_document()

    explanation = explaining.explain(employee=person, document=document)

    assert (explanation.decision.allowed, explanation.decision.rule) == (False, "deactivated")
    assert person not in explaining.readers_of(document).people


def test_explanations_and_sql_agree(in_acme):
    people = [
        make_person(n, country=country, role=role)
        for n, (country, role) in enumerate(
            [("FR", "employee"), ("DE", "manager"), ("", "hr"), ("DE", "ceo"), ("", "employee")]
        )
    ]
    audiences = [
        Audience(),
        Audience(is_confidential=True),
        Audience(subject_id=people[0].pk),
        Audience(people=frozenset({people[4].pk})),
        Audience(countries=frozenset({"de"})),
        Audience(roles=frozenset({"manager"}), people=frozenset({people[0].pk})),
    ]
    for audience in audiences:
        document = make_document()
        restrict(document, audience)
        for person in people:
            by_sql = Document.objects.visible_to(access.scope_of(person)).filter(pk=document.pk).exists()
            assert explaining.explain(employee=person, document=document).decision.allowed is by_sql


def test_command_says_it_in_plain_words_and_is_recorded(in_acme):
    person, document = make_person(1, country="FR"), make_document(external_id="travel")
    make_version(document, first=date(2026, 1, 1), publication="published", countries=("de",))
    out = io.StringIO()

    call_command("explain_access", tenant="acme", employee="T1", document="travel", stdout=out)

    assert out.getvalue().splitlines() == [
        "Person 1 may read “Travel” (everybody).",
        "It is for everybody in the company. It is for everybody.",
        "  version 1: It applies to Germany, not to them. (for_others)",
        "No answer comes from it on that day.",
    ]
    row = AuditLog.objects.get(verb="document.explain_access")
    assert row.details == {"employee": person.pk, "allowed": True, "rule": "everybody"}


@pytest.mark.parametrize(("employee", "document"), [("nobody", "travel"), ("T1", "nothing")])
def test_command_refuses_what_is_not_there(in_acme, employee, document):
    make_person(1)
    make_document(external_id="travel")

    with pytest.raises(CommandError):
        call_command("explain_access", tenant="acme", employee=employee, document=document)


def test_people_are_found_by_number_address_and_id(in_acme):
    person = make_person(1)

    for name in ("T1", "PERSON1@acme.example", str(person.pk)):
        assert explaining.find_person(name) == person
    for name in ("", "²", "9" * 40, "0"):
        with pytest.raises(explaining.NoSuchPerson):
            explaining.find_person(name)


class TestApi:
    def test_hr_is_told_and_it_is_recorded(self, acme, alice, bob):
        with context.enter(acme):
            document = make_document()
            restrict(document, Audience(is_confidential=True))

        answer = signed_in(acme, alice).get(f"/api/v1/documents/{document.pk}/access?employee={bob.email}").json()

        assert answer["audience"]["is_confidential"] is True
        assert answer["detail"] == "HR and owners"
        explanation = answer["explanation"]
        assert (explanation["employee"], explanation["allowed"], explanation["rule"]) == (
            bob.pk,
            False,
            "confidential",
        )
        with context.enter(acme):
            assert AuditLog.objects.get(verb="document.explain_access").actor == alice.actor_label

    def test_employees_other_companies_and_unknown_people_get_nothing(self, acme, globex, alice, bob, charlie):
        with context.enter(acme):
            document = make_document()
        path = f"/api/v1/documents/{document.pk}/access"

        assert signed_in(acme, bob).get(path).status_code == 403
        assert signed_in(globex, charlie).get(path).status_code == 403
        assert signed_in(acme, alice).get(f"{path}?employee=nobody").status_code == 404
        assert signed_in(acme, alice).get(f"{path}?employee={charlie.email}").status_code == 404

    def test_readers_are_changed_in_part(self, acme, alice, bob):
        with context.enter(acme):
            document = make_document()
        path = f"/api/v1/documents/{document.pk}/access"
        client = signed_in(acme, alice)

        def patch(body):
            return client.patch(path, body, content_type="application/json")

        answer = patch({"countries": ["DE"], "people": [bob.pk], "reason": "Germany and Bob"})
        assert answer.status_code == 200, answer.content
        assert answer.json()["detail"] == "Germany, and 1 named person"
        assert patch({"roles": ["manager"], "reason": "and managers"}).json()["audience"]["countries"] == ["DE"]
        for body, code in (
            ({"countries": ["XX"], "reason": "why"}, "unknown_value"),
            ({"people": [10**9], "reason": "why"}, "unknown_value"),
            ({"subject": bob.pk, "reason": "why"}, "personal_with_audience"),
            ({"countries": []}, "required"),
        ):
            refused = patch(body)
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, code)
        assert (
            patch({"roles": [], "countries": [], "people": [], "subject": bob.pk, "reason": "his"}).status_code == 200
        )


class TestPage:
    def test_it_lists_who_may_and_explains_one(self, acme, alice, bob):
        with context.enter(acme):
            document = make_document()
            restrict(document, Audience(is_confidential=True))
        page = (
            browser_of(alice, acme)
            .get(f"/admin/documents/document/{document.pk}/access/", {"employee": bob.pk})
            .content.decode()
        )

        assert "Alice Example" in page and "2 of 3 active people may read it" in page
        assert "may not read it" in page and "It is confidential: only HR and owners read it." in page

    def test_personal_documents_of_others_are_not_there_for_the_owner(self, acme, alice, bob):
        with context.enter(acme):
            document = make_document()
            restrict(document, Audience(subject_id=bob.pk))
            alice.role = "ceo"
            alice.save()

        page = browser_of(alice, acme).get(f"/admin/documents/document/{document.pk}/access/")

        assert page.status_code == 404
