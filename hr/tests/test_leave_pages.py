"""The pages about leave as a browser without JavaScript sees them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from hr.models import Employee, LeaveDelegation, LeaveRequest
from hr.services import leave
from hr.tests.leave_people import dora, employed, max_, on_2_march, team, wish  # noqa: F401
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.usefixtures("on_2_march")

WEEK = {"type_code": "vacation", "first_day": "2026-08-03", "last_day": "2026-08-07"}
BACKEND = "hr.backends.EmployeeBackend"


@pytest.fixture
def browser_of(acme: Tenant) -> Callable[[Employee], Client]:
    def browser(employee: Employee) -> Client:
        client = Client(headers={"host": "acme.localhost"}, enforce_csrf_checks=False)
        with context.enter(acme):
            client.force_login(Employee.objects.get(pk=employee.pk).user, backend=BACKEND)  # type: ignore[arg-type]
        return client

    return browser


@pytest.fixture
def bobs(team: Employee, browser_of: Any) -> Client:  # noqa: F811
    return browser_of(team)


@pytest.fixture
def bobs_request(acme: Tenant, team: Employee) -> LeaveRequest:  # noqa: F811
    with context.enter(acme):
        return leave.request_leave(
            employee=team, wish=wish(date(2026, 8, 3), date(2026, 8, 7), comment="Hiking <b>trip</b>")
        )


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def state_of(acme: Tenant, request: LeaveRequest) -> str:
    with context.enter(acme):
        return str(LeaveRequest.objects.get(pk=request.pk).state)


def test_my_leave_shows_the_balance_with_its_proof(bobs: Client, bobs_request: LeaveRequest) -> None:
    page = bobs.get("/leave/")

    assert page.status_code == 200
    assert "Available on 2 March 2026: 30 earned − 5 used = 25." in text_of(page)
    assert "Hiking &lt;b&gt;trip&lt;/b&gt;" in text_of(page)
    assert f"/leave/{bobs_request.pk}/cancel/" in text_of(page)
    assert page["Cache-Control"] == "private, no-store"


def test_my_leave_of_another_year_and_of_a_year_that_is_none(bobs: Client) -> None:
    assert "Entitlement 2027" in text_of(bobs.get("/leave/?year=2027"))
    assert "no leave policy" in text_of(bobs.get("/leave/?year=2025"))
    assert "Entitlement 2026" in text_of(bobs.get("/leave/?year=1;DROP"))


def test_without_a_country_the_page_says_so(bobs: Client, team: Employee) -> None:  # noqa: F811
    employed(team, country="")

    assert "country is not on record" in text_of(bobs.get("/leave/"))


def test_checking_shows_what_would_happen_and_writes_nothing(bobs: Client, acme: Tenant) -> None:
    page = bobs.post("/leave/request/", {**WEEK, "first_day": "2026-04-01", "last_day": "2026-04-07", "check": "1"})

    assert page.status_code == 200
    assert "3 working days" in text_of(page)
    assert "April 3 (Good Friday)" in text_of(page) or "3 April (Good Friday)" in text_of(page)
    assert "30 days before, <strong>27</strong> after" in text_of(page)
    assert "Max Example decides." in text_of(page)
    with context.enter(acme):
        assert not LeaveRequest.objects.exists()


def test_scripts_get_the_preview_alone_and_never_send(bobs: Client, acme: Tenant) -> None:
    part = bobs.post("/leave/request/", {**WEEK, "send": "1"}, headers={"X-Part": "preview"})

    assert "5 working days" in text_of(part)
    assert "<html" not in text_of(part)
    with context.enter(acme):
        assert not LeaveRequest.objects.exists()


def test_sending_makes_the_request(bobs: Client, acme: Tenant) -> None:
    reply = bobs.post("/leave/request/", {**WEEK, "send": "1"})

    assert (reply.status_code, reply["Location"]) == (302, "/leave/")
    assert "Your request is sent." in text_of(bobs.get("/leave/"))
    with context.enter(acme):
        assert LeaveRequest.objects.get().days == 5


def test_what_speaks_against_it_is_said_and_what_was_typed_stays(bobs: Client, bobs_request: LeaveRequest) -> None:
    page = bobs.post("/leave/request/", {**WEEK, "comment": "Please", "send": "1"})

    assert page.status_code == 422
    assert "You already have vacation on 3 August 2026 to 7 August 2026." in text_of(page)
    assert 'value="2026-08-03"' in text_of(page)
    assert "Please" in text_of(page)


def test_a_form_that_cannot_be_read(bobs: Client) -> None:
    page = bobs.post("/leave/request/", {"type_code": "vacation", "first_day": "tomorrow", "send": "1"})

    assert page.status_code == 422
    assert "field-error" in text_of(page)


def test_a_link_can_fill_the_form(bobs: Client) -> None:
    page = bobs.get("/leave/request/?type_code=unpaid&first_day=2026-08-03")

    assert 'value="2026-08-03"' in text_of(page)
    assert '<option value="unpaid" selected>' in text_of(page)


def test_cancelling_asks_first(bobs: Client, acme: Tenant, bobs_request: LeaveRequest) -> None:
    path = f"/leave/{bobs_request.pk}/cancel/"

    assert "Cancel this request?" in text_of(bobs.get(path))
    assert state_of(acme, bobs_request) == "requested"
    assert bobs.post(path, {"reason": "Changed my mind"}).status_code == 302
    assert state_of(acme, bobs_request) == "cancelled"
    assert bobs.post(path).status_code == 409


def test_the_manager_sees_what_waits_and_approves_with_one_click(
    browser_of: Any,
    acme: Tenant,
    bobs_request: LeaveRequest,
    max_: Employee,  # noqa: F811
) -> None:
    browser = browser_of(max_)
    page = browser.get("/leave/team/")
    assert "Waiting for you (1)" in text_of(page)

    reply = browser.post(f"/leave/{bobs_request.pk}/decide/", {"approve": "1"})

    assert (reply.status_code, reply["Location"]) == (302, "/leave/team/")
    assert state_of(acme, bobs_request) == "approved"
    assert "Nothing waits for your decision." in text_of(browser.get("/leave/team/"))
    assert "Bob Example" in text_of(browser.get("/leave/team/?from=2026-08-03"))


def test_rejecting_needs_a_reason(
    browser_of: Any,
    acme: Tenant,
    bobs_request: LeaveRequest,
    max_: Employee,  # noqa: F811
) -> None:
    browser, path = browser_of(max_), f"/leave/{bobs_request.pk}/decide/"

    refused = browser.post(path, {"reject": "1"})
    assert refused.status_code == 422
    assert "Please say why" in text_of(refused)
    assert browser.post(path, {"reject": "1", "comment": "Stocktaking"}).status_code == 302
    assert state_of(acme, bobs_request) == "rejected"
    again = browser.post(path, {"approve": "1"})
    assert again.status_code == 409
    assert "rejected already" in text_of(again)


def test_the_decision_page_names_who_else_is_away_and_the_balance(
    browser_of: Any,
    acme: Tenant,
    bobs_request: LeaveRequest,
    dora: Employee,  # noqa: F811
    max_: Employee,  # noqa: F811
) -> None:
    with context.enter(acme), time_machine.travel(datetime(2026, 8, 7, 10, tzinfo=UTC), tick=False):
        leave.request_leave(employee=dora, wish=wish(date(2026, 8, 7), type_code="sick"))

    page = text_of(browser_of(max_).get(f"/leave/{bobs_request.pk}/decide/"))

    assert "Dora Example" in page
    assert "Sick" not in page
    assert "25 left with this request" in page


def test_ones_own_a_foreign_and_a_missing_request_cannot_be_decided(
    browser_of: Any,
    bobs_request: LeaveRequest,
    team: Employee,  # noqa: F811
    dora: Employee,  # noqa: F811
    max_: Employee,  # noqa: F811
) -> None:
    for browser in (browser_of(team), browser_of(dora)):
        for request_id in (bobs_request.pk, 8_000_001):
            assert browser.get(f"/leave/{request_id}/decide/").status_code == 404
            assert browser.post(f"/leave/{request_id}/decide/", {"approve": "1"}).status_code == 404
    assert browser_of(dora).get(f"/leave/{bobs_request.pk}/cancel/").status_code == 404
    assert browser_of(max_).get(f"/leave/{bobs_request.pk}/cancel/").status_code == 404


def test_an_employee_has_no_team_page_to_speak_of(bobs: Client) -> None:
    page = bobs.get("/leave/team/")

    assert page.status_code == 200
    assert "you have no team here" in text_of(page)
    assert 'href="/leave/team/"' not in text_of(page)


def test_the_calendar_of_a_large_team_shows_direct_reports(
    browser_of: Any,
    acme: Tenant,
    team: Employee,  # noqa: F811
    max_: Employee,  # noqa: F811
) -> None:
    with context.enter(acme):
        Employee.objects.bulk_create(
            Employee(
                employee_number=f"L{n:03}",
                email=f"l{n}@acme.example",
                first_name="Large",
                last_name=f"Team {n}",
                manager=team,
            )
            for n in range(60)
        )

    page = text_of(browser_of(max_).get("/leave/team/"))

    assert "those who report to you" in page
    assert '<th scope="row">Bob Example</th>' in page
    assert '<th scope="row">Large Team' not in page


def test_passing_decisions_on_and_taking_them_back(
    browser_of: Any,
    acme: Tenant,
    team: Employee,  # noqa: F811
    alice: Employee,
    max_: Employee,  # noqa: F811
) -> None:
    browser = browser_of(max_)
    days = {"first_day": "2026-03-02", "last_day": "2026-03-06"}

    refused = browser.post("/leave/team/delegate/", {**days, "last_day": "2026-03-01", "delegate_id": alice.pk})
    assert refused.status_code == 422
    assert "It ends before it starts." in text_of(refused)
    assert browser.post("/leave/team/delegate/", {**days, "delegate_id": alice.pk}).status_code == 302
    assert "Alice Example" in text_of(browser.get("/leave/team/"))
    with context.enter(acme):
        made = LeaveDelegation.objects.get()
    assert browser_of(alice).post(f"/leave/team/delegations/{made.pk}/end/").status_code == 404
    assert browser.post(f"/leave/team/delegations/{made.pk}/end/").status_code == 302
    with context.enter(acme):
        assert LeaveDelegation.objects.get().revoked_at is not None


def test_pages_need_a_signed_in_person(team: Employee) -> None:  # noqa: F811
    stranger = Client(headers={"host": "acme.localhost"})
    elsewhere = Client(headers={"host": "globex.localhost"})

    for client in (stranger, elsewhere):
        for path in ("/leave/", "/leave/request/", "/leave/team/"):
            assert client.get(path)["Location"].startswith("/sign-in/")


def test_the_policy_of_the_pages_allows_no_inline_code(bobs: Client, bobs_request: LeaveRequest) -> None:
    for path in ("/leave/", "/leave/request/", "/leave/team/", f"/leave/{bobs_request.pk}/cancel/"):
        page = bobs.get(path)
        assert "unsafe" not in page["Content-Security-Policy"]
        assert b" style=" not in page.content and b"<style" not in page.content and b" onclick" not in page.content


def test_side_bar_leads_to_team_leave_who_has_a_team(team: Employee, max_: Employee, browser_of: Any) -> None:  # noqa: F811
    link = 'class="button button-soft" href="/leave/team/"'

    assert link in browser_of(max_).get("/").content.decode()
    assert link not in browser_of(team).get("/").content.decode()


def test_no_page_tells_whoever_decides_that_somebody_is_sick(
    browser_of: Any,
    acme: Tenant,
    dora: Employee,  # noqa: F811
    max_: Employee,  # noqa: F811
) -> None:
    with context.enter(acme):
        made = leave.request_leave(employee=dora, wish=wish(date(2026, 3, 2), type_code="sick", comment="Migraine"))
    browser, path = browser_of(max_), f"/leave/{made.pk}/decide/"

    pages = [browser.get(path), browser.post(path, {"approve": "1"}), browser.get("/leave/team/")]
    pages.append(browser.post(path, {"cancel": "1", "comment": "Because"}, follow=True))
    pages.append(browser.get(path))

    said = [text_of(page) for page in pages]
    assert "Cancelled: Dora Example, away." in said[3]
    assert not [page for page in said if "ick leave" in page or "Migraine" in page]
