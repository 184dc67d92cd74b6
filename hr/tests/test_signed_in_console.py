"""Sessions ended from the console by HR, from the Security page by their owner, and by API."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from audit.models import AuditLog
from conftest import PASSWORD, make_person
from hr import signed_in
from hr.models import Employee
from hr.signed_in import records
from hr.tests.api_helpers import api, claims_of, post, sign_in, signed
from hr.tests.test_signed_in import browser, is_in, places
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db

DOCUMENTS, SESSIONS = "/api/v1/documents", "/api/v1/sessions"
REASON = {"confirmed": "1", "reason": "phone lost"}


@pytest.fixture(autouse=True)
def nothing_noted() -> Iterator[None]:
    records._noted.clear()
    yield
    records._noted.clear()


@pytest.fixture
def console(acme: Tenant, alice: Employee) -> Client:
    """Alice's browser."""
    client = Client(headers={"host": "acme.localhost"})
    with context.enter(acme):
        assert alice.user is not None
        client.force_login(alice.user, backend="hr.backends.EmployeeBackend")
    return client


def action(employee: Employee, name: str) -> str:
    return f"/admin/hr/employee/{employee.pk}/{name}/"


def test_hr_sees_where_somebody_is_signed_in_and_ends_what_it_chooses(
    acme: Tenant, bob: Employee, console: Client
) -> None:
    page, pair = browser(acme, bob), sign_in(acme, bob)
    (place,) = [each for each in places(acme, bob) if each.kind == "browser"]

    shown = console.get(action(bob, "end-sessions")).content.decode()
    answer = console.post(action(bob, "end-sessions"), REASON | {"places": [place.ref]}, follow=True)

    assert "Firefox on Windows" in shown and "this computer" in shown and place.ref in shown
    assert answer.status_code == 200
    assert not is_in(page)
    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 200
    with context.enter(acme):
        row = AuditLog.objects.get(verb="session.end")
    assert (row.target, row.reason, row.details) == (bob.actor_label, "phone lost", {"browsers": 1, "programs": 0})


@pytest.mark.parametrize("chosen", [[], ["browser:999999"], ["program:x"]])
def test_hr_ends_nothing_that_is_not_on_the_list(
    acme: Tenant, bob: Employee, console: Client, chosen: list[str]
) -> None:
    page = browser(acme, bob)

    answer = console.post(action(bob, "end-sessions"), REASON | {"places": chosen})

    assert answer.status_code == 200 and is_in(page)
    with context.enter(acme):
        assert not AuditLog.objects.filter(verb="session.end").exists()


def test_hr_ends_everything_of_somebody(acme: Tenant, bob: Employee, console: Client) -> None:
    page, pair = browser(acme, bob), sign_in(acme, bob)

    console.post(action(bob, "revoke-tokens"), REASON)

    assert not is_in(page)
    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 401


@pytest.mark.parametrize("name", ["end-sessions", "revoke-tokens"])
def test_hr_does_not_sign_out_an_owner(acme: Tenant, console: Client, name: str) -> None:
    erin = make_person(acme, email="erin@acme.example", name="Erin", role="ceo")
    page = browser(acme, erin)
    (place,) = places(acme, erin)

    console.post(action(erin, name), REASON | {"places": [place.ref]})

    assert is_in(page)


def test_owner_of_a_session_ends_one_and_all_others(acme: Tenant, bob: Employee) -> None:
    here, there = browser(acme, bob), browser(acme, bob, **{"user-agent": "curl/8"})
    pair = sign_in(acme, bob)
    with context.enter(acme):
        by_command = signed(claims_of(acme, Employee.objects.get(pk=bob.pk)))
    shown = here.get("/account/security/").content.decode()
    assert shown.count("This browser") == 1 and "curl" in shown
    (ref,) = [place.ref for place in places(acme, bob) if place.browser == "curl"]

    here.post("/account/security/sessions/end/", {"place": ref})
    assert is_in(here) and not is_in(there)
    again = here.post("/account/security/sessions/end/", {"place": ref}, follow=True)
    assert "has ended already" in again.content.decode()
    everything = here.post("/account/security/sessions/end-others/", follow=True)

    assert "Signed out in 1 other place." in everything.content.decode()
    assert is_in(here)
    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 401
    assert api(acme, token=by_command).get(DOCUMENTS).status_code == 401, "tokens by command belong to no session"


@pytest.mark.parametrize("place", ["", "\x00", "browser:\x00", "program:\x00", "x" * 5000, "browser:1' OR 1=1"])
def test_odd_places_are_refused_in_words(acme: Tenant, bob: Employee, place: str) -> None:
    here = browser(acme, bob)

    assert here.post("/account/security/sessions/end/", {"place": place}).status_code == 302
    assert is_in(here)


@pytest.mark.parametrize("place", ["program:\x00", "program:x", "browser:x"])
def test_odd_places_are_refused_on_the_platform(db: None, place: str) -> None:
    with context.enter_platform():
        olga = User.objects.create_superuser("olga@platform.example", "olga@platform.example", PASSWORD)
        with pytest.raises(signed_in.NotSignedIn):
            signed_in.end_one(user=olga, ref=place)


def test_sessions_by_api(acme: Tenant, bob: Employee) -> None:
    pair, other = sign_in(acme, bob), sign_in(acme, bob)
    client = api(acme, token=pair["access"])
    oldest, newest = sorted(client.get(SESSIONS).json(), key=lambda place: place["created_at"])

    assert post(client, f"{SESSIONS}/end", {"ref": newest["ref"]}).status_code == 204
    assert post(client, f"{SESSIONS}/end", {"ref": newest["ref"]}).status_code == 404
    assert api(acme, token=other["access"]).get(DOCUMENTS).status_code == 401
    assert [place["ref"] for place in client.get(SESSIONS).json()] == [oldest["ref"]]


def test_tokens_of_somebody_are_revoked_by_api(acme: Tenant, alice: Employee, bob: Employee, charlie: Employee) -> None:
    pair = sign_in(acme, bob)
    erin = make_person(acme, email="erin@acme.example", name="Erin", role="ceo")
    client = api(acme, token=signed(claims_of(acme, alice)))

    done = post(client, f"/api/v1/employees/{bob.pk}/revoke-tokens", {"reason": "phone lost"})
    owner = post(client, f"/api/v1/employees/{erin.pk}/revoke-tokens", {"reason": "phone lost"})
    missing = post(client, "/api/v1/employees/999999999/revoke-tokens", {"reason": "phone lost"})
    staff = post(api(acme, token=sign_in(acme, bob)["access"]), f"/api/v1/employees/{erin.pk}/revoke-tokens", {})

    assert (done.status_code, done.json()) == (200, {"browsers": 0, "programs": 1})
    assert (owner.status_code, missing.status_code, staff.status_code) == (403, 404, 403)
    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 401


def test_operator_ends_their_other_places(db: None) -> None:
    with context.enter_platform():
        olga = User.objects.create_superuser("olga@platform.example", "olga@platform.example", PASSWORD)
        here, there = Client(headers={"host": "localhost"}), Client(headers={"host": "localhost"})
        for client in (here, there):
            client.force_login(olga, backend="hr.backends.EmployeeBackend")
            client.get("/admin/")

    here.post("/account/security/sessions/end-others/")

    assert here.get("/admin/").status_code == 200 and there.get("/admin/").status_code == 302
    with context.enter_platform():
        assert len(signed_in.signed_in_of(user=olga, now=timezone.now())) == 1
