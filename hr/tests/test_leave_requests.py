"""Asking for leave: what is counted, what speaks against it, and that two at once cannot take the same days."""

import threading
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from audit.models import AuditLog
from conftest import make_person
from hr import access
from hr.models import Employee, HolidayChange, LeaveRequest, LeaveType, WorkingWeek
from hr.services import deactivate, leave
from hr.tests.leave_people import NOW, dora, employed, max_, on_2_march, policy, team, wish  # noqa: F401
from tenants import context
from tenants import services as tenants
from tenants.models import Tenant

pytestmark = pytest.mark.usefixtures("on_2_march")

MONDAY, FRIDAY = date(2026, 8, 3), date(2026, 8, 7)


@pytest.fixture
def bob_in_acme(in_acme: Tenant, team: Employee) -> Employee:  # noqa: F811
    return team


def refused(error: type[leave.LeaveRefused], employee: Employee, **values: Any) -> str:
    """Refused by the class, and the preview says the same; nothing is written. Returns the text."""
    before = LeaveRequest.objects.count()
    found = leave.preview_request(employee=employee, wish=wish(**values))
    with pytest.raises(error) as raised:
        leave.request_leave(employee=employee, wish=wish(**values))
    assert found.problems[0] == leave.Problem(code=error.code, message=str(raised.value))
    assert not found.is_possible
    assert LeaveRequest.objects.count() == before
    return str(raised.value)


def test_a_week_in_august_takes_five_of_thirty_days(bob_in_acme: Employee) -> None:
    found = leave.preview_request(employee=bob_in_acme, wish=wish(MONDAY, FRIDAY))
    request = leave.request_leave(employee=bob_in_acme, wish=wish(MONDAY, FRIDAY))

    assert (found.days, request.days, request.state) == (5, 5, "requested")
    assert [(year.before.available, year.after.available) for year in found.years] == [(30, 25)]
    assert found.summary == (
        "Vacation, 3 August 2026 to 7 August 2026: 5 working days.",
        "Balance of 2026: 30 before, 25 after these 5 days.",
        "Max Example decides.",
    )
    assert leave.balance_of(employee=bob_in_acme).pending == 5


def test_a_preview_writes_nothing(bob_in_acme: Employee) -> None:
    rows = AuditLog.objects.count()

    leave.preview_request(employee=bob_in_acme, wish=wish(MONDAY, FRIDAY))

    assert not LeaveRequest.objects.exists()
    assert AuditLog.objects.count() == rows


def test_a_request_is_audited_without_personal_detail(bob_in_acme: Employee) -> None:
    request = leave.request_leave(employee=bob_in_acme, wish=wish(MONDAY, FRIDAY, comment="My wedding"))

    [row] = AuditLog.objects.filter(verb="leave.request")
    assert row.target == f"leave_request:{request.pk}"
    assert row.details == {"days": "5"}
    assert "wedding" not in str(row.__dict__)


def test_holidays_and_weekends_are_not_counted(bob_in_acme: Employee) -> None:
    HolidayChange.objects.create(country="DE", site="Bonn", day=date(2026, 4, 2), name="Factory holiday")
    in_bonn = employed(bob_in_acme, site="bonn")
    easter = wish(date(2026, 4, 1), date(2026, 4, 7))

    assert leave.preview_request(employee=bob_in_acme, wish=easter).days == 3  # Wednesday, Thursday, Tuesday
    found = leave.preview_request(employee=in_bonn, wish=easter)
    assert found.days == 2
    assert found.free_days == 2
    assert [name for _, name in found.holidays] == ["Factory holiday", "Good Friday", "Easter Monday"]


def test_a_sites_change_wins_over_the_countrys(bob_in_acme: Employee) -> None:
    HolidayChange.objects.create(country="DE", day=MONDAY, name="Company day")
    HolidayChange.objects.create(country="DE", site="Bonn", day=MONDAY, is_holiday=False)

    assert leave.preview_request(employee=bob_in_acme, wish=wish(MONDAY, FRIDAY)).days == 4
    assert leave.preview_request(employee=employed(bob_in_acme, site="Bonn"), wish=wish(MONDAY, FRIDAY)).days == 5


