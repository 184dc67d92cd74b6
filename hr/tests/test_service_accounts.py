"""Programs with accounts of their own: what they may, what they never may, and what ends them."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from audit.models import AuditLog
from conftest import make_person
from hr import access
from hr.models import Employee, LeaveRequest, LeaveType, ServiceAccount
from hr.services import service_accounts as accounts
from hr.services.service_accounts import IssuedSecret
from hr.tests.api_helpers import api, claims_of, post, signed
from hr.tests.pay_stories import make_paystub
from retrieval.tests import stories
from tenants import context, cutoffs
from tenants.machines import scopes, secrets
from tenants.models import Tenant

pytestmark = pytest.mark.django_db

DOCUMENTS, EMPLOYEES, ACCOUNTS = "/api/v1/documents", "/api/v1/employees", "/api/v1/service-accounts"
COMPANY = sorted(scopes.names(scopes.COMPANY_SCOPES))
PLAIN = sorted(scope.name for scope in scopes.COMPANY_SCOPES if not scope.for_managing)


def issue(tenant: Tenant, by: Employee, **values: Any) -> IssuedSecret:
    with context.enter(tenant):
        given = {"name": "Intranet", "scopes": PLAIN, "now": timezone.now()} | values
        return accounts.create_service_account(by=by, **given)


def managing(tenant: Tenant, by: Employee, **values: Any) -> IssuedSecret:
    return issue(tenant, by, **({"scopes": COMPANY, "role": "hr"} | values))


def test_secret_opens_what_its_scopes_name(acme: Tenant, alice: Employee) -> None:
    issued = issue(acme, alice, scopes=["documents:read"])

    client = api(acme, token=issued.secret)

    assert client.get(DOCUMENTS).status_code == 200
    refused = post(client, "/api/v1/search", {"question": "How many days of leave?"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "missing_scope")
    assert "search" in refused.json()["errors"][0]["detail"]


def test_secret_is_stored_nowhere_and_shown_in_no_representation(acme: Tenant, alice: Employee) -> None:
    issued = issue(acme, alice)
    given = secrets.parse(issued.secret)
    assert given is not None

    with context.enter(acme):
        stored = str(list(ServiceAccount.objects.values())) + str(list(AuditLog.objects.values()))
    assert given.secret not in stored + repr(issued) + repr(given)
    assert issued.account.digest in stored


def test_reads_what_an_employee_without_attributes_reads(acme: Tenant, alice: Employee, bob: Employee) -> None:
    with context.enter(acme):
        stories.make_document(title="For everybody")
        stories.make_document(title="Confidential", is_confidential=True)
        sales = stories.make_document(title="For sales only")
        sales.audience_departments = ["sales"]
        sales.save()
        own = stories.make_document(title="Of bob")
        own.persona, own.subject = "personal", bob
        own.save()
    plain, manages = issue(acme, alice), managing(acme, alice, name="Archive")

    seen = api(acme, token=plain.secret).get(DOCUMENTS).json()["results"]
    seen_by_managing = api(acme, token=manages.secret).get(DOCUMENTS).json()["results"]
    opened = api(acme, token=manages.secret).get(f"{DOCUMENTS}/{own.pk}")

    assert [row["title"] for row in seen] == ["For everybody"]
    assert {row["title"] for row in seen_by_managing} == {"For everybody", "Confidential", "For sales only"}
    assert opened.status_code == 404


def test_whatever_its_scopes_nothing_personal_is_reached(acme: Tenant, alice: Employee, bob: Employee) -> None:
    with context.enter(acme):
        paystub = make_paystub(bob)
    client = api(acme, token=managing(acme, alice).secret)

    answers = [
        client.get("/api/v1/paystubs"),
        client.get(f"/api/v1/paystubs/{paystub.pk}"),
        client.get("/api/v1/leave/balance"),
        client.get("/api/v1/leave/requests"),
        client.get("/api/v1/sessions"),
        post(client, "/api/v1/query", {"question": "How much leave is left?"}),
        post(client, "/api/v1/leave/requests/1/approve"),
        post(client, "/api/v1/service-accounts", {"name": "Another"}),
        post(client, "/api/v1/service-accounts/1/rotate", {"reason": "mine"}),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert {answer.json()["errors"][0]["code"] for answer in answers} == {"people_only"}


def test_a_program_that_reads_like_hr_sees_people_and_absences_by_its_scopes(
    acme: Tenant, alice: Employee, bob: Employee
) -> None:
    client = api(acme, token=managing(acme, alice).secret)
    plain = api(acme, token=issue(acme, alice, name="Plain").secret)

    assert client.get(EMPLOYEES).json()["count"] >= 2
    assert client.get(f"{EMPLOYEES}/{bob.pk}").status_code == 200
    assert client.get("/api/v1/leave/team").json() | {"first": "", "last": ""} == {
        "first": "",
        "last": "",
        "absences": [],
        "waiting": [],
    }
    assert plain.get(EMPLOYEES).status_code == 403
    assert access.may_manage_pay(access.caller_of(ServiceAccount(role="hr"))) is False


def test_everybodys_leave_is_shown_to_a_program_and_nothing_waits_for_it(
    acme: Tenant, alice: Employee, bob: Employee
) -> None:
    day = date.today() + timedelta(days=3)
    with context.enter(acme):
        LeaveRequest.objects.create(
            employee=bob,
            leave_type=LeaveType.objects.get(code="unpaid"),
            first_day=day,
            last_day=day,
            days=1,
        )

    seen = api(acme, token=managing(acme, alice).secret).get("/api/v1/leave/team").json()

    assert len(seen["absences"]) == 1 and seen["waiting"] == []


def test_it_acts_in_its_own_name(acme: Tenant, alice: Employee) -> None:
    issued = managing(acme, alice)
    with context.enter(acme):
        document = stories.make_document()

    api(acme, token=issued.secret).get(f"{DOCUMENTS}/{document.pk}")

    with context.enter(acme):
        row = AuditLog.objects.get(verb="document.read")
    assert (row.actor_kind, row.actor) == ("service", f"service:{issued.account.pk}")


def test_use_is_noted_once_a_minute(acme: Tenant, alice: Employee) -> None:
    issued = issue(acme, alice)
    client = api(acme, token=issued.secret)
    client.get(DOCUMENTS)
    with context.enter(acme):
        first = ServiceAccount.objects.get().last_used_at
    client.get(DOCUMENTS)
    with context.enter(acme):
        assert first is not None and ServiceAccount.objects.get().last_used_at == first

    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        client.get(DOCUMENTS)

    with context.enter(acme):
        assert ServiceAccount.objects.get().last_used_at > first


@pytest.mark.parametrize("change", ["left", "demoted", "removed"])
def test_it_stops_when_nobody_answers_for_it_and_goes_on_when_somebody_does(
    acme: Tenant, alice: Employee, change: str
) -> None:
    issued = issue(acme, alice)
    client = api(acme, token=issued.secret)
    erin = make_person(acme, email="erin@acme.example", name="Erin", role="ceo")
    with context.enter(acme):
        changed = {"left": {"is_active": False}, "demoted": {"role": "employee"}}.get(change)
        if changed:
            Employee.objects.filter(pk=alice.pk).update(**changed)
        else:
            ServiceAccount.objects.update(responsible=None)

    assert client.get(DOCUMENTS).status_code == 401
    with context.enter(acme):
        assert AuditLog.objects.get(verb="token.refused").reason == "orphaned"
        accounts.answer_for_service_account(account=issued.account, by=erin, reason="takes over")
    assert client.get(DOCUMENTS).status_code == 200


def test_a_rotation_leaves_the_former_secret_as_long_as_it_was_told_to(acme: Tenant, alice: Employee) -> None:
    issued = issue(acme, alice)
    with context.enter(acme):
        second = accounts.rotate_service_account(account=issued.account, by=alice, now=timezone.now(), overlap_hours=1)
    both = [api(acme, token=each.secret).get(DOCUMENTS).status_code for each in (issued, second)]
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        later = [api(acme, token=each.secret).get(DOCUMENTS).status_code for each in (issued, second)]
    with context.enter(acme):
        third = accounts.rotate_service_account(account=issued.account, by=alice, now=timezone.now())
    at_once = [api(acme, token=each.secret).get(DOCUMENTS).status_code for each in (second, third)]

    assert (both, later, at_once) == ([200, 200], [401, 200], [401, 200])


def test_a_secret_that_was_cut_off_does_not_live_on_as_the_former_one(acme: Tenant, alice: Employee) -> None:
    issued = issue(acme, alice)
    with context.enter_platform():
        cutoffs.cut_off(tenant=acme, reason="data leak suspected")
    with context.enter(acme):
        assert ServiceAccount.objects.get().state(now=timezone.now()) == "cut_off"
        second = accounts.rotate_service_account(account=issued.account, by=alice, now=timezone.now(), overlap_hours=72)

    assert api(acme, token=issued.secret).get(DOCUMENTS).status_code == 401
    assert api(acme, token=second.secret).get(DOCUMENTS).status_code == 200


def test_what_cannot_be_had_is_refused_by_name(acme: Tenant, alice: Employee, bob: Employee) -> None:
    issued = issue(acme, alice)

    with pytest.raises(accounts.MayNotManageAccounts):
        issue(acme, bob, name="Of bob")
    with pytest.raises(accounts.WrongScopes, match="at least one"):
        issue(acme, alice, name="Without", scopes=[])
    with pytest.raises(accounts.WrongScopes, match="tenants:write"):
        issue(acme, alice, name="Unknown", scopes=["tenants:write"])
    with pytest.raises(accounts.WrongScopes, match="employees:read"):
        issue(acme, alice, name="Too much", scopes=["employees:read"])
    with pytest.raises(accounts.NameTaken):
        issue(acme, alice)
    for days in (0, -1, 366):
        with pytest.raises(accounts.WrongLifetime):
            issue(acme, alice, name=f"For {days}", days=days)
    with context.enter(acme):
        for hours in (-1, 73):
            with pytest.raises(accounts.WrongOverlap):
                accounts.rotate_service_account(
                    account=issued.account, by=alice, now=timezone.now(), overlap_hours=hours
                )
        accounts.revoke_service_account(account=issued.account, by=alice, now=timezone.now(), reason="test")
        for again in (
            lambda: accounts.revoke_service_account(account=issued.account, by=alice, now=timezone.now(), reason="x"),
            lambda: accounts.rotate_service_account(account=issued.account, by=alice, now=timezone.now()),
            lambda: accounts.answer_for_service_account(account=issued.account, by=alice, reason="x"),
        ):
            with pytest.raises(accounts.NotUsable):
                again()


def test_a_program_cannot_answer_for_programs(acme: Tenant, alice: Employee) -> None:
    account = managing(acme, alice).account

    assert not access.may_manage_service_accounts(access.caller_of(account))


def test_what_stands_for_a_program_is_never_stored(acme: Tenant, alice: Employee) -> None:
    caller = access.caller_of(issue(acme, alice).account)

    with pytest.raises(TypeError):
        caller.save()
    with pytest.raises(TypeError):
        caller.delete()


@pytest.mark.parametrize(
    "values",
    [
        {"expires_at": timezone.now() + timedelta(days=400)},
        {"expires_at": timezone.now() - timedelta(days=1)},
        {"scopes": []},
        {"role": "ceo"},
    ],
)
def test_the_database_keeps_the_rules(acme: Tenant, alice: Employee, values: dict[str, Any]) -> None:
    issue(acme, alice)

    with context.enter(acme), pytest.raises(IntegrityError), transaction.atomic():
        ServiceAccount.objects.update(**values)


def test_a_secret_is_logged_out_nowhere(acme: Tenant, alice: Employee) -> None:
    answer = post(api(acme, token=issue(acme, alice).secret), "/api/v1/auth/logout")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "no_session")


def test_accounts_by_api(acme: Tenant, alice: Employee, bob: Employee) -> None:
    client = api(acme, token=signed(claims_of(acme, alice)))
    staff = api(acme, token=signed(claims_of(acme, bob)))
    wish = {"name": "Intranet", "scopes": ["documents:read"], "reason": "for the intranet", "days": 30}

    made = post(client, ACCOUNTS, wish)
    taken = post(client, ACCOUNTS, wish)
    too_much = post(client, ACCOUNTS, wish | {"name": "More", "scopes": ["audit:read"]})
    listed = client.get(ACCOUNTS).json()
    rotated = post(client, f"{ACCOUNTS}/{made.json()['id']}/rotate", {"reason": "leaked"})
    revoked = post(client, f"{ACCOUNTS}/{made.json()['id']}/revoke", {"reason": "not needed"})
    again = post(client, f"{ACCOUNTS}/{made.json()['id']}/revoke", {"reason": "not needed"})
    missing = post(client, f"{ACCOUNTS}/999999999/rotate", {"reason": "leaked"})

    assert made.status_code == 201 and made.json()["responsible"] == alice.pk
    assert [taken.json()["errors"][0]["code"], too_much.json()["errors"][0]["code"]] == ["name_taken", "wrong_scopes"]
    assert [row["name"] for row in listed] == ["Intranet"] and "secret" not in listed[0]
    assert rotated.json()["secret"] != made.json()["secret"]
    assert (revoked.json()["state"], again.status_code, missing.status_code) == ("revoked", 409, 404)
    assert staff.get(ACCOUNTS).status_code == post(staff, ACCOUNTS, wish).status_code == 403
    reading = api(acme, token=managing(acme, alice, name="Inventory").secret)
    assert reading.get(ACCOUNTS).status_code == 200


def test_accounts_in_the_console(acme: Tenant, alice: Employee) -> None:
    console = Client(headers={"host": "acme.localhost"})
    with context.enter(acme):
        assert alice.user is not None
        console.force_login(alice.user, backend="hr.backends.EmployeeBackend")
    base = "/admin/hr/serviceaccount/"
    wish = {"name": "Intranet", "scopes": ["documents:read"], "role": "employee", "days": "30", "reason": "for search"}

    empty = console.post(f"{base}add/", {})
    made = console.post(f"{base}add/", wish)
    taken = console.post(f"{base}add/", wish)
    account = _only(acme)
    confirmed = {"confirmed": "1", "reason": "leaked", "days": "30", "overlap_hours": "0"}
    rotated = console.post(f"{base}{account.pk}/rotate/", confirmed)
    page = console.get(f"{base}{account.pk}/change/").content.decode()

    assert (empty.status_code == 200 and "errorlist" in empty.content.decode()) or "required" in empty.content.decode()
    assert "no-store" in made["Cache-Control"] and "hrs_" in made.content.decode()
    assert "There is, or was, a service account of this name." in taken.content.decode()
    assert "hrs_" in rotated.content.decode()
    assert f"hrs_{_only(acme).public_id}_…" in page and "Alice Example" in page
    assert console.get(base).status_code == 200
    console.post(f"{base}{account.pk}/take-over/", {"confirmed": "1", "reason": "mine now"})
    console.post(f"{base}{account.pk}/revoke/", {"confirmed": "1", "reason": "not needed"})
    assert _only(acme).state(now=timezone.now()) == "revoked"


def _only(tenant: Tenant) -> ServiceAccount:
    with context.enter(tenant):
        return ServiceAccount.objects.select_related("responsible").get()
