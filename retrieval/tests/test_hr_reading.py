"""Who may read a question besides its asker: the company's rule and the asker's lane together, with a reason."""

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditLog
from conftest import make_person
from hr import access
from retrieval import services
from retrieval.models import Query
from retrieval.services import hr_reading
from retrieval.tests.browsing import browser_of
from retrieval.tests.test_indexing_and_search import LEAVE, ingest
from tenants.models import Tenant

QUESTION = "How many days of parental leave do I get?"
SENSITIVE = "My boss keeps touching me and I do not know what to do."


@pytest.fixture
def handbook(in_acme):
    return ingest(LEAVE, "leave.md")


@pytest.fixture
def rule(in_acme):
    """Sets the company's rule, as its settings do."""

    def state(value):
        Tenant.objects.filter(pk=in_acme.pk).update(hr_reading=value)
        in_acme.hr_reading = value

    yield state
    in_acme.hr_reading = "never"


def asked(person, question=QUESTION, **options):
    return Query.objects.select_related("trace").get(
        pk=services.ask(question=question, employee=person, **options).query_id
    )


def opened(query, by):
    return hr_reading.open_conversation(query_id=query.pk, by=by, reason="a look at weak answers")


# Rule when it was asked, rule now, lane, whether HR reads it.
TABLE = [
    ("never", "never", "company", False),
    ("never", "never", "shared", False),
    ("never", "shared", "company", False),
    ("never", "shared", "shared", True),
    ("never", "reason", "company", False),
    ("never", "reason", "shared", True),
    ("shared", "reason", "company", False),
    ("shared", "shared", "private", False),
    ("reason", "reason", "company", True),
    ("reason", "reason", "private", False),
    ("reason", "reason", "shared", True),
    ("reason", "shared", "company", False),
    ("reason", "never", "shared", False),
]


@pytest.mark.parametrize(("then", "now", "lane", "is_read"), TABLE)
def test_rule_and_lane_decide_together(handbook, rule, alice, bob, then, now, lane, is_read):
    rule(then)
    query = asked(bob)
    services.choose_lane(query_id=query.pk, scope=access.scope_of(bob), lane=lane)
    query.refresh_from_db()
    rule(now)

    assert hr_reading.is_readable(query) is is_read
    assert Query.objects.filter(hr_reading.readable()).exists() is is_read
    if is_read:
        assert [one.question for one in opened(query, alice).queries] == [QUESTION]
    else:
        with pytest.raises(services.NotForHr):
            opened(query, alice)


@pytest.mark.parametrize("value", ["shared", "reason"])
def test_sensitive_message_is_read_by_nobody_and_cannot_be_shared(handbook, rule, alice, bob, value):
    rule(value)
    query = asked(bob, SENSITIVE)

    with pytest.raises(services.NotShareable):
        services.choose_lane(query_id=query.pk, scope=access.scope_of(bob), lane="shared")
    with pytest.raises(services.NotForHr):
        opened(query, alice)
    assert not AuditLog.objects.filter(verb="question.lane").exists()
    with pytest.raises(IntegrityError, match="query_sensitive_is_never_shared"), transaction.atomic():
        Query.objects.filter(pk=query.pk).update(lane="shared")


def test_greeting_is_as_closed_as_a_sensitive_message(handbook, rule, alice, bob):
    rule("reason")
    greeting, sensitive = asked(bob, "Hello there!"), asked(bob, SENSITIVE)

    assert [hr_reading.is_readable(query) for query in (greeting, sensitive)] == [False, False]


def test_opening_a_conversation_leaves_one_row_with_the_reason(handbook, rule, alice, bob):
    rule("reason")
    first = asked(bob)
    asked(bob, "When do I need a doctor's note?", conversation_id=first.conversation_id, keep_private=True)

    seen = opened(first, alice)

    assert [query.pk for query in seen.queries] == [first.pk]
    row = AuditLog.objects.get(verb="conversation.open_for_hr", outcome="success")
    assert (row.target, row.reason) == (f"conversation:{first.conversation_id}", "a look at weak answers")
    assert row.details["asker"] == bob.actor_label
    assert "parental" not in str(row.details)


