"""Leave over the API: the same rules, stable codes, and nothing of other companies or teams."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from hr.models import Employee, LeaveRequest
from hr.services import leave
from hr.tests.api_helpers import post, signed_in
from hr.tests.leave_people import dora, employed, max_, on_2_march, policy, team, wish  # noqa: F401
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.usefixtures("on_2_march")

REQUESTS = "/api/v1/leave/requests"
WEEK = {"first_day": "2026-08-03", "last_day": "2026-08-07"}
MISSING = 8_000_001


@pytest.fixture
def as_(acme: Tenant) -> Callable[[Employee], Client]:
    return lambda employee: signed_in(acme, employee)


@pytest.fixture
def bob_asks(acme: Tenant, team: Employee, as_: Callable[[Employee], Client]) -> Client:  # noqa: F811
    return as_(team)


@pytest.fixture
def bobs_request(acme: Tenant, team: Employee) -> int:  # noqa: F811
    with context.enter(acme):
        return leave.request_leave(employee=team, wish=wish(date(2026, 8, 3), date(2026, 8, 7))).pk


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_ask_look_decide(bob_asks: Client, max_: Employee, as_: Callable[[Employee], Client]) -> None:  # noqa: F811
    would = post(bob_asks, REQUESTS, {**WEEK, "dry_run": True})
    assert would.status_code == 200
    assert would.json()["is_possible"]
    assert (would.json()["years"][0]["before"]["available"], would.json()["years"][0]["after"]["available"]) == (
        "30",
        "25",
    )
    assert bob_asks.get(REQUESTS).json()["count"] == 0

    made = post(bob_asks, REQUESTS, WEEK)
    assert (made.status_code, made.json()["state"], made.json()["days"]) == (201, "requested", "5")
    path = f"{REQUESTS}/{made.json()['id']}"

    waiting = as_(max_).get("/api/v1/leave/team").json()["waiting"]
    assert [each["employee_name"] for each in waiting] == ["Bob Example"]
    assert post(as_(max_), f"{path}/approve", {"comment": "Enjoy"}).json()["state"] == "approved"

    balance = bob_asks.get("/api/v1/leave/balance").json()
    assert (balance["planned"], balance["pending"], balance["available"]) == ("5", "0", "25")
    assert balance["steps"][-1] == "Available on 2 March 2026: 30 earned − 5 used = 25."
    assert bob_asks.get("/api/v1/leave/balance?on=2027-01-01").json()["carried_over"] == "5"

    assert post(bob_asks, f"{path}/cancel").json()["state"] == "cancelled"
    assert [each["state"] for each in bob_asks.get(REQUESTS).json()["results"]] == ["cancelled"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"last_day": "2026-08-01"}, "ends_before_start"),
        ({"first_day": "2026-08-08", "last_day": "2026-08-09"}, "no_working_day"),
        ({"last_day": "2026-12-31"}, "exceeds_balance"),
        ({"first_day": "2028-08-03", "last_day": "2028-08-07"}, "too_far"),
        ({"first_day": "1990-01-01"}, "too_far"),
        ({"last_day": "2199-12-31"}, "too_far"),
        ({"type": "sabbatical"}, "unknown_leave_type"),
        ({"delegate_id": MISSING}, "unknown_delegate"),
    ],
)
def test_each_refusal_has_its_code_and_the_dry_run_says_the_same(
    bob_asks: Client, changed: dict[str, Any], code: str
) -> None:
    assert code_of(post(bob_asks, REQUESTS, WEEK | changed)) == (409, code)
    would = post(bob_asks, REQUESTS, WEEK | changed | {"dry_run": True})
    assert would.status_code == 200
    assert not would.json()["is_possible"]
    assert would.json()["problems"][0]["code"] == code


def test_overlap_and_decided_already(bob_asks: Client, bobs_request: int, alice: Employee, as_: Any) -> None:
    assert code_of(post(bob_asks, REQUESTS, WEEK)) == (409, "overlap")
    assert code_of(post(as_(alice), f"{REQUESTS}/{bobs_request}/reject")) == (409, "reason_needed")
    assert post(as_(alice), f"{REQUESTS}/{bobs_request}/reject", {"reason": "Stocktaking"}).status_code == 200
    assert code_of(post(as_(alice), f"{REQUESTS}/{bobs_request}/approve")) == (409, "already_decided")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"first_day": "3.8.2026"},
        {"first_day": "2026-02-30"},
        {**WEEK, "first_day": "0001-01-01"},
        {**WEEK, "last_day": "9999-12-31"},
        {**WEEK, "delegate_id": 10**30},
        {**WEEK, "comment": "x" * 501},
        {**WEEK, "type": "a\x00b"},
    ],
)
def test_what_cannot_be_read_is_a_400_about_its_field(bob_asks: Client, body: dict[str, Any]) -> None:
    answer = post(bob_asks, REQUESTS, body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] in WEEK.keys() | {"delegate_id", "comment", "type"}


@pytest.mark.parametrize("query", ["on=tomorrow", "on=2026-02-30"])
def test_a_day_that_is_none(bob_asks: Client, query: str) -> None:
    assert bob_asks.get(f"/api/v1/leave/balance?{query}").status_code == 400


def test_balances_far_from_now(bob_asks: Client) -> None:
    assert code_of(bob_asks.get("/api/v1/leave/balance?on=2199-12-31")) == (409, "too_far")
    assert code_of(bob_asks.get("/api/v1/leave/balance?on=1990-01-01")) == (409, "no_policy")


@pytest.mark.parametrize(
    "query",
    [
        "first=2026-03-02&last=2026-03-01",
        "first=2026-03-02&last=2027-03-03",
        "last=x",
        "first=9999-12-31",
        "first=2200-12-31",
    ],
)
def test_a_span_that_is_none_or_too_long(as_: Any, team: Employee, max_: Employee, query: str) -> None:  # noqa: F811
    answer = as_(max_).get(f"/api/v1/leave/team?{query}")

    assert answer.status_code == (200 if query == "first=2200-12-31" else 400)


@pytest.mark.parametrize("action", ["approve", "reject", "cancel"])
def test_a_colleagues_own_foreign_and_missing_request_are_the_same_404(
    acme: Tenant,
    globex: Tenant,
    bobs_request: int,
    team: Employee,  # noqa: F811
    dora: Employee,  # noqa: F811
    charlie: Employee,
    as_: Any,
    action: str,
) -> None:
    with context.enter(globex):
        policy()
        theirs = leave.request_leave(
            employee=employed(charlie), wish=wish(date(2026, 8, 3), date(2026, 8, 7), type_code="unpaid")
        )
        LeaveRequest.objects.filter(pk=theirs.pk).update(id=7_000_001)
    asked = [
        post(as_(dora), f"{REQUESTS}/{request_id}/{action}", {"reason": "Because"})
        for request_id in (bobs_request, 7_000_001, MISSING, 10**30)
    ]
    if action != "cancel":
        asked.append(post(as_(team), f"{REQUESTS}/{bobs_request}/{action}", {"reason": "My own"}))

    assert {(answer.status_code, answer.content) for answer in asked} == {(404, asked[0].content)}
    with context.enter(acme):
        assert LeaveRequest.objects.get(pk=bobs_request).state == "requested"


def test_charlie_sees_nothing_of_acme(acme: Tenant, globex: Tenant, bobs_request: int, charlie: Employee) -> None:
    with context.enter(globex):
        Employee.objects.filter(pk=charlie.pk).update(role="hr")
        boss = signed_in(globex, Employee.objects.get(pk=charlie.pk))

    assert boss.get(REQUESTS).json()["count"] == 0
    team_leave = boss.get("/api/v1/leave/team?first=2026-08-01&last=2026-08-31").json()
    assert (team_leave["absences"], team_leave["waiting"]) == ([], [])
    assert post(boss, f"{REQUESTS}/{bobs_request}/approve").status_code == 404


def test_an_employee_has_an_empty_team(bob_asks: Client) -> None:
    answer = bob_asks.get("/api/v1/leave/team")

    assert answer.json() == {"first": "2026-03-02", "last": "2026-03-29", "absences": [], "waiting": []}


def test_whoever_decides_never_learns_that_somebody_is_sick(
    acme: Tenant,
    team: Employee,  # noqa: F811
    max_: Employee,  # noqa: F811
    alice: Employee,
    as_: Any,
) -> None:
    made = post(as_(team), REQUESTS, {"type": "sick", "first_day": "2026-03-02", "comment": "Migraine"}).json()
    assert (made["type"], made["type_name"], made["comment"]) == ("sick", "Sick leave", "Migraine")
    path = f"{REQUESTS}/{made['id']}"

    answers = [post(as_(max_), f"{path}/{action}", {"reason": "Because"}) for action in ("approve", "reject", "cancel")]
    answers += [as_(max_).get("/api/v1/leave/team"), post(as_(alice), f"{path}/cancel", {"reason": "Because"})]

    assert [answer.status_code for answer in answers] == [409, 409, 200, 200, 409]
    assert not [answer for answer in answers if b"ick" in answer.content or b"Migraine" in answer.content]
    cancelled = answers[2].json()
    assert (cancelled["type"], cancelled["type_name"], cancelled["comment"], cancelled["cancel_reason"]) == (
        "away",
        "Away",
        "",
        "Because",
    )
    assert as_(team).get(REQUESTS).json()["results"][0]["type"] == "sick"