def test_part_time_weekdays_on_record_are_counted(bob_in_acme: Employee) -> None:
    part_time = employed(bob_in_acme, working_days_per_week=Decimal(2))
    usual = leave.preview_request(employee=part_time, wish=wish(date(2026, 8, 5), FRIDAY))  # Wednesday to Friday
    WorkingWeek.objects.create(employee=part_time, monday=0, tuesday=0, wednesday=0)  # Thursday and Friday
    own = leave.preview_request(employee=part_time, wish=wish(date(2026, 8, 5), FRIDAY))
    # Back to five days, so the two on record no longer add up and do not count.
    full = leave.preview_request(
        employee=employed(part_time, working_days_per_week=Decimal(5)), wish=wish(MONDAY, FRIDAY)
    )

    assert [problem.code for problem in usual.problems] == ["no_working_day"]
    assert own.days == 2
    assert full.days == 5


def test_a_request_across_new_year_takes_from_both_years(bob_in_acme: Employee) -> None:
    wished = wish(date(2026, 12, 28), date(2027, 1, 8))
    found = leave.preview_request(employee=bob_in_acme, wish=wished)
    request = leave.request_leave(employee=bob_in_acme, wish=wished)

    # 1 January is a holiday: 4 days of 2026, and 5 of 2027, into which 5 of the 30 (then 26) unused come over.
    assert [(each.year, each.days, each.before.available, each.after.available) for each in found.years] == [
        (2026, 4, 30, 26),
        (2027, 5, 35, 30),
    ]
    assert request.days == 9
    assert leave.balance_of(employee=bob_in_acme, on=date(2026, 12, 31)).pending == 4
    assert leave.balance_of(employee=bob_in_acme, on=date(2027, 1, 1)).pending == 5


def test_half_days(bob_in_acme: Employee) -> None:
    request = leave.request_leave(
        employee=bob_in_acme, wish=wish(MONDAY, FRIDAY, first_day_half=True, last_day_half=True)
    )

    assert request.days == 4
    assert request.counted_days == {
        "2026-08-03": "0.5",
        "2026-08-04": "1",
        "2026-08-05": "1",
        "2026-08-06": "1",
        "2026-08-07": "0.5",
    }


def test_sick_leave_is_reported_and_takes_nothing_from_the_balance(bob_in_acme: Employee) -> None:
    request = leave.request_leave(
        employee=bob_in_acme, wish=wish(date(2026, 2, 26), date(2026, 3, 3), type_code="sick")
    )

    assert (request.state, request.days, request.decided_by) == ("approved", 4, None)
    assert leave.balance_of(employee=bob_in_acme).available == 30


def test_leave_that_counts_at_once_is_reported_when_it_comes(bob_in_acme: Employee) -> None:
    refused(leave.ReportedTooEarly, bob_in_acme, first=date(2027, 10, 1), last=date(2027, 12, 31), type_code="sick")
    refused(leave.ReportedTooEarly, bob_in_acme, first=date(2026, 3, 10), type_code="sick")
    refused(leave.ReportedTooEarly, bob_in_acme, first=date(2026, 3, 2), last=date(2026, 6, 3), type_code="sick")

    known = wish(date(2026, 3, 9), date(2026, 6, 2), type_code="sick")
    assert leave.request_leave(employee=bob_in_acme, wish=known).state == "approved"


def test_one_day_and_half_a_day_are_told_as_such(bob_in_acme: Employee) -> None:
    one = leave.preview_request(employee=bob_in_acme, wish=wish(MONDAY)).summary
    half = leave.preview_request(employee=bob_in_acme, wish=wish(MONDAY, first_day_half=True)).summary

    assert "Balance of 2026: 30 before, 29 after this 1 day." in one
    assert half[0] == "Vacation, 3 August 2026 (from noon): 0.5 working days."