def test_owners_and_managers_do_not_read(handbook, rule, acme, alice, bob):
    rule("reason")
    query = asked(bob)

    for role in ("ceo", "manager", "employee"):
        person = make_person(acme, email=f"{role}@acme.example", name=role, role=role)
        with pytest.raises(services.NotForHr):
            opened(query, person)
    assert AuditLog.objects.filter(verb="conversation.open_for_hr", outcome="refused").count() == 3


def test_question_of_another_company_is_not_there(handbook, rule, globex, alice, bob, charlie):
    rule("reason")
    query = asked(bob)

    with pytest.raises(services.QueryNotFound):
        services.choose_lane(query_id=query.pk, scope=access.scope_of(alice), lane="shared")
    assert browser_of(charlie, globex).post(f"/q/{query.pk}/readers/", {"lane": "shared"}).status_code == 404


def test_page_says_who_reads_and_lets_its_asker_choose(handbook, rule, bob, in_acme):
    rule("shared")
    query = asked(bob)
    browser = browser_of(bob, in_acme)
    page = f"/c/{query.conversation_id}/"
    assert "HR reads a question only when you share it" in browser.get(page).content.decode()
    assert "Share with HR" in browser.get(page).content.decode()

    browser.post(f"/q/{query.pk}/readers/", {"lane": "shared"})

    assert "You shared this question and its answer with HR." in browser.get(page).content.decode()
    assert AuditLog.objects.get(verb="question.lane").details == {"lane": "shared"}
    part = browser.post(f"/q/{query.pk}/readers/", {"lane": "private"}, headers={"x-part": "feedback"})
    assert "Only you can read this." in part.content.decode()


def test_page_offers_nothing_where_hr_reads_nothing(handbook, bob, in_acme):
    query = asked(bob)

    page = browser_of(bob, in_acme).get(f"/c/{query.conversation_id}/").content.decode()

    assert "Only you can read what you ask." in page
    assert "Share with HR" not in page and "keep_private" not in page


def test_question_is_kept_private_as_it_is_asked(handbook, rule, bob, in_acme):
    rule("reason")

    browser_of(bob, in_acme).post("/", {"question": QUESTION, "keep_private": "1"})

    query = Query.objects.get()
    assert (query.lane, query.hr_reading) == ("private", "reason")
    page = browser_of(bob, in_acme).get(f"/c/{query.conversation_id}/").content.decode()
    assert 'name="keep_private" value="1" checked' in page


def test_comment_can_be_shared_with_its_question(handbook, rule, bob, in_acme):
    rule("shared")
    query = asked(bob)

    browser_of(bob, in_acme).post(f"/q/{query.pk}/feedback/", {"rating": "down", "comment": "Old", "share": "1"})

    query.refresh_from_db()
    assert query.lane == "shared"
    assert AuditLog.objects.get(verb="answer.feedback").details == {"rating": "down", "lane": "shared"}


@pytest.mark.parametrize("lane", ["", "everybody"])
def test_unknown_lane_is_refused(handbook, bob, in_acme, lane):
    query = asked(bob)

    assert browser_of(bob, in_acme).post(f"/q/{query.pk}/readers/", {"lane": lane}).status_code == 400


def test_settings_page_changes_the_rule_with_an_audit_row(in_acme, alice):
    browser = browser_of(alice, in_acme)

    browser.post("/admin/settings/", {"hr_reading": "shared", "suggested_questions": ""})

    assert Tenant.objects.get(pk=in_acme.pk).hr_reading == "shared"
    row = AuditLog.objects.get(verb="tenant.settings")
    assert row.details["changed"] == ["hr_reading"] and row.details["hr_reading"] == "shared"
