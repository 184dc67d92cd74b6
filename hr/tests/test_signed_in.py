"""Where people are signed in: listed in coarse words, ended by them and by HR, and cut off for a whole company."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditLog
from conftest import PASSWORD
from hr import signed_in
from hr.models import BrowserSession, Employee, RefreshToken
from hr.services import service_accounts as accounts
from hr.signed_in import records
from hr.tests.api_helpers import api, claims_of, post, sign_in, signed
from tenants import context, cutoffs
from tenants.models import OperatorSession, Tenant, TokenCutoff

pytestmark = pytest.mark.django_db

DOCUMENTS, REFRESH = "/api/v1/documents", "/api/v1/auth/token/refresh"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def nothing_noted() -> Iterator[None]:
    records._noted.clear()
    yield
    records._noted.clear()


def browser(tenant: Tenant, employee: Employee, **headers: str) -> Client:
    """A browser in which the person signed in with their password."""
    client = Client(headers={"host": f"{tenant.schema_name}.localhost", "user-agent": FIREFOX, **headers})
    answer = client.post("/sign-in/", {"email": employee.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def is_in(client: Client) -> bool:
    return client.get("/conversations/").status_code == 200


def places(tenant: Tenant, employee: Employee) -> tuple[signed_in.SignedIn, ...]:
    with context.enter(tenant):
        return signed_in.signed_in_of(user=User.objects.get(pk=employee.user_id), now=timezone.now())


def end(tenant: Tenant, employee: Employee, ref: str) -> None:
    with context.enter(tenant):
        signed_in.end_one(user=User.objects.get(pk=employee.user_id), ref=ref)


def test_browsers_and_programs_are_listed_in_coarse_words(acme: Tenant, bob: Employee) -> None:
    browser(acme, bob)
    sign_in(acme, bob)

    found = places(acme, bob)

    assert {(place.kind, place.browser, place.network) for place in found} == {
        ("browser", "Firefox on Windows", "this computer"),
        ("program", "unknown program", "this computer"),
    }


def test_a_session_ended_by_its_owner_is_out_with_the_next_click(acme: Tenant, bob: Employee) -> None:
    kept, ended = browser(acme, bob), browser(acme, bob)
    oldest, newest = sorted(places(acme, bob), key=lambda place: place.created_at)

    end(acme, bob, newest.ref)

    assert is_in(kept) and not is_in(ended)
    assert [place.ref for place in places(acme, bob)] == [oldest.ref]
    with context.enter(acme):
        assert Session.objects.count() == 1
        assert AuditLog.objects.filter(verb="session.end", target=bob.actor_label).count() == 1


def test_a_program_ended_by_its_owner_is_out_with_the_next_request(acme: Tenant, bob: Employee) -> None:
    kept, ended = sign_in(acme, bob), sign_in(acme, bob)
    ref = max(places(acme, bob), key=lambda place: place.created_at).ref

    end(acme, bob, ref)

    assert api(acme, token=kept["access"]).get(DOCUMENTS).status_code == 200
    assert api(acme, token=ended["access"]).get(DOCUMENTS).status_code == 401
    assert post(api(acme), REFRESH, {"refresh": ended["refresh"]}).status_code == 401


@pytest.mark.parametrize(
    "ref", ["", "browser:", "browser:x", "browser:999999", f"browser:{'9' * 30}", "program:x", "browser:²", "other:1"]
)
def test_what_is_no_session_of_theirs_cannot_be_ended(acme: Tenant, bob: Employee, alice: Employee, ref: str) -> None:
    with pytest.raises(signed_in.NotSignedIn):
        end(acme, bob, ref)


def test_nobody_ends_another_persons_session(acme: Tenant, bob: Employee, alice: Employee) -> None:
    hers, her_tokens = browser(acme, alice), sign_in(acme, alice)
    for place in places(acme, alice):
        with pytest.raises(signed_in.NotSignedIn):
            end(acme, bob, place.ref)

    assert is_in(hers)
    assert api(acme, token=her_tokens["access"]).get(DOCUMENTS).status_code == 200


def test_revoking_a_person_ends_everything_and_lets_them_in_anew(acme: Tenant, bob: Employee, alice: Employee) -> None:
    page, pair, other = browser(acme, bob), sign_in(acme, bob), browser(acme, alice)
    with context.enter(acme):
        by_command = signed(claims_of(acme, bob))

        signed_in.end_all(employee=bob, reason="phone lost")

    assert not is_in(page) and is_in(other)
    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 401
    assert api(acme, token=by_command).get(DOCUMENTS).status_code == 401
    assert post(api(acme), REFRESH, {"refresh": pair["refresh"]}).status_code == 401
    assert is_in(browser(acme, bob))
    assert api(acme, token=sign_in(acme, bob)["access"]).get(DOCUMENTS).status_code == 200
    with context.enter(acme):
        row = AuditLog.objects.get(verb="employee.revoke_tokens")
    assert (row.target, row.reason, row.details) == (bob.actor_label, "phone lost", {"browsers": 1, "programs": 1})


def test_a_session_that_nobody_noted_ends_with_the_person_too(acme: Tenant, bob: Employee) -> None:
    page = browser(acme, bob)
    with context.enter(acme):
        BrowserSession.objects.all().delete()

        signed_in.end_all(employee=bob, reason="test")

    assert not is_in(page)
    assert is_in(browser(acme, bob))


def test_cut_off_ends_everybody_of_the_company_and_nobody_elsewhere(
    acme: Tenant, bob: Employee, alice: Employee, globex: Tenant, charlie: Employee
) -> None:
    page, pair = browser(acme, bob), sign_in(acme, bob)
    theirs, their_pair = browser(globex, charlie), sign_in(globex, charlie)
    with context.enter(acme):
        issued = accounts.create_service_account(
            name="Intranet", scopes=["documents:read"], by=alice, now=timezone.now()
        )
    assert api(acme, token=issued.secret).get(DOCUMENTS).status_code == 200

    with context.enter_platform():
        ended = cutoffs.cut_off(tenant=acme, reason="data leak suspected")

    assert (ended.browsers, ended.programs) == (1, 1)
    assert not is_in(page)
    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 401
    assert post(api(acme), REFRESH, {"refresh": pair["refresh"]}).status_code == 401
    assert api(acme, token=issued.secret).get(DOCUMENTS).status_code == 401
    assert is_in(theirs) and api(globex, token=their_pair["access"]).get(DOCUMENTS).status_code == 200
    assert is_in(browser(acme, bob))
    assert api(acme, token=sign_in(acme, bob)["access"]).get(DOCUMENTS).status_code == 200
    with context.enter(acme):
        fresh = accounts.rotate_service_account(account=issued.account, by=alice, now=timezone.now())
    assert api(acme, token=fresh.secret).get(DOCUMENTS).status_code == 200
    with context.enter_platform():
        cut = TokenCutoff.objects.get()
        assert AuditLog.objects.filter(verb="tenant.revoke_tokens").count() == 1
    assert (cut.tenant_id, cut.epoch, cut.reason) == (acme.pk, 2, "data leak suspected")


def test_changing_the_password_keeps_this_session_in_the_list_and_signing_out_takes_it_off(
    acme: Tenant, bob: Employee
) -> None:
    page = browser(acme, bob)
    new = "another correct horse battery"
    page.post("/account/password/", {"present": PASSWORD, "password": new, "again": new})
    assert is_in(page)
    with context.enter(acme):
        row = BrowserSession.objects.get()
    assert row.digest == records.digest_of(page.cookies["ragsite_session"].value)

    page.post("/sign-out/")

    assert places(acme, bob) == ()


def test_use_is_noted_once_in_a_while_without_lengthening_the_session(
    acme: Tenant, bob: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser(acme, bob)
    is_in(page)
    with CaptureQueriesContext(connection) as quiet:
        is_in(page)
    with context.enter(acme):
        BrowserSession.objects.update(last_used_at=timezone.now() - timedelta(hours=1))
        ends = Session.objects.latest("expire_date").expire_date
    records._noted.clear()

    is_in(page)

    assert not [query for query in quiet if "browser_sessions" in query["sql"]]
    with context.enter(acme):
        assert BrowserSession.objects.get().last_used_at > timezone.now() - timedelta(minutes=1)
        assert Session.objects.latest("expire_date").expire_date == ends


def test_nothing_in_the_table_opens_a_session(acme: Tenant, bob: Employee) -> None:
    key = browser(acme, bob, **{"x-forwarded-for": "203.0.113.77"}).cookies["ragsite_session"].value

    with context.enter(acme):
        stored = str(list(BrowserSession.objects.values())) + str(list(RefreshToken.objects.values()))
    assert key not in stored and "127.0.0.1" not in stored and "rv:140" not in stored


def test_operators_sessions_are_listed_on_the_platform(db: None) -> None:
    with context.enter_platform():
        olga = User.objects.create_superuser("olga@platform.example", "olga@platform.example", PASSWORD)
        client = Client(headers={"host": "localhost"})
        client.force_login(olga, backend="hr.backends.EmployeeBackend")
        other = Client(headers={"host": "localhost"})
        other.force_login(olga, backend="hr.backends.EmployeeBackend")
    assert client.get("/admin/").status_code == other.get("/admin/").status_code == 200

    with context.enter_platform():
        _, second = signed_in.signed_in_of(user=olga, now=timezone.now())
        signed_in.end_one(user=olga, ref=second.ref)

    assert OperatorSession.objects.count() == 1
    assert sorted([client.get("/admin/").status_code, other.get("/admin/").status_code]) == [200, 302]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/18 Safari/605", "Safari on macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 Chrome/140 Safari/537 Edg/140", "Edge on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/140 Safari/605", "Chrome on iPhone"),
        ("curl/8.5", "curl"),
        ("Something on Android", "unknown program on Android"),
        ("<script>alert(1)</script>", "unknown program"),
        ("", "unknown program"),
    ],
)
def test_browsers_in_words(agent: str, words: str) -> None:
    assert signed_in.browser_of(agent) == words


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("198.51.100.7", "inside the network"),  # kept for documentation, so private to the library
        ("8.8.4.4", "8.8.x.x"),
        ("::ffff:8.8.4.4", "8.8.x.x"),
        ("2a00:1450:4001:80b::200e", "2a00:1450:…"),
        ("10.1.2.3", "inside the network"),
        ("127.0.0.1", "this computer"),
        ("::1", "this computer"),
        ("", "unknown network"),
        ("not an address", "unknown network"),
    ],
)
def test_networks_in_words(address: str, words: str) -> None:
    assert signed_in.network_of(address) == words


def test_a_page_is_shown_although_its_use_could_not_be_noted(
    acme: Tenant, bob: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser(acme, bob)

    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError

    monkeypatch.setattr(records, "note", away)

    assert is_in(page)


def test_what_a_process_remembers_is_bounded(acme: Tenant, bob: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_MAX_NOTED", 2)

    for _ in range(4):
        browser(acme, bob)

    assert len(records._noted) <= 2


def test_rows_of_sessions_that_time_has_ended_are_forgotten(acme: Tenant, bob: Employee) -> None:
    browser(acme, bob)

    with context.enter(acme):
        assert records.forget_expired(now=timezone.now()) == 0
        assert records.forget_expired(now=timezone.now() + timedelta(hours=13)) == 1