def test_the_country_without_a_policy_is_named(bob_in_acme: Employee) -> None:
    Employee.objects.filter(pk=bob_in_acme.pk).update(country="FR")
    bob_in_acme.refresh_from_db()

    with pytest.raises(leave.NoPolicy, match="no leave policy for France in 2026"):
        leave.balance_of(employee=bob_in_acme)


def test_it_ends_before_it_starts(bob_in_acme: Employee) -> None:
    refused(leave.EndsBeforeStart, bob_in_acme, first=FRIDAY, last=MONDAY)
    refused(leave.EndsBeforeStart, bob_in_acme, first=MONDAY, first_day_half=True, last_day_half=True)


def test_only_a_weekend_or_holiday(bob_in_acme: Employee) -> None:
    refused(leave.NoWorkingDay, bob_in_acme, first=date(2026, 8, 8), last=date(2026, 8, 9))
    refused(leave.NoWorkingDay, bob_in_acme, first=date(2026, 4, 3), last=date(2026, 4, 6))


def test_too_far_back_or_ahead(bob_in_acme: Employee) -> None:
    # 92 days before 2 March 2026 is 30 November 2025; the latest is the end of 2027.
    refused(leave.TooFar, bob_in_acme, first=date(2025, 11, 28), last=date(2025, 12, 1), type_code="sick")
    refused(leave.TooFar, bob_in_acme, first=date(2027, 12, 31), last=date(2028, 1, 3))

    kept = leave.request_leave(employee=bob_in_acme, wish=wish(date(2025, 12, 1), type_code="sick"))
    assert kept.days == 1


def test_before_and_after_employment_and_in_the_waiting_period(bob_in_acme: Employee) -> None:
    policy(employment_type="temporary", waiting_months=6)
    joiner = employed(bob_in_acme, start_date=date(2026, 5, 1), end_date=date(2027, 4, 30), employment_type="temporary")

    refused(leave.BeforeEmployment, joiner, first=date(2026, 4, 30), last=date(2026, 5, 4))
    refused(leave.AfterEmployment, joiner, first=date(2027, 4, 30), last=date(2027, 5, 3))
    text = refused(leave.WaitingPeriod, joiner, first=date(2026, 10, 30))
    assert "1 November 2026" in text
    assert leave.preview_request(employee=joiner, wish=wish(date(2026, 11, 2))).is_possible


def test_no_policy_without_a_country_or_for_another(bob_in_acme: Employee) -> None:
    text = refused(leave.NoPolicy, employed(bob_in_acme, country=""), first=MONDAY)
    assert "country is not on record" in text
    refused(leave.NoPolicy, employed(bob_in_acme, country="FR"), first=MONDAY)
    with pytest.raises(leave.NoPolicy):
        leave.balance_of(employee=employed(bob_in_acme, country="FR"))

    # The year before the first policy, as well.
    refused(leave.NoPolicy, employed(bob_in_acme, country="DE"), first=date(2025, 12, 29))
    # Leave that uses no balance needs none.
    nowhere = employed(bob_in_acme, country="")
    assert leave.preview_request(employee=nowhere, wish=wish(MONDAY, type_code="unpaid")).is_possible


def test_the_policy_of_the_employment_type_comes_first_then_the_latest(bob_in_acme: Employee) -> None:
    policy(from_year=2027, annual_days=Decimal(31))
    policy(employment_type="intern", annual_days=Decimal(24))
    intern = employed(bob_in_acme, employment_type="intern")

    assert leave.balance_of(employee=intern, on=date(2027, 1, 1)).entitlement == 24
    assert leave.balance_of(employee=employed(intern, employment_type=""), on=date(2027, 1, 1)).entitlement == 31
    assert leave.balance_of(employee=employed(intern, employment_type="full_time")).entitlement == 30


def test_overlap_to_half_a_day(bob_in_acme: Employee) -> None:
    leave.request_leave(employee=bob_in_acme, wish=wish(MONDAY, FRIDAY, first_day_half=True))

    text = refused(leave.Overlap, bob_in_acme, first=date(2026, 7, 31), last=MONDAY)
    assert "3 August 2026 to 7 August 2026" in text
    refused(leave.Overlap, bob_in_acme, first=FRIDAY, type_code="unpaid")
    morning = leave.request_leave(
        employee=bob_in_acme, wish=wish(date(2026, 7, 31), MONDAY, last_day_half=True, type_code="special")
    )
    assert morning.days == Decimal("1.5")


