"""The ask box: as a plain form, and streamed."""

import json
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from audit import actors
from hr.models import Employee
from retrieval import services
from retrieval.answers import Answer, Contact, Event, Standpoint
from retrieval.models import Conversation, Query
from retrieval.tests import stories
from retrieval.tests.browsing import browser_of
from tenants import context

QUOTE = "Parents receive 16 weeks of paid parental leave."


class FakeAnswering:
    """Stands in for retrieval.services.ask and ask_streaming; stores what they would store."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, uuid.UUID | None]] = []
        self.actor_labels: list[str] = []
        self.kept_private: list[bool] = []
        self.error: Exception | None = None

    def ask(
        self,
        *,
        question: str,
        employee: Employee,
        standpoint: Standpoint,
        conversation_id: uuid.UUID | None = None,
        keep_private: bool = False,
    ) -> Answer:
        self.asked.append((question, conversation_id))
        self.kept_private.append(keep_private)
        if self.error:
            raise self.error
        conversation = Conversation.objects.filter(pk=conversation_id).first()
        document = stories.make_document()
        query = stories.make_answer(
            employee=employee, question=question, quotes=((document, QUOTE),), conversation=conversation
        )
        return Answer(
            query_id=query.pk,
            conversation_id=query.conversation_id,
            outcome="answered",
            text=QUOTE,
            sentences=(),
            citations=(),
            confidence=0.9,
            threshold=0.5,
            contact=Contact(name="", email=""),
            generator="extractive",
            fallback_reason="",
            prompt_version="test",
            embed_model="test",
            timings_ms={},
            as_of=timezone.now().date(),
        )

    def ask_streaming(
        self,
        *,
        question: str,
        employee: Employee,
        standpoint: Standpoint,
        conversation_id: uuid.UUID | None = None,
        keep_private: bool = False,
    ):
        yield Event("search_results", {"passages": ()})
        yield Event("token", {"text": "Parents <b>receive</b>\n\nevent: final\n"})
        self.actor_labels.append(actors.current_actor().label)
        answer = self.ask(
            question=question,
            employee=employee,
            standpoint=standpoint,
            conversation_id=conversation_id,
            keep_private=keep_private,
        )
        yield Event("final", {"answer": answer})


@pytest.fixture
def answering(monkeypatch) -> FakeAnswering:
    fake = FakeAnswering()
    monkeypatch.setattr("retrieval.services.ask", fake.ask)
    monkeypatch.setattr("retrieval.services.ask_streaming", fake.ask_streaming)
    return fake


@pytest.fixture
def browser(bob, acme) -> Client:
    return browser_of(bob, acme)


def _events(response) -> list[tuple[str, dict]]:
    body = b"".join(response.streaming_content).decode()
    return [
        (re.search(r"^event: (.*)$", block, re.M)[1], json.loads(re.search(r"^data: (.*)$", block, re.M)[1]))
        for block in body.strip().split("\n\n")
    ]


def test_first_page_greets_by_name_and_suggests_the_companys_own_questions(browser, acme):
    acme.suggested_questions = ["When is payday?", "<b>Bold?</b>", 5]
    acme.save()

    page = browser.get("/").content.decode()

    assert "Hello Bob" in page and "Acme Instruments" in page
    assert 'value="When is payday?"' in page
    assert "&lt;b&gt;Bold?&lt;/b&gt;" in page and "<b>Bold" not in page


@pytest.mark.parametrize("path", ["/", "/conversations/", f"/c/{uuid.UUID(int=7)}/", f"/d/{uuid.UUID(int=7)}/"])
def test_stranger_is_sent_to_the_sign_in_page(acme, path):
    reply = Client(headers={"host": "acme.localhost"}).get(path)

    assert (reply.status_code, reply["Location"]) == (302, f"/sign-in/?next={path}")


def test_question_sent_as_a_form_leads_to_its_answer(browser, answering):
    reply = browser.post("/", {"question": "How long is parental leave?"})

    assert reply.status_code == 302
    page = browser.get(reply["Location"]).content.decode()
    assert "How long is parental leave?" in page and QUOTE in page
    anchor = reply["Location"].partition("#")[2]
    assert f'id="{anchor}"' in page


def test_follow_up_goes_on_in_its_conversation(browser, answering):
    first = browser.post("/", {"question": "How long is parental leave?"})["Location"].partition("#")[0]

    second = browser.post(first, {"question": "And for twins?", "conversation_id": str(uuid.uuid4())})

    assert second["Location"].startswith(first)
    assert str(answering.asked[1][1]) in first


@pytest.mark.parametrize("question", ["", "   ", "\n", "\u200b", "\u202e"])
def test_empty_question_is_told_beside_the_form(browser, answering, question):
    reply = browser.post("/", {"question": question})

    assert reply.status_code == 422
    assert "Please type a question." in reply.content.decode()
    assert answering.asked == []


def test_too_long_question_is_told_and_kept(browser, answering, settings):
    settings.MAX_QUESTION_CHARS = 50
    question = "Why <i>is</i> " * 10

    reply = browser.post("/", {"question": question})

    page = reply.content.decode()
    assert reply.status_code == 422
    assert "has 139 characters; 50 are possible" in page
    assert "Why &lt;i&gt;is&lt;/i&gt; Why" in page
    assert answering.asked == []


def test_ten_thousand_characters_are_a_clear_refusal(browser, answering):
    reply = browser.post("/", {"question": "x" * 10_000})

    assert reply.status_code == 422
    assert "10,000 characters" in reply.content.decode()


def test_line_breaks_of_browsers_count_once(browser, answering, settings):
    settings.MAX_QUESTION_CHARS = 50

    assert browser.post("/", {"question": "a\r\n" * 20}).status_code == 302


@pytest.mark.parametrize(
    "question", ["🦆 leave?", "كم عدد أيام الإجازة؟", "'; DROP TABLE employees; --", "<script>alert(1)</script>"]
)
def test_odd_questions_are_asked_and_shown_as_text(browser, answering, question):
    reply = browser.post("/", {"question": question})

    page = browser.get(reply["Location"]).content.decode()
    assert answering.asked[0][0] == question
    assert "<script>alert" not in page
    assert 'dir="auto"' in page


def test_nul_character_is_refused_not_stored(browser, answering):
    assert browser.post("/", {"question": "a\x00b"}).status_code == 422


@pytest.mark.parametrize("error", [services.SearchUnavailable(), services.AskFailed()])
def test_what_is_away_is_a_503_that_keeps_the_question(browser, answering, error):
    answering.error = error

    reply = browser.post("/", {"question": "How long is it?"})

    assert (reply.status_code, reply["Retry-After"]) == (503, "30")
    assert "How long is it?</textarea>" in reply.content.decode()


def test_question_that_only_the_service_finds_empty_is_told_too(browser, answering):
    answering.error = services.QuestionEmpty()

    assert "Please type a question." in browser.post("/", {"question": "?"}).content.decode()


def test_foreign_conversation_takes_no_question(browser, answering, alice, acme):
    with context.enter(acme):
        foreign = stories.make_answer(employee=alice).conversation

    assert browser.post(f"/c/{foreign.pk}/", {"question": "Mine?"}).status_code == 404
    streamed = browser.post("/ask/stream/", {"question": "Mine?", "conversation_id": foreign.pk})
    assert streamed.status_code == 404
    assert answering.asked == []


def test_streamed_answer_ends_with_what_the_conversation_page_shows(browser, answering, bob):
    reply = browser.post("/ask/stream/", {"question": "How long is parental leave?"})

    assert reply["Content-Type"] == "text/event-stream"
    assert reply["Cache-Control"] == "private, no-store"
    events = _events(reply)
    assert [kind for kind, _ in events] == ["search_results", "token", "final"]
    final = events[-1][1]
    assert QUOTE in final["html"]
    page = browser.get(final["url"]).content.decode()
    assert final["anchor"] in page
    assert [cite for cite in re.findall(r'class="cite" href="([^"]+)"', final["html"]) if cite in page]
    assert answering.actor_labels == [bob.actor_label]


def test_stream_leaves_its_thread_in_the_public_schema(browser, answering):
    from django.db import connection

    reply = browser.post("/ask/stream/", {"question": "How long?"})
    stream = iter(reply.streaming_content)
    next(stream)

    assert connection.schema_name == "public"
    list(stream)
    assert connection.schema_name == "public"
    assert not hasattr(connection.tenant, "uuid")


def test_stopped_stream_closes_what_it_was_reading(browser, monkeypatch):
    closed = []

    def endless(**_):
        try:
            while True:
                yield Event("token", {"text": "word "})
        finally:
            closed.append(True)

    monkeypatch.setattr("retrieval.services.ask_streaming", endless)
    reply = browser.post("/ask/stream/", {"question": "How long?"})
    next(iter(reply.streaming_content))
    reply.close()

    assert closed == [True]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (services.SearchUnavailable(), "The search is not available"),
        (services.ConversationNotFound(), "conversation is gone"),
        (services.QuestionTooLong("secret"), "word it differently"),
        (ZeroDivisionError("secret"), "Something went wrong on our side"),
    ],
)
def test_what_goes_wrong_in_a_stream_is_told_in_the_stream(browser, answering, error, text):
    answering.error = error

    kind, data = _events(browser.post("/ask/stream/", {"question": "How long?"}))[-1]

    assert kind == "error"
    assert text in data["detail"] and "secret" not in data["detail"]


def test_error_event_is_passed_on(browser, monkeypatch):
    monkeypatch.setattr(
        "retrieval.services.ask_streaming",
        lambda **_: iter([Event("error", {"code": "not_recorded", "detail": "It is withheld."})]),
    )

    assert _events(browser.post("/ask/stream/", {"question": "How long?"})) == [
        ("error", {"detail": "It is withheld."})
    ]


@pytest.mark.parametrize("question", ["", "x" * 10_000])
def test_stream_of_an_impossible_question_is_refused_before_it_begins(browser, answering, question):
    reply = browser.post("/ask/stream/", {"question": question})

    assert reply.status_code == 422
    assert reply.json()["detail"]


def test_stream_is_for_signed_in_people_and_by_post_only(browser, answering, acme):
    assert browser.get("/ask/stream/").status_code == 405
    assert Client(headers={"host": "acme.localhost"}).post("/ask/stream/", {"question": "?"}).status_code == 302


def test_too_many_questions_are_slowed_down_with_the_pages_own_words(browser, answering, settings):
    settings.THROTTLE_RATES_PER_MINUTE = {**settings.THROTTLE_RATES_PER_MINUTE, "questions": 2}

    replies = [browser.post("/", {"question": "How long?"}) for _ in range(3)]

    assert [reply.status_code for reply in replies] == [302, 302, 429]
    assert "One moment, please" in replies[-1].content.decode()
    streamed = browser.post("/ask/stream/", {"question": "How long?"}, headers={"sec-fetch-mode": "cors"})
    assert streamed.status_code == 429
    assert int(streamed["Retry-After"]) >= 1
    assert "wait a minute" in streamed.json()["detail"]


def test_nothing_is_stored_for_a_refused_question(browser, answering, acme):
    browser.post("/", {"question": ""})

    with context.enter(acme):
        assert not Query.objects.exists()
