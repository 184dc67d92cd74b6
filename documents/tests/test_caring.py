"""The page of documents to look after: what is on it and what is not."""

from datetime import timedelta

import pytest

from documents import caring
from documents.tests.timelines import make_document, make_person, make_version
from hr import access
from hr.models import Employee
from retrieval.tests import stories
from retrieval.tests.browsing import browser_of
from tenants import context

DAY = timedelta(days=1)


@pytest.fixture
def today(in_acme):
    return context.local_today()


def found(today, title, *, role="hr"):
    person = make_person(900 + Employee.objects.count(), role=role)
    concerns = caring.concerns(scope=access.scope_of(person), today=today)
    [concern] = [one for one in concerns if one.title == title]
    return [(item.document.title, item.note, item.is_late) for item in concern.items]


def test_reviews_are_announced_a_month_ahead(today):
    make_document(title="Late", review_due_date=today - DAY)
    make_document(title="Soon", review_due_date=today + 30 * DAY)
    make_document(title="Later", review_due_date=today + 31 * DAY)

    assert found(today, "Due for review") == [
        ("Late", f"since {today - DAY}", True),
        ("Soon", f"by {today + 30 * DAY}", False),
    ]


def test_ends_without_a_successor_are_announced_two_months_ahead(today):
    for title, last in (("Soon", 60), ("Later", 61), ("Today", 0)):
        make_version(make_document(title=title), first=today - DAY, last=today + last * DAY, publication="published")
    followed = make_document(title="Followed")
    make_version(followed, first=today - DAY, last=today, publication="published")
    make_version(followed, first=today + DAY, publication="published")

    assert [title for title, *_ in found(today, "Ending without a successor")] == ["Today", "Soon"]


def test_what_waits_and_what_begins(today):
    make_version(make_document(title="Draft"))
    make_version(make_document(title="Reviewing"), publication="in_review")
    make_version(make_document(title="Scheduled"), first=today + DAY, publication="published")

    assert [(title, note) for title, note, _ in found(today, "Waiting for review or publication")] == [
        ("Draft", "version 1: draft"),
        ("Reviewing", "version 1: in review"),
    ]
    assert [title for title, *_ in found(today, "Scheduled to begin")] == ["Scheduled"]


def test_documents_in_force_for_a_quarter_that_no_answer_cited(today, bob):
    old = make_document(title="Old")
    make_version(old, first=today - 90 * DAY, publication="published")
    make_version(make_document(title="New"), first=today - 89 * DAY, publication="published")
    cited = stories.make_document(title="Cited")
    stories.make_answer(employee=bob, quotes=((cited, "Twins: 20 weeks."),))

    assert [title for title, *_ in found(today, "Never cited")] == ["Old"]


def test_others_personal_documents_are_not_the_owners_to_see(today, bob):
    make_document(title="Bob's", persona="personal", subject=bob, review_due_date=today)

    assert found(today, "Due for review", role="ceo") == []
    assert [title for title, *_ in found(today, "Due for review")] == ["Bob's"]
    assert found(today, "Without an owner") == []


def test_page_shows_the_concerns_to_hr_only(acme, alice, bob):
    with context.enter(acme):
        make_document(title="Nobody's policy")

    page = browser_of(alice, acme).get("/admin/documents/document/look-after/").content.decode()
    assert "Nobody&#x27;s policy" in page and "Without an owner (1)" in page
    assert browser_of(bob, acme).get("/admin/documents/document/look-after/").status_code in (302, 403)
