"""Whoever writes that something sensitive happens to them reads the company's approved words, and HR learns nothing."""

import pytest
from django.db import connection

from audit.models import AuditLog
from retrieval import services
from retrieval.models import Conversation, Query, SensitiveTopicText
from retrieval.services import topics
from retrieval.tests.browsing import browser_of
from retrieval.tests.test_indexing_and_search import LEAVE, ingest
from retrieval.topics.texts import DEFAULT_TEXTS, TITLES, paragraphs_of

MESSAGE = "My manager keeps touching me and I am afraid"
BEREAVEMENT = b"""# Bereavement

Employees get 3 days of bereavement leave when a parent dies.
"""


def test_approved_words_and_contact_are_shown_and_nothing_is_generated(in_acme, bob):
    ingest(LEAVE, "leave.md")
    row = SensitiveTopicText.objects.get(topic="harassment")
    row.text, row.contact_name, row.contact_email = "Our own words.\n\nAnd more.", "Rosa Trust", "rosa@trust.example"
    topics.save_text(row=row)

    answer = services.ask(question=MESSAGE, employee=bob)

    assert (answer.outcome, answer.sentences, answer.citations) == ("sensitive", (), ())
    assert answer.approved.paragraphs == ("Our own words.", "And more.")
    assert answer.approved.contact_email == "rosa@trust.example"


def test_every_topic_has_words_before_hr_writes_any(in_acme):
    in_acme.contact_name = "HR desk"
    shown = [topics.approved_text(topic=topic) for topic in SensitiveTopicText.Topic.values]

    assert [text.paragraphs for text in shown] == [paragraphs_of(DEFAULT_TEXTS[text.topic]) for text in shown]
    assert set(TITLES) == set(SensitiveTopicText.Topic.values) == set(DEFAULT_TEXTS)


def test_message_that_asks_for_a_rule_too_gets_both(in_acme, bob):
    ingest(BEREAVEMENT, "bereavement.md")

    answer = services.ask(question="My father died, how many days of bereavement leave do I get?", employee=bob)

    assert answer.outcome == "sensitive"
    assert answer.approved.topic == "bereavement"
    assert "3 days" in answer.text


def test_rule_alone_is_answered_from_the_documents(in_acme, bob):
    ingest(BEREAVEMENT, "bereavement.md")

    answer = services.ask(question="What is the bereavement leave allowance when a parent dies?", employee=bob)

    assert (answer.outcome, answer.approved) == ("answered", None)


def test_what_was_written_stands_nowhere_in_the_clear(in_acme, bob):
    answer = services.ask(question=MESSAGE, employee=bob)

    stored = Query.objects.get(pk=answer.query_id)
    assert (stored.question, stored.searched_for, stored.answer) == ("", "", "")
    assert Conversation.objects.get(pk=answer.conversation_id).title == "Private conversation"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND data_type IN ('text', 'character varying', 'jsonb')"
        )
        found = []
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ~* %s', ["touching|harassment"])
            if cursor.fetchone()[0]:
                found.append((table, column))
    # The company's words, their topic and the names of columns' rules; nothing that belongs to the person.
    assert {table for table, _ in found} <= {"sensitive_topic_texts"}


def test_audit_rows_do_not_tell_a_sensitive_message_from_what_was_not_answered(in_acme, bob):
    ingest(LEAVE, "leave.md")
    questions = (MESSAGE, "What is the boiling point of tungsten?", "Hello")
    rows = [row_of(services.ask(question=question, employee=bob)) for question in questions]

    assert len({evidence_of(row) for row in rows}) == 1
    assert rows[0].details["outcome"] == "abstained"


