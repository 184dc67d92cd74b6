"""The console's pages on answers: how one came about, what was asked, reports, and the same question today."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from conftest import make_person
from documents.rights import Audience
from hr import access
from retrieval import services
from retrieval.models import Chunk, Feedback, Query
from retrieval.tests import stories
from retrieval.tests.browsing import browser_of
from retrieval.tests.test_hr_reading import QUESTION, SENSITIVE, asked, handbook, rule
from retrieval.tests.test_indexing_and_search import SALARIES, ingest

LIST = "/admin/retrieval/query/"
REPORTS = "/admin/retrieval/feedback/"

__all__ = ["handbook", "rule"]


def page_of(query):
    return f"{LIST}{query.pk}/change/"


@pytest.fixture
def hr(alice, in_acme):
    return browser_of(alice, in_acme)


@pytest.fixture
def reader(hr):
    """HR, who said why."""
    hr.post("/admin/audit/auditlog/reason/", {"reason": "a look at weak answers"})
    return hr


def text(response):
    return response.content.decode()


def test_page_tells_in_plain_words_and_is_recorded_once(handbook, hr, bob):
    query = asked(bob)

    page = text(hr.get(page_of(query)))

    assert "looked at, all of documents that the asker may read" in page
    assert "The answer rests on 1 passage." in page
    assert "above the installation" in page and "so it was given." in page
    assert "Every sentence stands word for word in its document." in page
    assert AuditLog.objects.filter(verb="answer.open", target=f"query:{query.pk}").count() == 1


def test_page_names_neither_question_nor_asker(handbook, hr, bob):
    query = asked(bob, "How many weeks may a first-time father called Wilbur stay at home?")

    for path in (LIST, page_of(query)):
        page = text(hr.get(path))
        assert "Wilbur" not in page
        assert bob.email not in page and f'"{bob.actor_label}"' not in page
    assert "This company lets HR read no questions." in text(hr.get(page_of(query)))


def test_passages_that_the_viewer_may_not_read_have_no_words(handbook, bob, acme, in_acme):
    review = b"# Review\n\nThe plan for parental leave is 70 days in summer.\n"
    ingest(review, "bob.md", audience=Audience(subject_id=bob.pk))
    query = asked(bob, "How many days is the plan for parental leave in summer?")
    owner = make_person(acme, email="ceo@acme.example", name="Ceo", role="ceo")

    page = text(browser_of(owner, in_acme).get(page_of(query)))

    assert "Not readable by you" in page
    assert "in summer" not in page


def test_answer_of_before_there_were_traces_is_told_as_far_as_it_goes(hr, bob, in_acme):
    document = stories.make_document()
    query = stories.make_answer(employee=bob, quotes=((document, "Twins: 20 weeks."),))
    Query.objects.filter(pk=query.pk).update(
        candidates=[{"chunk_id": str(uuid.uuid4()), "rank": 1, "dense": 0.5, "bm25": 1.0, "fused": 0.6}]
    )

    page = text(hr.get(page_of(query)))

    assert "from before all of this was kept" in page
    assert "No longer in the index" in page


def test_list_finds_an_answer_by_the_target_of_the_audit_log(handbook, hr, bob):
    query, other = asked(bob), asked(bob, "When do I need a doctor's note?")

    page = text(hr.get(LIST, {"q": f"query:{query.pk}"}))

    assert str(query.pk) in page and str(other.pk) not in page
    assert str(query.pk) not in text(hr.get(LIST, {"q": "nonsense"}))


def test_sensitive_message_stands_among_those_not_answered(handbook, hr, bob):
    sensitive = asked(bob, SENSITIVE)

    found = text(hr.get(LIST, {"outcome": "abstained"}))

    assert str(sensitive.pk) in found and "Not answered" in found
    assert "sensitive" not in text(hr.get(page_of(sensitive))).lower().replace("sensitive topics", "").replace(
        "sensitivetopictext", ""
    )


@pytest.mark.parametrize(
    "query",
    [
        {"outcome": "answered"},
        {"judged": "down"},
        {"judged": "made_up"},
        {"judged": "none"},
        {"question": "readable"},
        {"question": "shared"},
        {"confidence_from": "0.2", "confidence_to": "0.9"},
    ],
)
def test_filters_work(handbook, rule, hr, bob, query):
    rule("reason")
    asked(bob)

    assert hr.get(LIST, query).status_code == 200


def test_list_costs_the_same_queries_for_one_answer_and_for_many(hr, bob, in_acme):
    stories.make_answer(employee=bob)
    hr.get(LIST)  # what is looked up once a second, such as switches, is known now
    with CaptureQueriesContext(connection) as for_one:
        hr.get(LIST)
    for _ in range(12):
        Feedback.objects.create(query=stories.make_answer(employee=bob), rating="down")
    with CaptureQueriesContext(connection) as for_many:
        hr.get(LIST)

    assert len(for_many) == len(for_one) <= 12


def test_question_is_read_for_a_reason_that_is_kept(handbook, rule, hr, bob):
    rule("shared")
    query = asked(bob)
    services.choose_lane(query_id=query.pk, scope=access.scope_of(bob), lane="shared")
    path = f"{LIST}{query.pk}/question/"

    asks = hr.get(path)
    assert asks.status_code == 302 and "auditlog/reason/" in asks["Location"]
    hr.post(asks["Location"], {"reason": "a look at weak answers"})
    page = text(hr.get(path))

    assert QUESTION in page and "80 working days" in page and str(bob) in page
    rows = AuditLog.objects.filter(verb="conversation.open_for_hr")
    assert [(row.target, row.reason) for row in rows] == [
        (f"conversation:{query.conversation_id}", "a look at weak answers")
    ]


def test_question_that_is_not_for_hr_is_refused_without_a_word(handbook, rule, reader, bob):
    rule("reason")
    query = asked(bob, keep_private=True)

    response = reader.get(f"{LIST}{query.pk}/question/", follow=True)

    assert QUESTION not in text(response)
    assert "between the person who asked and the assistant" in text(response)
    assert AuditLog.objects.get(verb="conversation.open_for_hr").outcome == "refused"


def test_owner_sees_how_it_came_about_and_not_what_was_asked(handbook, rule, bob, acme, in_acme):
    rule("reason")
    query = asked(bob)
    owner = browser_of(make_person(acme, email="ceo@acme.example", name="Ceo", role="ceo"), in_acme)

    assert "read by HR only" in text(owner.get(page_of(query)))
    assert owner.get(f"{LIST}{query.pk}/question/").status_code == 403
    assert owner.get(f"{LIST}{query.pk}/ask-again/").status_code == 403


def test_employees_have_no_such_pages(handbook, bob, in_acme):
    query = asked(bob)

    assert browser_of(bob, in_acme).get(page_of(query)).status_code == 302


def test_answer_of_another_company_is_not_there(handbook, bob, globex, charlie):
    query = asked(bob)
    hr_there = make_person(globex, email="hr2@globex.example", name="Hr", role="hr")

    assert browser_of(hr_there, globex).get(page_of(query)).status_code == 302
    assert not AuditLog.objects.filter(verb="answer.open").exists()


def test_report_is_dealt_with_and_comes_back_when_judged_again(handbook, hr, alice, bob):
    query, scope = asked(bob), access.scope_of(bob)
    report = services.give_feedback(query_id=query.pk, scope=scope, rating="down", comment="It is 90 days now")
    assert "It is 90 days now" not in text(hr.get(REPORTS)) + text(hr.get(f"{REPORTS}{report.pk}/change/"))

    hr.post(f"{REPORTS}{report.pk}/handle/", {"confirmed": "1", "reason": "the handbook was corrected"})

    report.refresh_from_db()
    assert report.handled_at and report.handled_by == alice.actor_label
    assert AuditLog.objects.get(verb="feedback.handle").reason == "the handbook was corrected"
    services.give_feedback(query_id=query.pk, scope=scope, rating="down")
    report.refresh_from_db()
    assert report.handled_at is None and report.handled_by == ""


def test_comment_is_read_with_its_question_once_it_is_shared(handbook, rule, reader, bob):
    rule("shared")
    query = asked(bob)
    services.give_feedback(
        query_id=query.pk, scope=access.scope_of(bob), rating="down", comment="It is 90 days now", share=True
    )

    assert "Read it" in text(reader.get(REPORTS))
    assert "It is 90 days now" in text(reader.get(f"{LIST}{query.pk}/question/"))


def test_asking_again_shows_the_same_or_why_not(handbook, rule, hr, bob):
    rule("reason")
    query = asked(bob)
    path = f"{LIST}{query.pk}/ask-again/"
    before = Query.objects.count()

    same = text(hr.post(path, {"confirmed": "1", "reason": "is it still so?"}))
    Chunk.objects.filter(version=handbook.serving_version).delete()
    other = text(hr.post(path, {"confirmed": "1", "reason": "is it still so?"}))

    assert "Today the answer is the same." in same
    assert "Today the answer is another one." in other and "cut or indexed anew" in other
    assert Query.objects.count() == before
    assert AuditLog.objects.filter(verb="answer.replay", reason="is it still so?").count() == 2


def test_quotes_of_confidential_documents_are_shown_to_those_who_may_read_them(handbook, alice, in_acme):
    ingest(SALARIES, "salaries.md", is_confidential=True)
    query = asked(alice, "What does salary band 4 pay?")

    assert "71,300" in text(browser_of(alice, in_acme).get(page_of(query)))
