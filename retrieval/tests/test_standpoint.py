"""The same question from another standpoint: another country, another day, another person."""

from datetime import date, timedelta

import pytest
from django.test import Client

from audit.models import AuditLog
from conftest import PASSWORD
from documents.models import DocumentVersion
from documents.services import applicability
from hr import access
from hr.access import Profile
from hr.models import Employee
from retrieval import services
from retrieval.answers import Standpoint
from retrieval.models import Citation, Query
from retrieval.tests.test_indexing_and_search import ingest
from tenants import context

GERMANY = b"# Bridge days\n\nEmployees may take 4 bridge days between a public holiday and a weekend each year.\n"
FRANCE = b"# Ponts\n\nEmployees may take 2 bridge days between a public holiday and a weekend each year.\n"
QUESTION = "How many bridge days between a public holiday and a weekend are allowed?"


def applying_to(document, *, countries: list[str], first: date = date(2020, 1, 1), last: date | None = None) -> None:
    """The document's only version is for these countries and days."""
    key = applicability.key_of_applicability(countries=countries, sites=[], employment_types=[])
    DocumentVersion.objects.filter(document=document).update(
        applies_countries=countries, applies_key=key, effective_from=first, effective_to=last
    )


@pytest.fixture
def two_countries(in_acme):
    applying_to(ingest(GERMANY, "germany.md"), countries=["de"])
    applying_to(ingest(FRANCE, "france.md"), countries=["fr"])


def living_in(employee: Employee, country: str) -> Employee:
    Employee.objects.filter(pk=employee.pk).update(country=country)
    employee.refresh_from_db()
    return employee


@pytest.mark.parametrize(("country", "own", "other"), [("DE", "4 bridge", "2 bridge"), ("FR", "2 bridge", "4 bridge")])
def test_record_selects_the_policy_and_the_answer_says_so(two_countries, bob, country, own, other):
    answer = services.ask(question=QUESTION, employee=living_in(bob, country))

    assert own in answer.text
    assert other not in answer.text
    assert [attribute.key for attribute in answer.applies] == [country.lower()]
    assert [attribute.label for attribute in answer.applies] == [{"DE": "Germany", "FR": "France"}[country]]


def test_person_of_a_third_country_gets_neither(two_countries, bob):
    answer = services.ask(question=QUESTION, employee=living_in(bob, "ES"))

    assert answer.outcome == "abstained"
    assert answer.citations == ()


def test_record_without_a_country_is_asked_back_instead_of_guessed(two_countries, bob):
    answer = services.ask(question=QUESTION, employee=bob)

    assert answer.outcome == "asked_back"
    assert answer.sentences == ()
    assert answer.citations == ()
    assert answer.asked_back.name == "country"
    assert [option.label for option in answer.asked_back.options] == ["France", "Germany"]


def test_what_was_asked_back_selects_for_this_question_only(two_countries, bob):
    about = Standpoint(assumed={"country": "FR"})

    answer = services.ask(question=QUESTION, employee=bob, standpoint=about)

    assert "2 bridge" in answer.text
    assert services.ask(question=QUESTION, employee=bob).outcome == "asked_back"


def test_assumption_never_overrides_the_record_nor_opens_a_document(two_countries, in_acme, bob):
    about = Standpoint(assumed={"country": "FR"})
    document = ingest(b"# Parking\n\nThe Lyon office has 12 parking spaces for visitors.\n", "parking.md")
    type(document).objects.filter(pk=document.pk).update(audience_countries=["fr"])

    parking = services.ask(question="How many parking spaces has the Lyon office?", employee=bob, standpoint=about)
    bridge = services.ask(question=QUESTION, employee=living_in(bob, "DE"), standpoint=about)

    assert parking.outcome == "abstained"
    assert "4 bridge" in bridge.text


def test_assumption_about_anything_else_is_refused(in_acme, bob):
    with pytest.raises(services.UnknownAttribute):
        services.ask(question=QUESTION, employee=bob, standpoint=Standpoint(assumed={"role": "hr"}))