def test_audit_rows_of_what_no_document_answered_have_one_shape(in_acme, bob):
    ingest(LEAVE, "leave.md")
    questions = (
        MESSAGE,
        "What is the boiling point of tungsten?",
        "Who is my manager?",
        "What does Anna earn?",
        "Hello",
    )
    rows = [row_of(services.ask(question=question, employee=bob)) for question in questions]

    shapes = {
        (row.verb, row.confidence, row.model_version, row.prompt_version, len(row.digest), tuple(sorted(row.details)))
        for row in rows
    }
    assert len(shapes) == 1
    assert {str(row.details["documents"]) for row in rows} == {"[]"}


def test_audit_row_of_quoted_documents_has_confidence_and_model(in_acme, bob):
    ingest(LEAVE, "leave.md")

    row = row_of(services.ask(question="How many days of parental leave do I get?", employee=bob))

    assert row.confidence > 0
    assert row.model_version
    assert row.details["documents"]


def row_of(answer):
    return AuditLog.objects.get(verb="question.answer", target=f"query:{answer.query_id}")


def evidence_of(row):
    return str((row.outcome, row.reason, row.details, row.confidence, row.model_version, row.prompt_version))


def test_follow_up_is_still_about_it(in_acme, bob):
    first = services.ask(question=MESSAGE, employee=bob)

    second = services.ask(question="And now?", employee=bob, conversation_id=first.conversation_id)

    assert second.outcome == "sensitive"
    assert second.approved.topic == "harassment"


def test_later_question_is_not_read_together_with_it(in_acme, bob):
    ingest(LEAVE, "leave.md")
    first = services.ask(question=MESSAGE, employee=bob)

    later = services.ask(
        question="How many days of parental leave do I get?", employee=bob, conversation_id=first.conversation_id
    )

    assert (later.outcome, Query.objects.get(pk=later.query_id).searched_for) == ("answered", "")


def test_own_page_shows_it_again_and_offers_no_feedback(in_acme, bob):
    answer = services.ask(question=MESSAGE, employee=bob)

    page = browser_of(bob, in_acme).get(f"/c/{answer.conversation_id}/").content.decode()

    assert MESSAGE in page
    assert "You do not have to put up with this" in page
    assert "data-feedback" not in page


@pytest.mark.parametrize(
    "path",
    ["/admin/", "/admin/audit/auditlog/", "/admin/retrieval/toolcall/", "/admin/retrieval/sensitivetopictext/"],
)
def test_hr_sees_neither_message_nor_that_there_was_one(in_acme, alice, bob, path):
    browser = browser_of(alice, in_acme)
    before = browser.get(path).content.decode()
    services.ask(question=MESSAGE, employee=bob)

    page = browser.get(path).content.decode()

    assert "touching" not in page
    assert page.count("sensitive") == before.count("sensitive")


def test_hr_writes_the_words_in_the_console_with_an_audit_row(in_acme, alice):
    row = SensitiveTopicText.objects.get(topic="health")
    browser = browser_of(alice, in_acme)
    url = f"/admin/retrieval/sensitivetopictext/{row.pk}/change/"

    response = browser.post(
        url,
        {"text": "We are here.", "contact_name": "Dr. Help", "contact_email": "", "contact_phone": "+49 30 1"},
        headers={"origin": "http://acme.localhost"},
    )

    assert response.status_code == 302
    assert topics.approved_text(topic="health").paragraphs == ("We are here.",)
    assert AuditLog.objects.filter(verb="topic.edit", target="topic:health").count() == 1
    assert "We are here." in browser.get(url).content.decode()


def test_employees_do_not_write_the_words(in_acme, bob):
    row = SensitiveTopicText.objects.get(topic="health")

    response = browser_of(bob, in_acme).get(f"/admin/retrieval/sensitivetopictext/{row.pk}/change/")

    assert "contact_phone" not in response.content.decode()


def test_charlie_reads_his_own_companys_words(in_acme, globex, charlie):
    from tenants import context

    row = SensitiveTopicText.objects.get(topic="harassment")
    row.text = "Words of acme."
    topics.save_text(row=row)

    with context.enter(globex):
        assert "Words of acme." not in topics.approved_text(topic="harassment").paragraphs
