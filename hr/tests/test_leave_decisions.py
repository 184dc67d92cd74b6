"""Who decides on whose leave: the manager, above them, who stands in, HR and the owner, and never oneself."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from audit.models import AuditLog
from conftest import make_person
from hr.models import Employee, LeaveEntitlement, LeaveRequest
from hr.services import change_role, deactivate, leave
from hr.tests.leave_people import dora, employed, max_, on_2_march, team, wish  # noqa: F401
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.usefixtures("on_2_march")

MONDAY, FRIDAY = date(2026, 8, 3), date(2026, 8, 7)


@pytest.fixture
def bobs_request(in_acme: Tenant, team: Employee) -> LeaveRequest:  # noqa: F811
    return leave.request_leave(employee=team, wish=wish(MONDAY, FRIDAY))


@pytest.fixture
def person(acme: Tenant) -> Callable[..., Employee]:
    """Makes somebody more at acme."""

    def make(name: str, role: str, **changed: object) -> Employee:
        made = make_person(acme, email=f"{name.lower()}@acme.example", name=name, role=role)
        return employed(made, **changed)

    return make


def state_of(request: LeaveRequest) -> str:
    return str(LeaveRequest.objects.get(pk=request.pk).state)


def test_the_manager_approves_and_the_balance_changes(bobs_request: LeaveRequest, max_: Employee) -> None:  # noqa: F811
    before = leave.balance_of(employee=bobs_request.employee)
    leave.approve(request_id=bobs_request.pk, by=max_, comment="Enjoy it")
    after = leave.balance_of(employee=bobs_request.employee)

    assert (before.planned, before.pending) == (0, 5)
    assert (after.planned, after.pending) == (5, 0)
    decided = LeaveRequest.objects.get(pk=bobs_request.pk)
    assert (decided.state, decided.decided_by, decided.decision_comment) == ("approved", max_, "Enjoy it")
    [row] = AuditLog.objects.filter(verb="leave.approve")
    assert (row.target, row.outcome) == (f"leave_request:{bobs_request.pk}", "success")


def test_a_rejected_request_frees_its_days_and_needs_a_reason(bobs_request: LeaveRequest, max_: Employee) -> None:  # noqa: F811
    with pytest.raises(leave.ReasonNeeded):
        leave.reject(request_id=bobs_request.pk, by=max_, reason=" ")
    assert state_of(bobs_request) == "requested"

    leave.reject(request_id=bobs_request.pk, by=max_, reason="Two others are away")

    assert leave.balance_of(employee=bobs_request.employee).available == 30
    assert AuditLog.objects.filter(verb="leave.reject").count() == 1


def test_hr_the_owner_and_a_manager_further_up_decide_too(
    in_acme: Tenant,
    team: Employee,  # noqa: F811
    alice: Employee,
    max_: Employee,  # noqa: F811
    person: Callable[..., Employee],
) -> None:
    mona, olga = person("Mona", "manager"), person("Olga", "ceo")
    employed(max_, manager=mona)

    for weeks, by in enumerate([alice, olga, mona]):
        request = leave.request_leave(employee=team, wish=wish(date.fromordinal(MONDAY.toordinal() + 7 * weeks)))
        assert leave.approve(request_id=request.pk, by=by).state == "approved"


def test_nobody_else_decides_and_the_attempt_is_recorded(
    bobs_request: LeaveRequest,
    dora: Employee,  # noqa: F811
    person: Callable[..., Employee],
) -> None:
    other_manager = person("Nick", "manager")
    employed(dora, manager=other_manager)

    for by in (dora, other_manager):
        with pytest.raises(leave.NotYourReport):
            leave.approve(request_id=bobs_request.pk, by=by)
        with pytest.raises(leave.NotYourReport):
            leave.reject(request_id=bobs_request.pk, by=by, reason="No")
        with pytest.raises(leave.NotYourReport):
            leave.cancel(request_id=bobs_request.pk, by=by, reason="No")
        with pytest.raises(leave.NotYourReport):
            leave.find(request_id=bobs_request.pk, by=by)

    assert state_of(bobs_request) == "requested"
    refusals = AuditLog.objects.filter(outcome="refused", reason="not_your_report")
    assert sorted(refusals.values_list("verb", flat=True)) == [
        "leave.approve",
        "leave.approve",
        "leave.cancel",
        "leave.cancel",
        "leave.reject",
        "leave.reject",
    ]


def test_a_missing_request_reads_like_a_foreign_one(bobs_request: LeaveRequest, dora: Employee) -> None:  # noqa: F811
    texts = []
    for request_id in (bobs_request.pk, 999_999):
        with pytest.raises(leave.NotYourReport) as raised:
            leave.approve(request_id=request_id, by=dora)
        texts.append(str(raised.value))

    assert texts[0] == texts[1]


def test_nobody_decides_on_their_own_leave_whatever_their_role(
    in_acme: Tenant,
    team: Employee,  # noqa: F811
    alice: Employee,
    max_: Employee,  # noqa: F811
    person: Callable[..., Employee],
) -> None:
    olga = person("Olga", "ceo")
    own = {who.pk: leave.request_leave(employee=who, wish=wish(MONDAY)) for who in (alice, max_, olga)}

    for who in (alice, max_, olga):
        with pytest.raises(leave.NotYourReport):
            leave.approve(request_id=own[who.pk].pk, by=who)

    # HR's leave is the owner's to decide, the owner's and that of a manager without one above HR's.
    assert leave.approve(request_id=own[alice.pk].pk, by=olga).state == "approved"
    assert [each.pk for each in leave.waiting_for(by=alice)] == [own[max_.pk].pk, own[olga.pk].pk]
    assert leave.approve(request_id=own[olga.pk].pk, by=alice).state == "approved"


def test_what_is_decided_stays_decided(bobs_request: LeaveRequest, max_: Employee, alice: Employee) -> None:  # noqa: F811
    leave.approve(request_id=bobs_request.pk, by=max_)

    with pytest.raises(leave.AlreadyDecided, match="approved already"):
        leave.reject(request_id=bobs_request.pk, by=alice, reason="Too late")
    with pytest.raises(leave.AlreadyDecided):
        leave.approve(request_id=bobs_request.pk, by=max_)
    leave.cancel(request_id=bobs_request.pk, by=alice, reason="Asked by phone")
    with pytest.raises(leave.AlreadyDecided, match="cancelled already"):
        leave.cancel(request_id=bobs_request.pk, by=alice, reason="Again")


def test_a_demotion_or_deactivation_counts_from_the_next_request(
    bobs_request: LeaveRequest,
    max_: Employee,  # noqa: F811
    alice: Employee,
) -> None:
    stale_max, stale_alice = Employee.objects.get(pk=max_.pk), Employee.objects.get(pk=alice.pk)
    change_role(employee=max_, role="employee")
    deactivate(employee=alice)

    for by in (stale_max, stale_alice):
        with pytest.raises(leave.NotYourReport):
            leave.approve(request_id=bobs_request.pk, by=by)


def test_who_leaves_the_team_is_not_decided_on_any_more(bobs_request: LeaveRequest, max_: Employee) -> None:  # noqa: F811
    employed(bobs_request.employee, manager=None)

    with pytest.raises(leave.NotYourReport):
        leave.approve(request_id=bobs_request.pk, by=max_)


def test_approval_looks_at_the_balance_once_more(bobs_request: LeaveRequest, max_: Employee) -> None:  # noqa: F811
    LeaveEntitlement.objects.create(
        employee=bobs_request.employee, year=2026, days=Decimal(-26), reason="Sabbatical taken in advance"
    )

    with pytest.raises(leave.ExceedsBalance):
        leave.approve(request_id=bobs_request.pk, by=max_)


# --- Cancelling -------------------------------------------------------------------------------------------------------


def test_people_cancel_their_own_leave_before_it_starts(bobs_request: LeaveRequest, max_: Employee) -> None:  # noqa: F811
    leave.approve(request_id=bobs_request.pk, by=max_)

    cancelled = leave.cancel(request_id=bobs_request.pk, by=bobs_request.employee)

    assert (cancelled.state, cancelled.cancelled_by) == ("cancelled", bobs_request.employee)
    assert leave.balance_of(employee=bobs_request.employee).available == 30
    assert AuditLog.objects.filter(verb="leave.cancel").count() == 1


def test_approved_leave_that_has_begun_is_cancelled_by_the_manager_with_a_reason(
    in_acme: Tenant,
    team: Employee,  # noqa: F811
    max_: Employee,  # noqa: F811
) -> None:
    today = leave.request_leave(employee=team, wish=wish(date(2026, 3, 2), date(2026, 3, 3)))
    leave.approve(request_id=today.pk, by=max_)

    with pytest.raises(leave.AlreadyStarted):
        leave.cancel(request_id=today.pk, by=team)
    with pytest.raises(leave.ReasonNeeded):
        leave.cancel(request_id=today.pk, by=max_)
    leave.cancel(request_id=today.pk, by=max_, reason="Came to work after all")

    assert LeaveRequest.objects.get(pk=today.pk).cancel_reason == "Came to work after all"


def test_a_waiting_request_is_taken_back_even_after_its_first_day(in_acme: Tenant, team: Employee) -> None:  # noqa: F811
    past = leave.request_leave(employee=team, wish=wish(date(2026, 2, 27)))

    assert leave.cancel(request_id=past.pk, by=team).state == "cancelled"


# --- Standing in ------------------------------------------------------------------------------------------------------


def test_a_delegate_decides_from_the_first_to_the_last_day(
    bobs_request: LeaveRequest,
    max_: Employee,  # noqa: F811
    person: Callable[..., Employee],
) -> None:
    nick = person("Nick", "manager")
    leave.delegate_approvals(manager=max_, delegate_id=nick.pk, first_day=date(2026, 3, 2), last_day=date(2026, 3, 6))

    assert [each.pk for each in leave.waiting_for(by=nick)] == [bobs_request.pk]
    assert leave.preview_request(employee=bobs_request.employee, wish=wish(FRIDAY)).approver_name == (
        "Nick Example (for Max Example)"
    )
    assert leave.approve(request_id=bobs_request.pk, by=nick).decided_by == nick
    [row] = AuditLog.objects.filter(verb="leave.delegate")
    assert row.details["delegate"] == nick.pk


@pytest.mark.parametrize(("first", "last"), [(date(2026, 3, 3), date(2026, 3, 6))])
def test_before_and_after_it_a_delegation_counts_nothing(
    bobs_request: LeaveRequest,
    max_: Employee,  # noqa: F811
    person: Callable[..., Employee],
    first: date,
    last: date,
) -> None:
    nick = person("Nick", "manager")
    made = leave.delegate_approvals(manager=max_, delegate_id=nick.pk, first_day=first, last_day=last)
    with pytest.raises(leave.NotYourReport):
        leave.approve(request_id=bobs_request.pk, by=nick)

    type(made).objects.filter(pk=made.pk).update(first_day=date(2026, 2, 1), last_day=date(2026, 3, 1))
    with pytest.raises(leave.NotYourReport):
        leave.approve(request_id=bobs_request.pk, by=nick)


def test_a_delegation_ends_when_it_is_revoked_or_the_manager_is_none_any_more(
    bobs_request: LeaveRequest,
    max_: Employee,  # noqa: F811
    person: Callable[..., Employee],
) -> None:
    nick = person("Nick", "manager")
    days = {"first_day": date(2026, 3, 2), "last_day": date(2026, 3, 6)}
    made = leave.delegate_approvals(manager=max_, delegate_id=nick.pk, **days)
    with pytest.raises(leave.NotYourReport):
        leave.revoke_delegation(delegation_id=made.pk, manager=nick)
    leave.revoke_delegation(delegation_id=made.pk, manager=max_)
    with pytest.raises(leave.NotYourReport):
        leave.approve(request_id=bobs_request.pk, by=nick)

    leave.delegate_approvals(manager=max_, delegate_id=nick.pk, **days)
    deactivate(employee=max_)
    with pytest.raises(leave.NotYourReport):
        leave.approve(request_id=bobs_request.pk, by=nick)


def test_a_delegate_does_not_decide_on_the_own_leave_nor_on_the_managers(
    in_acme: Tenant,
    team: Employee,  # noqa: F811
    max_: Employee,  # noqa: F811
    person: Callable[..., Employee],
) -> None:
    lead = person("Lea", "manager", manager=max_)
    leave.delegate_approvals(manager=max_, delegate_id=lead.pk, first_day=date(2026, 3, 2), last_day=date(2026, 3, 6))
    own = leave.request_leave(employee=lead, wish=wish(MONDAY))
    managers = leave.request_leave(employee=max_, wish=wish(MONDAY))

    for request in (own, managers):
        with pytest.raises(leave.NotYourReport):
            leave.approve(request_id=request.pk, by=lead)
    assert leave.waiting_for(by=lead) == ()


def test_delegations_that_are_refused(
    in_acme: Tenant,
    team: Employee,  # noqa: F811
    max_: Employee,  # noqa: F811
    dora: Employee,  # noqa: F811
    alice: Employee,
) -> None:
    first, last = date(2026, 3, 2), date(2026, 3, 6)
    with pytest.raises(leave.UnknownDelegate):
        leave.delegate_approvals(manager=max_, delegate_id=dora.pk, first_day=first, last_day=last)
    with pytest.raises(leave.UnknownDelegate):
        leave.delegate_approvals(manager=max_, delegate_id=max_.pk, first_day=first, last_day=last)
    with pytest.raises(leave.NotYourReport):
        leave.delegate_approvals(manager=dora, delegate_id=alice.pk, first_day=first, last_day=last)
    with pytest.raises(leave.EndsBeforeStart):
        leave.delegate_approvals(manager=max_, delegate_id=alice.pk, first_day=last, last_day=first)
    with pytest.raises(leave.TooFar):
        leave.delegate_approvals(
            manager=max_, delegate_id=alice.pk, first_day=date(2026, 2, 1), last_day=date(2026, 3, 1)
        )
    with pytest.raises(leave.TooFar):
        leave.delegate_approvals(manager=max_, delegate_id=alice.pk, first_day=first, last_day=date(2027, 3, 3))


# --- The team ---------------------------------------------------------------------------------------------------------


def test_the_managers_calendar_shows_the_team_and_not_that_somebody_is_sick(
    bobs_request: LeaveRequest,
    max_: Employee,  # noqa: F811
    dora: Employee,  # noqa: F811
    alice: Employee,
) -> None:
    leave.request_leave(employee=dora, wish=wish(date(2026, 3, 2), type_code="sick"))
    leave.request_leave(employee=alice, wish=wish(MONDAY))  # not in the team
    cancelled = leave.request_leave(employee=dora, wish=wish(MONDAY))
    leave.cancel(request_id=cancelled.pk, by=dora)

    found = leave.team_absences(manager=max_, first=date(2026, 3, 1), last=date(2026, 8, 3))

    assert [(each.name, each.kind, each.is_waiting) for each in found] == [
        ("Dora Example", "Away", False),
        ("Bob Example", "Vacation", True),
    ]
    assert leave.team_absences(manager=max_, first=date(2026, 3, 3), last=date(2026, 8, 2)) == ()
    # An empty calendar is an answer, too: that nobody is away.
    looks = AuditLog.objects.filter(verb="leave.team").order_by("sequence")
    assert [look.details for look in looks] == [{"absences": 2}, {"absences": 0}]


def test_people_further_below_are_in_the_calendar_unless_only_the_own_reports_are_asked_for(
    bobs_request: LeaveRequest,
    max_: Employee,  # noqa: F811
    person: Callable[..., Employee],
) -> None:
    mona = person("Mona", "manager")
    employed(max_, manager=mona)
    span = {"first": MONDAY, "last": FRIDAY}

    assert [each.name for each in leave.team_absences(manager=mona, **span)] == ["Bob Example"]
    assert leave.team_absences(manager=mona, **span, direct_only=True) == ()
    assert leave.waiting_for(by=mona) == ()
    assert [each.pk for each in leave.waiting_elsewhere(by=mona)] == [bobs_request.pk]
    assert {each.first_name for each in leave.team_of(manager=mona)} == {"Max", "Bob", "Dora"}


def test_an_employee_has_no_team_even_if_somebody_reports_to_them(
    bobs_request: LeaveRequest,
    dora: Employee,  # noqa: F811
    max_: Employee,  # noqa: F811
) -> None:
    employed(bobs_request.employee, manager=dora)

    assert leave.team_absences(manager=dora, first=MONDAY, last=FRIDAY) == ()
    assert leave.waiting_for(by=dora) == leave.waiting_elsewhere(by=dora) == ()
    assert not leave.has_team(employee=dora)
    assert leave.has_team(employee=max_)


def test_a_circle_in_the_tree_ends(bobs_request: LeaveRequest, max_: Employee) -> None:  # noqa: F811
    employed(max_, manager=bobs_request.employee)

    assert len(leave.team_absences(manager=max_, first=MONDAY, last=FRIDAY)) == 1
    with pytest.raises(leave.NotYourReport):
        leave.approve(request_id=bobs_request.pk, by=bobs_request.employee)


def test_without_a_manager_who_can_decide_a_request_waits_for_hr(
    bobs_request: LeaveRequest,
    max_: Employee,  # noqa: F811
    alice: Employee,
) -> None:
    assert leave.waiting_for(by=alice) == ()
    assert [each.pk for each in leave.waiting_elsewhere(by=alice)] == [bobs_request.pk]

    deactivate(employee=max_)

    assert [each.pk for each in leave.waiting_for(by=alice)] == [bobs_request.pk]
    assert leave.preview_request(employee=bobs_request.employee, wish=wish(FRIDAY)).approver_name == "HR"


def test_charlie_decides_on_nothing_of_acme(bobs_request: LeaveRequest, charlie: Employee, globex: Tenant) -> None:
    with context.enter(globex):
        change_role(employee=charlie, role="hr")
        boss = Employee.objects.get(pk=charlie.pk)
        with pytest.raises(leave.NotYourReport):
            leave.approve(request_id=bobs_request.pk, by=boss)
        assert leave.waiting_for(by=boss) == leave.waiting_elsewhere(by=boss) == ()
        assert leave.team_absences(manager=boss, first=MONDAY, last=FRIDAY) == ()

    assert state_of(bobs_request) == "requested"
