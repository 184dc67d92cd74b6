"""Thumbs and comments."""

import uuid

import pytest
from django.test import Client

from audit.models import AuditLog
from retrieval.models import Feedback
from retrieval.tests import stories
from retrieval.tests.browsing import browser_of
from tenants import context


@pytest.fixture
def browser(bob, acme) -> Client:
    return browser_of(bob, acme)


def test_thumb_is_kept_and_shown_where_it_was_given(browser, bob, in_acme):
    query = stories.make_answer(employee=bob)

    reply = browser.post(f"/q/{query.pk}/feedback/", {"rating": "up"})

    assert reply["Location"] == f"/c/{query.conversation_id}/#a-{query.pk}"
    page = browser.get(f"/c/{query.conversation_id}/").content.decode()
    assert 'value="up" aria-pressed="true"' in page and 'value="down" aria-pressed="false"' in page
    assert AuditLog.objects.get(verb="answer.feedback").details == {"rating": "up"}


def test_comment_can_follow_and_is_not_lost_by_another_thumb(browser, bob, in_acme):
    query = stories.make_answer(employee=bob)
    path = f"/q/{query.pk}/feedback/"
    browser.post(path, {"rating": "down", "comment": "Wrong <b>year</b>", "is_hallucination": "1"})

    page = browser.get(f"/c/{query.conversation_id}/").content.decode()

    assert page.count("Wrong &lt;b&gt;year&lt;/b&gt;") == 2  # in the comment's form and in that of the thumbs
    kept = Feedback.objects.get(query=query)
    assert (kept.rating, kept.comment, kept.is_hallucination) == ("down", "Wrong <b>year</b>", True)


def test_script_gets_the_changed_part_only(browser, bob, in_acme):
    query = stories.make_answer(employee=bob)

    part = browser.post(f"/q/{query.pk}/feedback/", {"rating": "down"}, headers={"x-part": "feedback"})

    text = part.content.decode()
    assert part.status_code == 200
    assert "<html" not in text and "data-feedback-part" in text
    assert "What is wrong or missing?" in text


@pytest.mark.parametrize("form", [{}, {"rating": "sideways"}, {"rating": "up", "comment": "x" * 2001}])
def test_impossible_judgement_is_refused(browser, bob, in_acme, form):
    query = stories.make_answer(employee=bob)

    assert browser.post(f"/q/{query.pk}/feedback/", form).status_code == 400
    assert browser.post(f"/q/{query.pk}/feedback/", form, headers={"x-part": "feedback"}).status_code == 422
    assert not Feedback.objects.exists()


def test_only_the_asker_judges(bob, alice, charlie, acme, globex):
    with context.enter(acme):
        query = stories.make_answer(employee=alice)

    for browser in (browser_of(bob, acme), browser_of(charlie, globex)):
        for query_id in (query.pk, uuid.uuid4()):
            assert browser.post(f"/q/{query_id}/feedback/", {"rating": "up"}).status_code == 404
    with context.enter(acme):
        assert not Feedback.objects.exists()


def test_feedback_needs_a_post(browser, bob, in_acme):
    assert browser.get(f"/q/{stories.make_answer(employee=bob).pk}/feedback/").status_code == 405
