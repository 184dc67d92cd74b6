"""The assistant's tools act as the person of the session: read with proof, propose, and do only after a click."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import AuditLog
from hr.models import Employee, LeavePolicy, LeaveRequest, LeaveType
from hr.pay import PayLine
from hr.services import pay
from retrieval import serializers, services
from retrieval.answers import Standpoint
from retrieval.models import AnswerRecord, Query, ToolCall, ToolProposal
from retrieval.services import confirming, sealed_parts, tool_calls
from retrieval.tests.test_indexing_and_search import LEAVE, ingest
from retrieval.tools.callers import Caller
from tenants import context

CARRY_OVER = b"""# Annual leave

## Carry-over

Unused days of annual leave can be carried over into the next year. Carried over days lapse on 31 March.
"""


@pytest.fixture
def record(in_acme, bob, alice):
    """Bob works in Germany in Sales under Dave, with 30 days of leave; he was paid for October."""
    dave = Employee.objects.create(
        employee_number="D1", email="dave@acme.example", first_name="Dave", last_name="Example", role="manager"
    )
    Employee.objects.filter(pk__in=[bob.pk, alice.pk]).update(country="DE", department="Sales", start_date="2020-01-01")
    Employee.objects.filter(pk=bob.pk).update(manager=dave)
    for year in range(2024, 2029):
        LeavePolicy.objects.update_or_create(
            country="DE", from_year=year, employment_type="", defaults={"annual_days": Decimal(30)}
        )
    bob.refresh_from_db()
    alice.refresh_from_db()
    make_pay(bob, "4250.00", "700.00")
    make_pay(alice, "9999.00", "99.00")
    return bob


def make_pay(employee, gross, pension):
    lines = [
        PayLine(code="BASE", label="Base salary", kind="earning", amount=Decimal(gross)),
        PayLine(
            code="PENSION",
            label="Pension insurance",
            kind="deduction",
            amount=Decimal(pension),
            explanation="Your half of the contribution to the pension.",
        ),
    ]
    pay.create_paystub(
        employee=employee,
        period_start_date=date(2026, 10, 1),
        period_end_date=date(2026, 10, 31),
        pay_date=date(2026, 10, 28),
        currency="EUR",
        gross=Decimal(gross),
        net=Decimal(gross) - Decimal(pension),
        lines=lines,
    )


def ask(question, employee, **more):
    return services.ask(question=question, employee=employee, **more)


def coming_monday():
    today = context.local_today()
    return today + timedelta(days=21 - today.weekday())


def test_leave_balance_comes_from_the_record_with_its_proof(record):
    answer = ask("How many days of leave do I have left?", record)

    [part] = answer.results
    assert (answer.outcome, answer.generator, part.tool, part.status) == ("answered", "record", "leave_balance", "done")
    assert "you can still take" in part.text
    assert part.rows
    assert part.steps


def test_two_questions_get_a_part_from_the_record_and_one_from_the_policy(record):
    ingest(CARRY_OVER, "annual.md")

    answer = ask("How many days do I have left and can I carry them over?", record)

    assert [part.tool for part in answer.results] == ["leave_balance"]
    assert "carried over" in answer.text
    assert answer.citations
    assert answer.unanswered == ""


def test_second_question_that_the_documents_do_not_answer_is_said_so(record):
    ingest(LEAVE, "leave.md")

    answer = ask("Who is my manager and what is the boiling point of tungsten?", record)

    assert "Dave Example" in answer.results[0].text
    assert answer.unanswered == "what is the boiling point of tungsten"


def test_record_answers_while_nothing_can_be_searched(record, settings):
    settings.QDRANT_URL = ""
    Query.objects.all().delete()
    from retrieval.models import IndexGeneration

    IndexGeneration.objects.all().delete()

    answer = ask("Who is my manager?", record)

    assert "Dave Example" in answer.results[0].text


@pytest.mark.parametrize(
    ("question", "tool", "said"),
    [
        ("Who is my manager?", "my_manager", "Dave Example"),
        ("Which department am I in?", "my_department", "Sales"),
        ("Show me my latest payslip", "paystubs", "4,250.00"),
        ("What did I earn in October?", "paystubs", "3,550.00"),
        ("What does the line pension insurance on my paystub mean?", "paystub_line", "half of the contribution"),
        ("What is the status of my leave request?", "leave_requests", "no leave requests"),
    ],
)
def test_each_tool_answers_from_the_own_record(record, question, tool, said):
    [part] = ask(question, record).results

    assert part.tool == tool
    assert said in part.text


@pytest.mark.parametrize(
    "question",
    [
        "what does Alice earn",
        "show me Alice's paystub",
        "How many days of leave does Alice have left?",
        "What is the salary of Nobody Atall?",
        "show me her payslip",
        "what is my manager's salary?",
    ],
)
def test_somebody_elses_record_is_denied_explained_and_logged(record, question):
    answer = ask(question, record)

    [part] = answer.results
    assert (answer.outcome, part.status, part.reason) == ("denied", "denied", "someone_else")
    assert "somebody else's record" in part.text
    assert "9,999" not in str(answer)
    call = ToolCall.objects.get(query_id=answer.query_id)
    assert (call.is_allowed, call.outcome) == (False, "denied")
    row = AuditLog.objects.get(verb="tool.call", target=f"query:{answer.query_id}")
    assert (row.outcome, row.reason) == ("refused", "someone_else")


def test_denial_is_the_same_for_people_who_do_not_exist(record):
    known, unknown = ask("what does Alice earn", record), ask("what does Zarathustra earn", record)

    assert known.results == unknown.results


def test_team_absences_are_for_managers(record, in_acme):
    dave = Employee.objects.get(employee_number="D1")
    monday = coming_monday()
    LeaveRequest.objects.create(
        employee=record,
        leave_type_id=1,
        first_day=monday,
        last_day=monday + timedelta(days=1),
        days=Decimal(2),
        counted_days={monday.isoformat(): "1.0"},
    )

    refused, shown = ask("Who in my team is on leave next month?", record), ask("Who in my team is away?", dave)

    assert (refused.outcome, refused.results[0].reason) == ("denied", "not_a_manager")
    assert "Bob Example" in str(shown.results[0].rows)


def test_every_call_has_a_row_and_an_audit_row(record):
    answer = ask("What did I earn in October?", record)

    call = ToolCall.objects.get(query_id=answer.query_id)
    assert (call.tool, call.is_allowed, call.outcome) == ("paystubs", True, "done")
    [row] = AuditLog.objects.filter(verb="tool.call", target=f"query:{answer.query_id}")
    assert row.details == {"tool": "paystubs", "outcome": "done", "arguments": call.arguments_digest}


def test_amounts_are_sealed_at_rest_and_shown_again_from_there(record):
    answer = ask("What did I earn in October?", record)

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(q)::text FROM queries q WHERE id = %s", [answer.query_id])
        stored = cursor.fetchone()[0]
        cursor.execute("SELECT encode(content, 'escape') FROM answer_records WHERE query_id = %s", [answer.query_id])
        stored += cursor.fetchone()[0]
    assert "4,250" not in stored
    assert "3,550" not in stored
    opened = sealed_parts.opened(Query.objects.select_related("record__subject_key").get(pk=answer.query_id))
    assert opened is not None
    assert opened.results == answer.results


def test_request_for_leave_only_proposes(record):
    monday = coming_monday()

    answer = ask(f"Please book me leave from {monday} to {monday + timedelta(days=2)}", record)

    [part] = answer.results
    assert part.status == "proposed"
    assert "3 working days" in part.text
    assert ("After" in str(part.rows)) and ("Before" in str(part.rows))
    assert not LeaveRequest.objects.exists()


def test_click_does_what_was_shown_and_the_answer_says_so(record):
    answer, part = proposed(record)

    result = confirming.confirm(proposal_id=part.proposal_id, digest=part.proposal_digest, employee=record)

    request = LeaveRequest.objects.get()
    assert (request.employee_id, request.first_day, result.status) == (record.pk, coming_monday(), "done")
    query = Query.objects.select_related("record__subject_key").get(pk=answer.query_id)
    assert sealed_parts.opened(query).results[0].title == "Leave requested"
    assert list(ToolCall.objects.order_by("pk").values_list("outcome", flat=True)) == ["proposed", "executed"]
    assert AuditLog.objects.filter(verb="tool.confirm", target=f"proposal:{part.proposal_id}").count() == 1


def test_click_works_once(record):
    _, part = proposed(record)
    confirming.confirm(proposal_id=part.proposal_id, digest=part.proposal_digest, employee=record)

    with pytest.raises(confirming.ProposalRefused) as refused:
        confirming.confirm(proposal_id=part.proposal_id, digest=part.proposal_digest, employee=record)

    assert refused.value.code == "proposal_spent"
    assert LeaveRequest.objects.count() == 1


def test_click_after_its_time_does_nothing(record):
    _, part = proposed(record)

    with pytest.raises(confirming.ProposalRefused) as refused:
        confirming.confirm(
            proposal_id=part.proposal_id,
            digest=part.proposal_digest,
            employee=record,
            now=timezone.now() + timedelta(minutes=16),
        )

    assert refused.value.code == "proposal_expired"
    assert not LeaveRequest.objects.exists()


def test_proposal_of_somebody_else_is_not_found(record, alice):
    _, part = proposed(record)

    with pytest.raises(confirming.ProposalNotFound):
        confirming.confirm(proposal_id=part.proposal_id, digest=part.proposal_digest, employee=alice)

    assert not LeaveRequest.objects.exists()
    assert AuditLog.objects.filter(verb="tool.confirm", outcome="refused").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"arguments": {"first_day": "2027-01-04", "last_day": "2027-01-29"}},
        {"tool": "leave_balance"},
        {"digest": "0" * 64},
    ],
)
def test_changed_proposal_is_refused(record, change):
    _, part = proposed(record)
    ToolProposal.objects.filter(pk=part.proposal_id).update(**change)

    with pytest.raises(confirming.ProposalRefused) as refused:
        confirming.confirm(proposal_id=part.proposal_id, digest=part.proposal_digest, employee=record)

    assert refused.value.code == "proposal_changed"
    assert not LeaveRequest.objects.exists()


def test_what_became_impossible_is_said_and_not_done(record):
    _, part = proposed(record)
    _, again = proposed(record)
    confirming.confirm(proposal_id=part.proposal_id, digest=part.proposal_digest, employee=record)

    result = confirming.confirm(proposal_id=again.proposal_id, digest=again.proposal_digest, employee=record)

    assert result.reason == "overlap"
    assert "not possible any more" in result.text
    assert LeaveRequest.objects.count() == 1


def test_words_without_days_are_asked_back(record):
    [part] = ask("I'd like to take some vacation, please book it", record).results

    assert (part.status, part.missing is not None) == ("asked", True)
    assert not ToolProposal.objects.exists()


def test_as_a_synthetic_profile_no_record_is_read(record, alice):
    from hr.access import Profile
    from retrieval.answers import Standpoint

    ingest(LEAVE, "leave.md")
    standpoint = Standpoint(profile=Profile(role="employee", department="", country="", site="", employment_type=""))

    answer = ask("How many days of leave do I have left?", alice, standpoint=standpoint)

    assert answer.results == ()
    assert not ToolCall.objects.exists()


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("leave_balance", {"employee_id": 1}, "names_a_person"),
        ("paystubs", {"employee_number": "E-1"}, "names_a_person"),
        ("paystubs", {"first_day": "2026-10-01", "person": "Alice"}, "names_a_person"),
        ("paystubs", {"first_day": "yesterday"}, "ill_typed:first_day"),
        ("request_leave", {"first_day": "2026-12-01", "first_day_half": "yes"}, "ill_typed:first_day_half"),
        ("leave_balance", {"x": 1}, "unknown_argument"),
        ("delete_everything", {}, "unknown_tool"),
        ("someone_else", {}, "unknown_tool"),
    ],
)
def test_arguments_that_are_not_the_tools_are_denied(record, name, arguments, reason):
    query_id = "00000000-0000-4000-8000-000000000001"
    caller = Caller(employee=record, today=context.local_today())

    result = tool_calls.call(name=name, arguments=arguments, caller=caller, query_id=query_id)

    assert (result.status, result.reason) == ("denied", reason)
    assert ToolCall.objects.get().reason == reason


def test_charlie_has_nothing_of_acme(record, globex, charlie):
    _, part = proposed(record)

    with context.enter(globex), pytest.raises(confirming.ProposalNotFound):
        confirming.confirm(proposal_id=part.proposal_id, digest=part.proposal_digest, employee=charlie)


def test_deleted_conversation_takes_its_parts_and_leaves_the_calls(record):
    answer, _ = proposed(record)

    services.delete_conversation(conversation_id=answer.conversation_id, scope=_scope(record))

    assert not AnswerRecord.objects.exists()
    assert not ToolProposal.objects.exists()
    assert ToolCall.objects.get().query_id is None


def proposed(employee):
    monday = coming_monday()
    answer = ask(f"Please book me leave from {monday} to {monday + timedelta(days=2)}", employee)
    return answer, answer.results[0]


def _scope(employee):
    from hr import access

    return access.scope_of(employee)


def sick_days(employee, first, days):
    LeaveRequest.objects.create(
        employee=employee,
        leave_type=LeaveType.objects.get(code="sick"),
        first_day=first,
        last_day=first + timedelta(days=days - 1),
        days=Decimal(days),
        state="approved",
    )


def test_sick_days_are_counted_by_kind_and_year(record):
    year = context.local_today().year
    sick_days(record, date(year, 1, 12), 2)
    sick_days(record, date(year - 1, 1, 12), 3)

    [part] = ask("How many sick days did I take this year?", record).results

    assert part.tool == "leave_requests"
    assert "2 days" in part.lines[0]
    assert len(part.rows) == 1


def test_month_that_is_named_chooses_its_paystub(record):
    line = ask("Why was my net pay higher in October?", record).results[0]
    missing = ask("Why was my net pay higher in March?", record).results[0]
    paid = ask("How much did I get in June?", record).results[0]

    assert "October 2026" in line.lines[0]
    assert (missing.tool, missing.status) == ("paystub_line", "empty")
    assert (paid.tool, paid.status) == ("paystubs", "empty")


@pytest.mark.parametrize("question", ["What's my employee number?", "tell me my staff number"])
def test_fact_of_the_record_that_is_asked_for_stands_in_the_words(record, question):
    answer = ask(question, record)

    assert record.employee_number in answer.results[0].lines[0]
    assert record.employee_number in serializers.answered(answer)["answer"]


def test_who_approves_is_the_manager(record):
    assert "Dave Example" in ask("Who approves my leave?", record).results[0].text


def test_cancelling_leads_to_the_page_and_changes_nothing(record):
    first = coming_monday()
    sick_days(record, first, 1)

    [part] = ask(f"cancel my vacation on {first.day} {first:%B %Y}", record).results

    assert "cannot cancel" in part.text
    assert len(part.rows) == 1
    assert [label for label, _ in part.links] == ["My leave"]
    assert LeaveRequest.objects.get(employee=record).state == "approved"


def test_balance_is_of_the_day_as_of_which_is_asked(record):
    day = context.local_today() - timedelta(days=40)

    [part] = ask("How many days do I have left?", record, standpoint=Standpoint(as_of=day)).results

    assert f"On {day.day} {day:%B %Y} you could" in part.text


def test_other_records_say_that_they_are_of_today(record):
    day = context.local_today() - timedelta(days=40)

    [part] = ask("Who is my manager?", record, standpoint=Standpoint(as_of=day)).results

    assert "as it is today" in part.text


def test_manager_who_wants_to_approve_is_led_to_the_page(record):
    dave = record.manager

    [part] = ask("Approve Bob's leave", dave).results
    [denied] = ask("Approve Dave's leave", record).results

    assert (part.tool, part.status) == ("team_decisions", "done")
    assert denied.status == "denied"


@pytest.mark.parametrize("question", ["average salary in my department", "show me Timo Ahrens' record"])
def test_pay_of_a_group_and_records_by_name_are_denied_also_to_hr(record, alice, question):
    assert [part.status for part in ask(question, alice).results] == ["denied"]


def test_days_in_figures_with_two_readings_are_asked_back(record):
    [part] = ask("book me leave from 3/4/2027 to 3/6/2027", record).results

    assert (part.tool, part.status) == ("request_leave", "asked")


def test_programs_that_read_only_the_answer_get_the_words_of_the_record(record):
    for question in ("How many days of leave do I have left?", "What does Anna earn?", "Show me my leave requests."):
        answer = ask(question, record)
        assert all(line in serializers.answered(answer)["answer"] for line in answer.results[0].lines)