def test_a_cancelled_request_no_longer_overlaps(bob_in_acme: Employee) -> None:
    first = leave.request_leave(employee=bob_in_acme, wish=wish(MONDAY, FRIDAY))
    leave.cancel(request_id=first.pk, by=bob_in_acme)

    assert leave.request_leave(employee=bob_in_acme, wish=wish(MONDAY, FRIDAY)).days == 5


def test_more_than_is_left(bob_in_acme: Employee) -> None:
    # 1 June to 10 July 2026: 30 working days; Whitsun Monday is 25 May and Corpus Christi not national.
    leave.request_leave(employee=bob_in_acme, wish=wish(date(2026, 6, 1), date(2026, 7, 9)))  # 29

    text = refused(leave.ExceedsBalance, bob_in_acme, first=MONDAY, last=date(2026, 8, 4))
    assert text == "This takes 2 days of 2026, but 1 can be taken from 3 August 2026 on."
    assert leave.request_leave(employee=bob_in_acme, wish=wish(MONDAY)).days == 1


def test_leave_of_next_year_that_needs_carried_over_days_is_kept_covered(bob_in_acme: Employee) -> None:
    # 35 days in 2027, 5 of them from 2026, all in time: 5 in March, 30 in summer.
    leave.request_leave(employee=bob_in_acme, wish=wish(date(2027, 3, 1), date(2027, 3, 5)))
    leave.request_leave(employee=bob_in_acme, wish=wish(date(2027, 6, 1), date(2027, 7, 12)))  # 22 + 8 = 30

    assert leave.request_leave(employee=bob_in_acme, wish=wish(date(2026, 6, 1), date(2026, 7, 3))).days == 25
    text = refused(leave.ExceedsBalance, bob_in_acme, first=MONDAY)
    assert "next year" in text


def test_with_monthly_accrual_leave_waits_until_it_is_earned(bob_in_acme: Employee) -> None:
    policy(employment_type="full_time", accrual="monthly")

    # 2.5 days a month: 10 by April, 20 by August.
    refused(leave.ExceedsBalance, bob_in_acme, first=date(2026, 4, 7), last=date(2026, 4, 22))  # 12
    assert leave.request_leave(employee=bob_in_acme, wish=wish(MONDAY, date(2026, 8, 18))).days == 12


def test_a_kind_that_is_not_there_or_retired(bob_in_acme: Employee) -> None:
    LeaveType.objects.filter(code="special").update(is_active=False)

    refused(leave.UnknownLeaveType, bob_in_acme, first=MONDAY, type_code="sabbatical")
    refused(leave.UnknownLeaveType, bob_in_acme, first=MONDAY, type_code="special")
    assert [kind.code for kind in leave.types_on_offer()] == ["vacation", "sick", "parental", "unpaid"]


def test_who_stands_in_is_an_active_colleague(bob_in_acme: Employee, dora: Employee) -> None:  # noqa: F811
    refused(leave.UnknownDelegate, bob_in_acme, first=MONDAY, delegate_id=bob_in_acme.pk)
    refused(leave.UnknownDelegate, bob_in_acme, first=MONDAY, delegate_id=999_999)
    assert leave.request_leave(employee=bob_in_acme, wish=wish(MONDAY, delegate_id=dora.pk)).delegate == dora
    deactivate(employee=dora)
    refused(leave.UnknownDelegate, bob_in_acme, first=FRIDAY, delegate_id=dora.pk)


def test_a_deactivated_person_asks_for_nothing(bob_in_acme: Employee) -> None:
    stale = Employee.objects.get(pk=bob_in_acme.pk)
    deactivate(employee=bob_in_acme)

    with pytest.raises(access.NoAccess):
        leave.request_leave(employee=stale, wish=wish(MONDAY))


