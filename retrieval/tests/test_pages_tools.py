"""Answers from the record on the pages and over the API, with the click that does what was shown."""

import json
import re

import pytest

from conftest import make_person
from hr import tokens
from hr.models import LeaveRequest
from retrieval import services
from retrieval.models import ToolProposal
from retrieval.tests.browsing import browser_of
from retrieval.tests.test_tools import coming_monday, record  # noqa: F401  (a fixture)

ORIGIN = {"origin": "http://acme.localhost"}


@pytest.fixture
def browser(record, acme):  # noqa: F811
    return browser_of(record, acme)


def asked(browser, question):
    """The page of the answer to a question that was sent by the form."""
    response = browser.post("/", {"question": question}, headers=ORIGIN)
    assert response.status_code == 302, response.content.decode()[:500]
    url = response["location"].partition("#")[0]
    return url, browser.get(url).content.decode()


def wish():
    return f"Please book me leave on {coming_monday()}"


def test_answer_from_the_record_shows_its_proof_without_a_script(browser):
    _, page = asked(browser, "How many days of leave do I have left?")

    assert "From your record" in page
    assert "how it was computed" in page
    assert "/leave/" in page


def test_click_on_the_page_requests_the_leave(browser):
    url, page = asked(browser, wish())
    action = re.search(r'action="(/proposals/[^"]+)"', page)[1]
    digest = re.search(r'name="digest" value="(\w+)"', page)[1]
    assert not LeaveRequest.objects.exists()

    response = browser.post(action, {"digest": digest}, headers=ORIGIN)

    assert response["location"].partition("#")[0] == url
    page = browser.get(url).content.decode()
    assert LeaveRequest.objects.count() == 1
    assert "Requested: vacation" in page
    assert "/proposals/" not in page


def test_second_click_says_that_it_was_decided(browser):
    url, page = asked(browser, wish())
    action = re.search(r'action="(/proposals/[^"]+)"', page)[1]
    digest = re.search(r'name="digest" value="(\w+)"', page)[1]
    browser.post(action, {"digest": digest}, headers=ORIGIN)

    browser.post(action, {"digest": digest}, headers=ORIGIN)

    assert "already decided" in browser.get(url).content.decode()
    assert LeaveRequest.objects.count() == 1


def test_click_without_csrf_token_does_nothing(record, acme):  # noqa: F811
    answer = services.ask(question=wish(), employee=record)
    strict = browser_of(record, acme)
    strict.handler.enforce_csrf_checks = True

    part = answer.results[0]
    response = strict.post(f"/proposals/{part.proposal_id}/confirm/", {"digest": part.proposal_digest})

    assert response.status_code == 403
    assert not LeaveRequest.objects.exists()


def test_colleague_cannot_click(record, acme):  # noqa: F811
    part = services.ask(question=wish(), employee=record).results[0]
    erin = make_person(acme, email="erin@acme.example", name="Erin", role="hr")

    response = browser_of(erin, acme).post(
        f"/proposals/{part.proposal_id}/confirm/", {"digest": part.proposal_digest}, headers=ORIGIN
    )

    assert response.status_code == 404
    assert not LeaveRequest.objects.exists()


def test_days_that_were_missing_are_chosen_in_a_form(browser):
    url, page = asked(browser, "I'd like to take some vacation, please book it")
    action = re.search(r'action="(/c/[^"]+/leave-days/)"', page)[1]
    monday = coming_monday().isoformat()

    response = browser.post(action, {"first_day": monday, "last_day": "", "part": "morning"}, headers=ORIGIN)

    assert response.status_code == 302
    proposal = ToolProposal.objects.get()
    assert proposal.arguments["first_day"] == monday
    assert proposal.arguments["last_day_half"] is True
    assert "0.5 working days" in browser.get(url).content.decode()


def test_bad_days_are_asked_again(browser):
    url, page = asked(browser, "I'd like to take some vacation, please book it")
    action = re.search(r'action="(/c/[^"]+/leave-days/)"', page)[1]

    browser.post(action, {"first_day": "soon"}, headers=ORIGIN)

    assert "choose the first day off" in browser.get(url).content.decode()


def test_denial_is_explained_on_the_page(browser):
    _, page = asked(browser, "what does Alice earn")

    assert "somebody else&#x27;s record" in page
    assert "Not yours to see" in page


def test_stream_tells_of_the_tool_and_ends_with_the_same_answer(browser):
    told = b"".join(browser.post("/ask/stream/", {"question": "Who is my manager?"}, headers=ORIGIN)).decode()

    assert "event: tool\n" in told
    assert "Dave Example" in told


def api(client, token, path, body):
    return client.post(
        f"/api/v1/{path}",
        data=json.dumps(body),
        content_type="application/json",
        headers={"host": "acme.localhost", "authorization": f"Bearer {token}"},
    )


def test_api_gives_the_record_and_confirms_the_proposal(record, acme):  # noqa: F811
    browser = browser_of(record, acme)
    token = tokens.issue_access_token(employee=record, reason="test")
    answer = api(browser, token, "query", {"question": wish()}).json()
    [part] = answer["record"]["parts"]

    wrong = api(browser, token, f"proposals/{part['proposal']['id']}/confirm", {"digest": "x"})
    done = api(browser, token, f"proposals/{part['proposal']['id']}/confirm", {"digest": part["proposal"]["digest"]})
    again = api(browser, token, f"proposals/{part['proposal']['id']}/confirm", {"digest": part["proposal"]["digest"]})

    assert (answer["record"]["version"], part["status"]) == (1, "proposed")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (409, "proposal_changed")
    assert (done.status_code, done.json()["status"]) == (200, "done")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "proposal_spent")
    assert LeaveRequest.objects.count() == 1


def test_api_gives_the_approved_words(record, acme):  # noqa: F811
    token = tokens.issue_access_token(employee=record, reason="test")

    answer = api(browser_of(record, acme), token, "query", {"question": "I am being harassed by my boss"}).json()

    assert answer["outcome"] == "sensitive"
    assert answer["sensitive"]["topic"] == "harassment"
    assert answer["answer"].startswith(answer["sensitive"]["paragraphs"][0])
