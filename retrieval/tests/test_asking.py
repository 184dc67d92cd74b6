"""A question becomes a stored, cited, audited answer, or an honest abstention."""

import pytest

from audit.models import AuditLog
from retrieval import services
from retrieval.models import Citation, Conversation, Query
from retrieval.tests.test_indexing_and_search import LEAVE, SALARIES, ingest
from tenants import context


def test_answer_is_cited_stored_and_audited(in_acme, bob):
    document = ingest(LEAVE, "leave.md")

    answer = services.ask(question="How many days of parental leave do I get?", employee=bob)

    assert answer.outcome == "answered"
    assert "80 working days" in answer.text
    [citation] = Citation.objects.filter(query_id=answer.query_id, n=answer.sentences[0].citations[0])
    assert citation.document_id == document.pk
    assert document.serving_version.parsed.text[citation.start : citation.end] == citation.quote
    row = AuditLog.objects.get(verb="question.answer", target=f"query:{answer.query_id}")
    assert row.confidence == answer.confidence
    assert "parental" not in str(row.details) + row.reason


def test_question_without_an_answer_is_abstained_from(in_acme, bob):
    ingest(LEAVE, "leave.md")

    answer = services.ask(question="What is the boiling point of tungsten?", employee=bob)

    assert answer.outcome == "abstained"
    assert answer.sentences == ()
    assert Query.objects.get(pk=answer.query_id).outcome == "abstained"


def test_threshold_of_the_company_counts_at_once(in_acme, bob):
    ingest(LEAVE, "leave.md")
    in_acme.min_confidence_threshold = 1.0
    in_acme.save()

    answer = services.ask(question="When do I need a doctor's note?", employee=bob)

    assert answer.threshold == 1.0
    assert answer.outcome == ("abstained" if answer.confidence < 1.0 else "answered")


def test_employee_gets_no_answer_from_a_confidential_document(in_acme, alice, bob):
    ingest(SALARIES, "salaries.md", is_confidential=True)

    assert "71,300" in services.ask(question="What does salary band 4 pay?", employee=alice).text
    answer = services.ask(question="What does salary band 4 pay?", employee=bob)

    assert answer.outcome == "abstained"
    assert answer.citations == ()


def test_conversation_of_somebody_else_is_not_found(in_acme, alice, bob):
    ingest(LEAVE, "leave.md")
    answer = services.ask(question="How many days of parental leave do I get?", employee=alice)

    with pytest.raises(services.ConversationNotFound):
        services.ask(question="And for twins?", employee=bob, conversation_id=answer.conversation_id)


def test_streamed_answer_ends_with_the_stored_one(in_acme, globex, bob):
    ingest(LEAVE, "leave.md")
    events = services.ask_streaming(question="How many days of parental leave do I get?", employee=bob)

    with context.enter_platform():  # the middleware has left the tenant when a body is streamed
        seen = list(events)

    kinds = [event.kind for event in seen]
    assert kinds[-1] == "final"
    assert kinds.index("token") < kinds.index("citation") < kinds.index("final")
    assert seen[-1].data["answer"].text == "".join(e.data["text"] for e in seen if e.kind == "token").strip()


@pytest.mark.parametrize("question", ["", "   ", "\x00\x01", "​"])
def test_empty_question_is_refused(in_acme, bob, question):
    with pytest.raises(services.QuestionEmpty):
        services.ask(question=question, employee=bob)
    assert not Conversation.objects.exists()


def test_question_that_is_too_long_is_refused(in_acme, bob):
    with pytest.raises(services.QuestionTooLong):
        services.ask(question="why " * 5000, employee=bob)


@pytest.mark.parametrize(
    "question", ["🙂🙂", "ما هي مدة الإجازة؟", "'; DROP TABLE employees; --", "<script>alert(1)</script>", "???"]
)
def test_odd_question_gets_an_honest_answer(in_acme, bob, question):
    ingest(LEAVE, "leave.md")

    answer = services.ask(question=question, employee=bob)

    assert answer.outcome == "abstained"


def test_overrides_of_the_writing_direction_are_dropped(in_acme, bob):
    answer = services.ask(question="leave \u202eevael\u202c?", employee=bob)

    assert Query.objects.get(pk=answer.query_id).question == "leave evael?"
    assert answer.citations == ()


BONUS = b"""# Referral bonus

## How much

The referral bonus is EUR 2,000 for each new colleague who is hired.
"""


def test_follow_ups_do_not_get_stuck_on_the_first_topic(in_acme, bob):
    ingest(LEAVE, "leave.md")
    ingest(BONUS, "bonus.md")
    first = services.ask(question="How many days of parental leave do I get?", employee=bob)

    def follow(question):
        return services.ask(question=question, employee=bob, conversation_id=first.conversation_id)

    thanks = follow("thanks")
    approver = follow("who approves it?")
    bonus = follow("and how much is the bonus?")

    assert (thanks.outcome, thanks.confidence, thanks.citations) == ("abstained", 0.0, ())
    assert approver.outcome == "abstained"
    assert "EUR 2,000" in bonus.text
    assert "parental" not in bonus.text
    searched = dict(Query.objects.values_list("question", "searched_for"))
    assert searched["who approves it?"] == "How many days of parental leave do I get? who approves it?"
    assert searched["and how much is the bonus?"] == ""


def test_the_same_text_in_two_documents_is_one_source(in_acme, bob):
    ingest(LEAVE, "leave.md")
    ingest(LEAVE + b"\n", "leave-copy.md")

    answer = services.ask(question="How many days of parental leave do I get?", employee=bob)

    assert answer.outcome == "answered"
    assert len({citation.document_id for citation in answer.citations}) == 1
