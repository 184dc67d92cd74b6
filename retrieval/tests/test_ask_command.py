"""manage.py ask: an operator's try with somebody's rights, which leaves no trace among that person's questions."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from retrieval.models import Conversation, Query, ToolCall
from retrieval.tests.test_indexing_and_search import LEAVE, SALARIES, ingest


def ask(*arguments: str) -> str:
    out = StringIO()
    call_command("ask", "--tenant", "acme", *arguments, stdout=out)
    return out.getvalue()


def test_answer_comes_with_passages_and_scores(in_acme, bob):
    ingest(LEAVE, "leave.md")

    shown = ask("How many days of parental leave do I get?")

    assert "80 working days" in shown
    assert "cosine" in shown
    assert f"employee:{bob.pk}" in shown


def test_nothing_is_added_to_the_persons_conversations(in_acme, bob):
    ingest(LEAVE, "leave.md")

    ask("How many days of parental leave do I get?", "--as", "bob@acme.example")

    assert not Query.objects.exists()
    assert not Conversation.objects.exists()
    assert AuditLog.objects.filter(verb="question.try", target=f"employee:{bob.pk}").count() == 1


def test_rights_are_those_of_the_named_person(in_acme, alice, bob):
    ingest(SALARIES, "salaries.md", is_confidential=True)

    assert "71,300" in ask("What does salary band 4 pay?", "--as", "alice@acme.example")
    assert "71,300" not in ask("What does salary band 4 pay?", "--as", "bob@acme.example")


def test_special_rights_are_never_used_unasked(in_acme, alice):
    with pytest.raises(CommandError, match="name somebody"):
        ask("What does salary band 4 pay?")


def test_operator_reads_nobodys_record(in_acme, bob):
    shown = ask("What did I earn last month?", "--as", "bob@acme.example")

    assert "The documents do not say." in shown
    assert not ToolCall.objects.exists()
    assert not AuditLog.objects.filter(verb__startswith="paystub").exists()
