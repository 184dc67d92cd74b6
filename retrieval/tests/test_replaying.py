"""A stored question asked again: what differs, and why; nothing of it reaches the person's conversation."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from documents.models import DocumentVersion
from retrieval.models import AnswerTrace, Conversation, Query, ToolCall
from retrieval.services import replaying
from retrieval.tests.test_hr_reading import QUESTION, SENSITIVE, asked, handbook, rule
from retrieval.tests.test_indexing_and_search import ingest

__all__ = ["handbook", "rule"]


def again(query):
    return replaying.replay_for_operator(query_id=query.pk, reason="ticket 4711")


def why_lost(query):
    [lost] = again(query).lost
    return lost.why


def change(document, **values):
    DocumentVersion.objects.filter(document=document).update(**values)


def test_nothing_changed_is_the_same(handbook, bob):
    query = asked(bob)

    replay = again(query)

    assert replay.is_same and replay.changes == ()
    assert replay.before.confidence == pytest.approx(replay.after.confidence, abs=1e-6)
    assert [place.version_id for place in replay.kept] == [handbook.serving_version_id]


def test_nothing_is_stored_but_the_audit_row(handbook, bob):
    query = asked(bob)
    before = [model.objects.count() for model in (Conversation, Query, AnswerTrace, ToolCall)]
    rows = AuditLog.objects.count()

    again(query)

    assert [model.objects.count() for model in (Conversation, Query, AnswerTrace, ToolCall)] == before
    assert AuditLog.objects.count() == rows + 1
    row = AuditLog.objects.get(verb="answer.replay")
    assert (row.target, row.reason) == (f"query:{query.pk}", "ticket 4711")


def test_withdrawn_version_is_named_as_the_cause(handbook, bob):
    query = asked(bob)
    change(handbook, publication="withdrawn")

    assert why_lost(query) == "the version was withdrawn"
    assert again(query).after.outcome == "abstained"


def test_changed_rights_are_named_as_the_cause(handbook, bob):
    query = asked(bob)
    handbook.is_confidential = True
    handbook.save()

    assert why_lost(query).startswith("rights changed")


def test_changed_days_are_named_as_the_cause(handbook, bob):
    query = asked(bob)
    version = handbook.serving_version
    change(handbook, effective_from=version.effective_from + timedelta(days=400))

    assert why_lost(query).startswith("the version's days changed")


def test_deleted_document_is_named_as_the_cause(handbook, bob):
    query = asked(bob)
    handbook.deleted_at = query.asked_at
    handbook.save()

    assert why_lost(query) == "the document was deleted"


def test_newer_document_is_told_as_gained(handbook, bob):
    query = asked(bob)
    ingest(b"# Parental leave 2027\n\nHow many days of parental leave do I get? You get 95 days.\n", "new.md")

    gained = [place.why for place in again(query).gained]

    assert gained == ["this version was uploaded after the question was asked"]


def test_threshold_and_role_are_named_as_changes(handbook, in_acme, bob):
    query = asked(bob)
    in_acme.min_confidence_threshold = 0.99
    bob.role = "manager"
    bob.save()

    replay = again(query)
    in_acme.min_confidence_threshold = None

    assert replay.after.outcome == "abstained"
    assert [change.split(" ")[0:2] for change in replay.changes[:2]] == [["The", "threshold"], ["The", "asker's"]]


def test_follow_up_is_read_as_it_was(handbook, bob):
    first = asked(bob)
    query = asked(bob, "And how many for adoption of a child?", conversation_id=first.conversation_id)

    assert again(query).before.outcome == again(query).after.outcome


@pytest.mark.parametrize("question", [SENSITIVE, "Hello there!"])
def test_what_asked_nothing_of_the_documents_is_not_asked_again(handbook, bob, question):
    query = asked(bob, question)

    with pytest.raises(replaying.NotReplayable, match=r"^This question cannot be asked again\.$"):
        again(query)


def test_person_who_has_left_has_no_rights_to_ask_with(handbook, bob):
    query = asked(bob)
    bob.is_active = False
    bob.save()

    with pytest.raises(replaying.NotReplayable, match="has left"):
        again(query)


def printed(query, **options):
    out = io.StringIO()
    call_command("replay_answer", str(query.pk), tenant="acme", reason="ticket 4711", stdout=out, **options)
    return out.getvalue()


def test_command_prints_ids_and_digests_unless_hr_could_read_the_question(handbook, rule, bob):
    rule("reason")
    closed, open_ = asked(bob, keep_private=True), asked(bob)

    assert f"document {handbook.pk}, version 1" in printed(closed)
    assert "Leave" not in printed(closed)
    assert "“Leave”, version 1" in printed(open_)
    assert QUESTION not in printed(open_) + printed(closed)


@pytest.mark.parametrize("reason", ["", "  x "])
def test_command_wants_a_reason(handbook, bob, reason):
    query = asked(bob)

    with pytest.raises(CommandError, match="say why"):
        call_command("replay_answer", str(query.pk), tenant="acme", reason=reason)


def test_answer_of_another_company_is_not_there(handbook, globex, bob):
    query = asked(bob)

    with pytest.raises(CommandError, match="no such question"):
        call_command("replay_answer", str(query.pk), tenant="globex", reason="ticket 4711")
