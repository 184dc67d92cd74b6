"""Rules of the rows about tools and topics, each with a row that breaks it; and times in questions about the record."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from retrieval.models import SensitiveTopicText, ToolCall, ToolProposal
from retrieval.tests import stories
from retrieval.tools import results, windows
from retrieval.tools.results import Missing, Row, ToolResult

TODAY = date(2026, 11, 18)


def call(employee, **values):
    known = {"tool": "paystubs", "arguments_digest": "0", "is_allowed": True, "outcome": "done"}
    return ToolCall.objects.create(employee=employee, called_at=timezone.now(), **{**known, **values})


def proposal(employee, **values):
    now = timezone.now()
    known = {"tool": "request_leave", "arguments": {}, "digest": "0", "created_at": now}
    known |= {"query": stories.make_answer(employee=employee), "expires_at": now + timedelta(minutes=1)}
    return ToolProposal.objects.create(employee=employee, **{**known, **values})


@pytest.mark.parametrize(
    ("make", "values", "constraint"),
    [
        (call, {"outcome": "other"}, "tool_call_outcome_known"),
        (call, {"outcome": "denied"}, "tool_call_denied_means_not_allowed"),
        (call, {"is_allowed": False}, "tool_call_denied_means_not_allowed"),
        (proposal, {"state": "other", "decided_at": timezone.now()}, "tool_proposal_state_known"),
        (proposal, {"expires_at": timezone.now() - timedelta(days=1)}, "tool_proposal_expires_after_it_was_made"),
        (proposal, {"state": "done"}, "tool_proposal_decided_at_some_time"),
        (proposal, {"decided_at": timezone.now()}, "tool_proposal_decided_at_some_time"),
    ],
)
def test_rule_is_kept_by_the_database(in_acme, bob, make, values, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make(bob, **values)


def test_unknown_topic_is_refused_by_the_database(in_acme):
    with pytest.raises(IntegrityError, match="sensitive_topic_known"), transaction.atomic():
        SensitiveTopicText.objects.create(topic="weather")


def test_every_company_begins_with_one_row_a_topic(in_acme):
    assert set(SensitiveTopicText.objects.values_list("topic", flat=True)) == set(SensitiveTopicText.Topic.values)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("What did I earn in August?", date(2026, 8, 1), date(2026, 8, 31)),
        ("my payslip for December", date(2025, 12, 1), date(2025, 12, 31)),
        ("my payslip of May 2024", date(2024, 5, 1), date(2024, 5, 31)),
        ("what did I earn last month", date(2026, 10, 1), date(2026, 10, 31)),
        ("all payslips of this year", date(2026, 1, 1), date(2026, 12, 31)),
        ("what I earned in 2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("last year's payslips", date(2025, 1, 1), date(2025, 12, 31)),
        ("what was I paid this month", date(2026, 11, 1), date(2026, 11, 30)),
    ],
)
def test_past_times_are_read(text, first, last):
    window = windows.read_past(text=text, today=TODAY)

    assert (window.first, window.last) == (first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Who is out today?", TODAY, TODAY),
        ("who is away this week", date(2026, 11, 16), date(2026, 11, 22)),
        ("who is away next week", date(2026, 11, 23), date(2026, 11, 29)),
        ("absences next month", date(2026, 12, 1), date(2026, 12, 31)),
        ("absences this month", date(2026, 11, 1), date(2026, 11, 30)),
        ("anybody off on Friday?", date(2026, 11, 20), date(2026, 11, 20)),
        ("who is off in August", date(2027, 8, 1), date(2027, 8, 31)),
    ],
)
def test_coming_times_are_read(text, first, last):
    window = windows.read_coming(text=text, today=TODAY)

    assert (window.first, window.last) == (first, last)


@pytest.mark.parametrize("text", ["may I see my pay", "what do I earn"])
def test_words_without_a_time_leave_it_to_the_tool(text):
    assert windows.read_past(text=text, today=TODAY) is None
    assert windows.read_coming(text=text, today=TODAY) is None


def test_stored_result_is_read_back_as_it_was():
    result = ToolResult(
        tool="request_leave",
        status="asked",
        title="Request leave",
        lines=("When?",),
        rows=(Row(title="Balance", facts=(("Before", "3 days"),), href="/leave/"),),
        steps=("1 + 1 = 2",),
        links=(("My leave", "/leave/"),),
        missing=Missing(first_day="2026-12-01", types=(("vacation", "Vacation"),)),
    )

    assert results.from_json(results.to_json(result)) == result