def test_today_is_the_companys_day(bob_in_acme: Employee, in_acme: Tenant) -> None:
    in_acme.time_zone = "Pacific/Auckland"
    new_years_eve = datetime(2026, 12, 31, 12, tzinfo=ZoneInfo("UTC"))  # 2027 in Auckland, so 2028 can be asked for

    found = leave.preview_request(employee=bob_in_acme, wish=wish(date(2028, 1, 4)), now=new_years_eve)

    assert found.is_possible


def test_each_year_has_its_own_list_of_requests_newest_first(bob_in_acme: Employee, dora: Employee) -> None:  # noqa: F811
    first = leave.request_leave(employee=bob_in_acme, wish=wish(MONDAY))
    second = leave.request_leave(employee=bob_in_acme, wish=wish(date(2027, 8, 3)))
    leave.request_leave(employee=dora, wish=wish(MONDAY))

    assert list(leave.requests_of(employee=bob_in_acme)) == [second, first]


# --- Two at once ------------------------------------------------------------------------------------------------------


@pytest.fixture
def zed(committed: None) -> Iterator[tuple[Tenant, Employee]]:
    """Somebody with 30 days, in a company of their own that other threads see."""
    onboarded = tenants.onboard(name="Initech", domain="initech.localhost", admin_email="owner@initech.example")
    tenant = Tenant.objects.get(pk=onboarded.tenant.pk)
    person = make_person(tenant, email="zed@initech.example", name="Zed", role="employee")
    with context.enter(tenant):
        policy()
        Employee.objects.filter(pk=person.pk).update(country="DE", start_date=date(2020, 1, 1))
        yield tenant, Employee.objects.get(pk=person.pk)


def test_requests_at_the_same_moment_cannot_exceed_the_balance(zed: tuple[Tenant, Employee]) -> None:
    tenant, person = zed
    # Six requests of ten days each, in six different fortnights: only three fit into 30 days.
    mondays = [date(2026, 6, 8), date(2026, 6, 22), date(2026, 7, 6), date(2026, 7, 20), MONDAY, date(2026, 8, 17)]
    outcomes: list[str] = []
    start = threading.Barrier(len(mondays))

    def ask(monday: date) -> None:
        try:
            with context.enter(tenant):
                start.wait()
                leave.request_leave(
                    employee=person, wish=wish(monday, date.fromordinal(monday.toordinal() + 11)), now=NOW
                )
            outcomes.append("requested")
        except leave.LeaveRefused as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[monday]) for monday in mondays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["exceeds_balance"] * 3 + ["requested"] * 3
    with context.enter(tenant):
        assert leave.balance_of(employee=person, on=NOW.date()).available == 0


def test_the_same_request_twice_at_the_same_moment_is_made_once(zed: tuple[Tenant, Employee]) -> None:
    tenant, person = zed
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def ask() -> None:
        try:
            with context.enter(tenant):
                start.wait()
                leave.request_leave(employee=person, wish=wish(MONDAY, FRIDAY), now=NOW)
            outcomes.append("requested")
        except leave.LeaveRefused as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["overlap"] * 3 + ["requested"]


def test_of_two_decisions_at_the_same_moment_one_counts(zed: tuple[Tenant, Employee]) -> None:
    tenant, person = zed
    deciders = [make_person(tenant, email=f"hr{n}@initech.example", name=f"Hr{n}", role="hr") for n in range(2)]
    with context.enter(tenant):
        request = leave.request_leave(employee=person, wish=wish(MONDAY, FRIDAY), now=NOW)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def decide(by: Employee, action: Any) -> None:
        try:
            with context.enter(tenant):
                start.wait()
                action(by)
            outcomes.append("decided")
        except leave.LeaveRefused as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    actions = [
        lambda by: leave.approve(request_id=request.pk, by=by),
        lambda by: leave.reject(request_id=request.pk, by=by, reason="Stocktaking"),
    ]
    threads = [threading.Thread(target=decide, args=pair) for pair in zip(deciders, actions, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["already_decided", "decided"]
    with context.enter(tenant):
        assert AuditLog.objects.filter(verb__in=["leave.approve", "leave.reject"]).count() == 1