def test_as_of_answers_from_what_was_in_force_then(in_acme, bob):
    today = context.local_today()
    past = ingest(GERMANY, "germany.md")
    applying_to(past, countries=[], last=today - timedelta(days=1))
    applying_to(ingest(FRANCE, "france.md"), countries=[], first=today)

    now = services.ask(question=QUESTION, employee=bob)
    then = services.ask(question=QUESTION, employee=bob, standpoint=Standpoint(as_of=today - timedelta(days=1)))

    assert "2 bridge" in now.text and "4 bridge" not in now.text
    assert "4 bridge" in then.text and "2 bridge" not in then.text
    assert then.as_of == today - timedelta(days=1)
    citation = Citation.objects.filter(query_id=then.query_id).first()
    version = past.versions.get()
    assert (citation.version_id, citation.version_sha256) == (version.pk, version.sha256)
    assert citation.effective_to == today - timedelta(days=1)
    row = AuditLog.objects.get(verb="question.answer", target=f"query:{then.query_id}")
    assert row.details["as_of"] == then.as_of.isoformat()


def test_days_to_come_are_for_hr(in_acme, alice, bob):
    tomorrow = Standpoint(as_of=context.local_today() + timedelta(days=1))
    applying_to(ingest(GERMANY, "germany.md"), countries=[], first=tomorrow.as_of)

    with pytest.raises(services.AsOfInFuture):
        services.ask(question=QUESTION, employee=bob, standpoint=tomorrow)

    assert "4 bridge" in services.ask(question=QUESTION, employee=alice, standpoint=tomorrow).text
    assert services.ask(question=QUESTION, employee=alice).outcome == "abstained"


def test_hr_tries_a_question_as_somebody_else_and_that_is_recorded(two_countries, alice):
    standpoint = Standpoint(profile=Profile(role="employee", country="fr"))

    answer = services.ask(question=QUESTION, employee=alice, standpoint=standpoint)

    assert "2 bridge" in answer.text
    assert Query.objects.get(pk=answer.query_id).profile["country"] == "fr"
    row = AuditLog.objects.get(verb="question.answer", target=f"query:{answer.query_id}")
    assert row.details["asked_as"] == {"role": "employee", "country": "fr"}


def test_profile_reads_nothing_confidential(in_acme, alice):
    ingest(GERMANY, "germany.md", is_confidential=True)

    answer = services.ask(
        question=QUESTION, employee=alice, standpoint=Standpoint(profile=Profile(role="employee", country="de"))
    )

    assert answer.outcome == "abstained"
    assert answer.citations == ()


@pytest.mark.parametrize("role", ["hr", "ceo"])
def test_profile_is_an_employee_or_a_manager(in_acme, alice, role):
    with pytest.raises(access.ProfileNotAllowed):
        services.ask(question=QUESTION, employee=alice, standpoint=Standpoint(profile=Profile(role=role)))


def test_employee_does_not_ask_as_somebody_else(in_acme, bob):
    with pytest.raises(access.ProfileNotAllowed):
        services.ask(question=QUESTION, employee=bob, standpoint=Standpoint(profile=Profile(role="manager")))


def _browser(person: Employee) -> Client:
    client = Client(headers={"host": "acme.localhost"})
    assert client.post("/sign-in/", {"email": person.email, "password": PASSWORD}).status_code == 302
    return client


def test_page_asks_back_with_a_button_for_each_country(two_countries, bob):
    browser = _browser(bob)

    reply = browser.post("/", {"question": QUESTION}, follow=True)
    page = reply.content.decode()

    assert "In which country do you work?" in page
    assert '<button class="button button-soft" type="submit" name="about_country" value="de">Germany</button>' in page

    conversation = reply.redirect_chain[-1][0].split("#")[0]
    chosen = browser.post(conversation, {"question": QUESTION, "about_country": "de"}, follow=True)
    assert "Applies to you: Germany." in chosen.content.decode()


def test_page_offers_another_person_to_hr_only(in_acme, alice, bob):
    assert 'name="as_role"' in _browser(alice).get("/").content.decode()
    assert 'name="as_role"' not in _browser(bob).get("/").content.decode()
    assert _browser(bob).post("/", {"question": QUESTION, "as_role": "manager"}).status_code == 404


def test_page_refuses_a_day_to_come_and_keeps_the_question(in_acme, bob):
    tomorrow = context.local_today() + timedelta(days=1)

    reply = _browser(bob).post("/", {"question": QUESTION, "as_of": tomorrow.isoformat()})

    assert reply.status_code == 422
    assert "can be asked by HR only" in reply.content.decode()
    assert QUESTION in reply.content.decode()
