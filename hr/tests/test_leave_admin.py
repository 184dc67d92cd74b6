"""Leave in the console: HR states rules and days, looks at requests, and decides with a reason."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from audit.actors import Actor, acting_as
from audit.models import AuditLog
from hr.models import Employee, HolidayChange, LeaveEntitlement, LeavePolicy, LeaveRequest, LeaveType, WorkingWeek
from hr.services import leave
from hr.tests.leave_people import dora, employed, max_, on_2_march, team, wish  # noqa: F401
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.usefixtures("on_2_march")

CONFIRMED = {"confirmed": "1", "reason": "Asked by phone"}
POLICY = {
    "country": "FR",
    "employment_type": "",
    "from_year": "2026",
    "annual_days": "25",
    "accrual": "monthly",
    "rounding": "half_day_up",
    "carry_over_max_days": "0",
    "carry_over_until": "",
    "waiting_months": "0",
}


class Staying(Client):
    """A browser after whose requests the test goes on in acme; the middleware leaves the tenant."""

    def request(self, **values: Any) -> Any:
        answer = super().request(**values)
        connection.set_tenant(Tenant.objects.get(schema_name="acme"))  # type: ignore[attr-defined]
        return answer


@pytest.fixture
def console(acme: Tenant) -> Callable[[Employee], Client]:
    def browser(employee: Employee) -> Client:
        client = Staying(headers={"host": "acme.localhost"})
        with context.enter(acme):
            user = Employee.objects.get(pk=employee.pk).user
            client.force_login(user, backend="hr.backends.EmployeeBackend")  # type: ignore[arg-type]
        return client

    return browser


@pytest.fixture
def alices(console: Any, team: Employee, alice: Employee) -> Client:  # noqa: F811
    return console(alice)


@pytest.fixture
def bobs_request(acme: Tenant, team: Employee) -> LeaveRequest:  # noqa: F811
    with context.enter(acme):
        return leave.request_leave(employee=team, wish=wish(date(2026, 8, 3), date(2026, 8, 7)))


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_hr_states_a_policy_and_the_balance_follows(alices: Client, in_acme: Tenant, team: Employee) -> None:  # noqa: F811
    assert alices.post("/admin/hr/leavepolicy/add/", POLICY).status_code == 302

    in_france = employed(team, country="FR")
    assert leave.balance_of(employee=in_france, on=date(2026, 3, 2)).accrued == Decimal("6.5")  # 25 × 3 / 12 = 6.25
    [row] = AuditLog.objects.filter(verb="leave.save_policy")
    assert row.details["annual_days"] == "25"


@pytest.mark.parametrize(
    "changed", [{"country": "DE"}, {"carry_over_until": "31-03"}, {"annual_days": "400"}, {"from_year": "26"}]
)
def test_a_policy_that_cannot_be_is_refused_with_a_word(
    alices: Client, in_acme: Tenant, changed: dict[str, str]
) -> None:
    page = alices.post("/admin/hr/leavepolicy/add/", POLICY | changed)

    assert page.status_code == 200
    assert "error" in text_of(page)
    assert LeavePolicy.objects.count() == 1


def test_an_adjustment_has_a_reason_and_is_withdrawn_never_changed(
    alices: Client,
    in_acme: Tenant,
    alice: Employee,
    team: Employee,  # noqa: F811
) -> None:
    stated = {"employee_number": team.employee_number, "year": "2026", "kind": "adjustment", "days": "2"}
    assert alices.post("/admin/hr/leaveentitlement/add/", stated).status_code == 200  # no reason
    assert alices.post("/admin/hr/leaveentitlement/add/", {**stated, "reason": "Long service"}).status_code == 302
    made = LeaveEntitlement.objects.get()
    assert made.by == alice
    assert "Adjustment: +2 (Long service)." in leave.balance_of(employee=team).steps

    page = f"/admin/hr/leaveentitlement/{made.pk}/"
    assert alices.post(f"{page}change/", {**stated, "reason": "Other"}).status_code == 403
    assert alices.post(f"{page}withdraw/", CONFIRMED).status_code == 302
    assert leave.balance_of(employee=team).adjustments == 0
    assert AuditLog.objects.get(verb="leave.withdraw_entitlement").reason == "Asked by phone"
    alices.post(f"{page}withdraw/", CONFIRMED)
    assert AuditLog.objects.filter(verb="leave.withdraw_entitlement", outcome="refused").count() == 1


def test_a_figure_is_stated_once_a_year(alices: Client, in_acme: Tenant, team: Employee) -> None:  # noqa: F811
    stated = {
        "employee_number": team.employee_number,
        "year": "2026",
        "kind": "carried_over",
        "days": "4",
        "reason": "Left in the old system",
    }
    assert alices.post("/admin/hr/leaveentitlement/add/", stated).status_code == 302
    again = alices.post("/admin/hr/leaveentitlement/add/", stated)

    assert "stated for that year already" in text_of(again)
    assert "Nobody in this company" in text_of(
        alices.post("/admin/hr/leaveentitlement/add/", {**stated, "employee_number": "E-none"})
    )
    assert leave.balance_of(employee=team).carried_over == 4


def test_holidays_are_added_and_removed_with_a_reason(alices: Client, in_acme: Tenant, team: Employee) -> None:  # noqa: F811
    added = {"country": "DE", "site": "", "day": "2026-08-03", "is_holiday": "on", "name": "Founders' day"}
    assert alices.post("/admin/hr/holidaychange/add/", added).status_code == 302
    assert leave.preview_request(employee=team, wish=wish(date(2026, 8, 3), date(2026, 8, 7))).days == 4

    change = HolidayChange.objects.get()
    assert alices.post(f"/admin/hr/holidaychange/{change.pk}/remove/", CONFIRMED).status_code == 302
    assert not HolidayChange.objects.exists()
    assert AuditLog.objects.filter(verb__in=["leave.save_holiday", "leave.remove_holiday"]).count() == 2


def test_a_working_week_adds_up(alices: Client, in_acme: Tenant, team: Employee) -> None:  # noqa: F811
    employed(team, working_days_per_week=Decimal("2.5"))
    week = dict.fromkeys("monday tuesday wednesday thursday friday saturday sunday".split(), "0")
    given = {"employee_number": team.employee_number, **week, "thursday": "1", "friday": "1"}

    assert "These are 2 days" in text_of(alices.post("/admin/hr/workingweek/add/", given))
    assert alices.post("/admin/hr/workingweek/add/", {**given, "monday": "0.5"}).status_code == 302
    assert WorkingWeek.objects.get().amounts == tuple(Decimal(x) for x in "0.5 0 0 1 1 0 0".split())


def test_a_kind_of_leave_is_renamed_and_retired(alices: Client, in_acme: Tenant) -> None:
    kind = LeaveType.objects.get(code="special")
    change = {"name": "Compassionate leave", "position": "5", "needs_approval": "on"}

    assert alices.post(f"/admin/hr/leavetype/{kind.pk}/change/", change).status_code == 302

    kind.refresh_from_db()
    assert (kind.name, kind.code, kind.is_active) == ("Compassionate leave", "special", False)


def test_hr_decides_with_a_reason_that_the_person_reads(
    alices: Client, in_acme: Tenant, bobs_request: LeaveRequest
) -> None:
    listed = alices.get("/admin/hr/leaverequest/?state__exact=requested")
    assert "Example, Bob" in text_of(listed)
    page = f"/admin/hr/leaverequest/{bobs_request.pk}/"

    assert alices.post(f"{page}approve/", {"confirmed": "1", "reason": ""}).status_code == 200
    assert alices.post(f"{page}approve/", CONFIRMED).status_code == 302
    assert alices.post(f"{page}cancel/", CONFIRMED).status_code == 302

    bobs_request.refresh_from_db()
    assert (bobs_request.state, bobs_request.decision_comment) == ("cancelled", "Asked by phone")
    # The reason is for the person; it may be personal, so the audit log does not keep it.
    assert not AuditLog.objects.filter(reason="Asked by phone").exists()


def test_hr_does_not_decide_on_its_own_leave(alices: Client, in_acme: Tenant, alice: Employee) -> None:
    own = leave.request_leave(employee=alice, wish=wish(date(2026, 8, 3)))

    alices.post(f"/admin/hr/leaverequest/{own.pk}/approve/", CONFIRMED)

    own.refresh_from_db()
    assert own.state == "requested"


@pytest.mark.parametrize(
    "path",
    ["leaverequest/", "leavepolicy/", "leaveentitlement/add/", "holidaychange/", "workingweek/", "leavetype/"],
)
def test_others_have_no_business_there(
    console: Any,
    acme: Tenant,
    max_: Employee,  # noqa: F811
    charlie: Employee,
    path: str,
) -> None:
    assert console(max_).get(f"/admin/hr/{path}").status_code == 302
    platform = Client(headers={"host": "globex.localhost"})
    assert platform.get(f"/admin/hr/{path}").status_code == 302


def test_the_list_of_requests_costs_the_same_for_many(
    alices: Client,
    in_acme: Tenant,
    team: Employee,  # noqa: F811
    dora: Employee,  # noqa: F811
    django_assert_max_num_queries: Any,
) -> None:
    for day in range(3, 8):
        leave.request_leave(employee=team, wish=wish(date(2026, 8, day)))
        leave.request_leave(employee=dora, wish=wish(date(2026, 8, day)))
    alices.get("/admin/hr/leaverequest/")

    with django_assert_max_num_queries(25):
        alices.get("/admin/hr/leaverequest/")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("leavepolicy/", ["Germany", "Everybody", "5 until 03-31"]),
        ("leaveentitlement/", ["Example, Bob", "Long service", "Counts"]),
        ("holidaychange/", ["Working day", "Germany"]),
        ("workingweek/", ["Example, Bob"]),
        ("leavetype/", ["uses the balance", "reported only", "On offer"]),
    ],
)
def test_lists_say_what_counts(
    alices: Client,
    in_acme: Tenant,
    alice: Employee,
    team: Employee,  # noqa: F811
    path: str,
    shown: list[str],
) -> None:
    leave.add_entitlement(employee=team, year=2026, kind="adjustment", days=Decimal(1), reason="Long service", by=alice)
    leave.save_holiday_change(change=HolidayChange(country="DE", day=date(2026, 5, 1), is_holiday=False))
    leave.set_working_week(week=WorkingWeek(employee=team))

    page = text_of(alices.get(f"/admin/hr/{path}"))

    assert [word for word in shown if word not in page] == []


def test_one_persons_rows_open_and_name_the_person(
    alices: Client,
    in_acme: Tenant,
    alice: Employee,
    team: Employee,  # noqa: F811
) -> None:
    stated = leave.add_entitlement(
        employee=team, year=2026, kind="adjustment", days=Decimal(1), reason="Long service", by=alice
    )
    week = WorkingWeek(employee=team)
    leave.set_working_week(week=week)

    assert "Example, Bob" in text_of(alices.get(f"/admin/hr/leaveentitlement/{stated.pk}/change/"))
    assert "Example, Bob" in text_of(alices.get(f"/admin/hr/workingweek/{week.pk}/change/"))
    history = alices.get(f"/admin/hr/workingweek/{week.pk}/history/")
    assert f"employee%3A{team.pk}" in history["Location"]


def test_what_hr_states_keeps_its_rules_below_the_console_too(
    in_acme: Tenant,
    alice: Employee,
    team: Employee,  # noqa: F811
) -> None:
    stated = {"employee": team, "year": 2026, "kind": "annual", "days": Decimal(24), "by": alice}

    with pytest.raises(leave.ReasonNeeded):
        leave.add_entitlement(**stated, reason=" ")
    leave.add_entitlement(**stated, reason="By contract")
    with pytest.raises(leave.StatedAlready):
        leave.add_entitlement(**stated, reason="By contract")
    with pytest.raises(leave.WeekDoesNotAddUp):
        leave.set_working_week(week=WorkingWeek(employee=team, saturday=Decimal(1)))
    assert leave.balance_of(employee=team).entitlement == 24


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_holiday_on_a_day_that_cannot_be_meant_is_told_at_the_field(alices: Client, in_acme: Tenant, day: str) -> None:
    added = {"country": "DE", "site": "", "day": day, "is_holiday": "on", "name": "Typing error"}

    page = alices.post("/admin/hr/holidaychange/add/", added)

    assert page.status_code == 200
    assert "is not a day from 1900-01-01 to 2200-12-31" in page.content.decode()


@pytest.mark.parametrize("kind", ["adjustment", "annual", "carried_over"])
def test_nobody_states_days_for_themselves(alices: Client, in_acme: Tenant, alice: Employee, kind: str) -> None:
    own = {
        "employee_number": alice.employee_number,
        "year": "2026",
        "kind": kind,
        "days": "9",
        "reason": "Long service",
    }
    answer = alices.post("/admin/hr/leaveentitlement/add/", own)

    assert "This is your own record." in answer.content.decode()
    assert not LeaveEntitlement.objects.exists()
    with acting_as(Actor(kind="employee", label=alice.actor_label)), pytest.raises(leave.OwnRecord):
        leave.add_entitlement(employee=alice, year=2026, kind=kind, days=Decimal(9), reason="Long service", by=alice)


def test_nobody_withdraws_what_was_taken_from_themselves(alices: Client, in_acme: Tenant, alice: Employee) -> None:
    stated = leave.add_entitlement(
        employee=alice, year=2026, kind="adjustment", days=Decimal(-3), reason="Taken before", by=alice
    )
    alices.post(f"/admin/hr/leaveentitlement/{stated.pk}/withdraw/", CONFIRMED)

    assert LeaveEntitlement.objects.get().withdrawn_at is None
    assert AuditLog.objects.get(verb="leave.withdraw_entitlement").outcome == "refused"


def test_nobody_sets_their_own_working_week(alices: Client, in_acme: Tenant, alice: Employee) -> None:
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "1") | {
        "saturday": "0",
        "sunday": "0",
    }
    added = alices.post("/admin/hr/workingweek/add/", {"employee_number": alice.employee_number, **days})
    assert "This is your own record." in added.content.decode()

    week = WorkingWeek(employee=alice)
    leave.set_working_week(week=week)
    assert alices.post(f"/admin/hr/workingweek/{week.pk}/change/", days).status_code == 403
    with acting_as(Actor(kind="employee", label=alice.actor_label)), pytest.raises(leave.OwnRecord):
        leave.set_working_week(week=week)


def test_an_adjustment_takes_no_more_than_the_years_days(
    alices: Client,
    in_acme: Tenant,
    alice: Employee,
    team: Employee,  # noqa: F811
) -> None:
    stated = {"employee_number": team.employee_number, "year": "2026", "kind": "adjustment", "reason": "Mistake"}
    answer = alices.post("/admin/hr/leaveentitlement/add/", {**stated, "days": "-30.5"})

    assert "The person has 30 days in 2026" in answer.content.decode()
    with pytest.raises(leave.MoreThanTheYear):
        leave.add_entitlement(
            employee=team, year=2026, kind="adjustment", days=Decimal("-30.5"), reason="Mistake", by=alice
        )
    assert alices.post("/admin/hr/leaveentitlement/add/", {**stated, "days": "-30"}).status_code == 302
    assert (
        "no more can be taken"
        in alices.post("/admin/hr/leaveentitlement/add/", {**stated, "days": "-0.5"}).content.decode()
    )


def test_a_rule_of_the_database_is_told_in_a_sentence(alices: Client, in_acme: Tenant) -> None:
    page = alices.post("/admin/hr/leavepolicy/add/", POLICY | {"from_year": "1900"}).content.decode()

    assert "The first year is from 1970 to 2200." in page
    assert "leave_policy_year" not in page
