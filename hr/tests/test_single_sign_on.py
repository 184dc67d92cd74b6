"""Single sign-on end to end against a real provider on loopback, and against one that lies."""

import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from audit.models import AuditLog
from conftest import PASSWORD, make_person
from hr import services
from hr.models import Employee, ExternalIdentity, IdentityProvider
from hr.services import single_sign_on as sso
from hr.signin import oidc
from hr.signin.oidc import fetching
from hr.tests import oidc_provider, signing_in
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db
OWNER = {"two_factor_roles": (), "sso_only_roles": ()}


@pytest.fixture(scope="module")
def server():
    with oidc_provider.running() as running:
        yield running


@pytest.fixture
def provider(server, settings):
    settings.SSO_ALLOW_PRIVATE = True
    fresh = oidc_provider.Provider()
    for name in ("person", "changed", "header", "kid", "algorithm", "secret_of_signature", "metadata", "answers"):
        setattr(server, name, getattr(fresh, name))
    server.asked.clear()
    fetching.forget_failures()
    yield server
    cache.clear()


def wanted(provider, **more):
    values = {
        "is_active": True,
        "name": "Acme account",
        "issuer": provider.issuer,
        "client_id": oidc_provider.CLIENT_ID,
        "client_secret": oidc_provider.CLIENT_SECRET,
        "allowed_domains": ("acme.example",),
        **more,
    }
    return sso.SignInSettings(**values)


def configure(tenant, provider, **more):
    with context.enter(tenant):
        sso.save_settings(settings=wanted(provider, **more))


@pytest.fixture
def configured(acme, provider):
    configure(acme, provider)
    return provider


@pytest.fixture
def browser():
    return Client(headers={"host": "acme.localhost"})


def go(browser, path="/sign-in/sso/"):
    """There and back again, as a browser would; the answer to the callback."""
    away = browser.get(path)
    assert away.status_code == 302, away.content
    back = httpx.get(away["Location"], trust_env=False).headers["Location"]
    return browser.get(back.removeprefix("http://acme.localhost"))


def is_in(browser):
    return browser.get("/").status_code == 200


def rows(tenant, verb):
    with context.enter(tenant):
        return [(row.outcome, row.reason, row.target) for row in AuditLog.objects.filter(verb=verb).order_by("pk")]


def test_round_trip_signs_in_links_and_records(acme, browser, configured, bob):
    reply = go(browser, "/sign-in/sso/?next=/leave/")

    assert reply["Location"] == "/leave/"
    assert is_in(browser)
    with context.enter(acme):
        identity = ExternalIdentity.objects.get()
        assert (identity.employee_id, identity.issuer, identity.subject) == (bob.pk, configured.issuer, "0017")
        (row,) = AuditLog.objects.filter(verb="session.sign_in")
        assert (row.actor, row.details) == (bob.actor_label, {"how": "sso"})
    assert rows(acme, "employee.link_identity") == [("success", "", bob.actor_label)]


def test_the_question_has_state_nonce_pkce_and_the_exact_address(browser, configured):
    asked = {k: v[0] for k, v in parse_qs(urlsplit(browser.get("/sign-in/sso/")["Location"]).query).items()}

    assert asked["redirect_uri"] == "http://acme.localhost/sign-in/sso/callback/"
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert len(asked["state"]) >= 32
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3


def test_button_stands_on_the_sign_in_page_only_where_it_leads_somewhere(acme, browser, provider):
    assert "/sign-in/sso/" not in browser.get("/sign-in/").content.decode()
    assert browser.get("/sign-in/sso/").status_code == 404

    configure(acme, provider)

    assert "Sign in with Acme account" in browser.get("/sign-in/").content.decode()
    assert Client(headers={"host": "globex.localhost"}).get("/sign-in/sso/").status_code == 404


def test_afterwards_the_providers_number_counts_and_not_the_address(acme, browser, configured, bob):
    go(browser)
    configured.person = {"sub": "0017", "email": "robert@elsewhere.example", "email_verified": False}

    again = Client(headers={"host": "acme.localhost"})
    go(again)

    assert is_in(again)


def test_address_given_to_somebody_else_takes_nobody_over(acme, browser, configured, bob):
    go(browser)
    configured.person = {"sub": "0099", "email": bob.email, "email_verified": True}

    again = Client(headers={"host": "acme.localhost"})
    assert go(again).status_code == 403

    assert not is_in(again)
    assert rows(acme, "session.sign_in_failed") == [("refused", "sso_other_identity", "")]


LIES = {
    "another issuer": {"changed": {"iss": "https://evil.example"}},
    "another audience": {"changed": {"aud": "somebody else"}},
    "many audiences without us as the party": {"changed": {"aud": ["x", oidc_provider.CLIENT_ID]}},
    "another party": {"changed": {"azp": "x"}},
    "expired": {"changed": {"exp": int(time.time()) - 3600}},
    "without end": {"changed": {"exp": None}},
    "issued long ago": {"changed": {"iat": int(time.time()) - 86400}},
    "issued in the future": {"changed": {"iat": int(time.time()) + 86400}},
    "another nonce": {"changed": {"nonce": "x" * 43}},
    "no nonce": {"changed": {"nonce": None}},
    "nonce is a number": {"changed": {"nonce": 5}},
    "no subject": {"changed": {"sub": None}},
    "empty subject": {"changed": {"sub": ""}},
    "HMAC with the client secret": {"algorithm": "HS256", "secret_of_signature": oidc_provider.CLIENT_SECRET * 2},
    "unknown key": {"kid": "nobody"},
    "foreign key": {"secret_of_signature": "foreign"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_signs_nobody_in_and_reads_like_any_other(acme, browser, configured, bob, lie):
    for name, value in LIES[lie].items():
        setattr(configured, name, oidc_provider.Provider()._keys["one"] if value == "foreign" else value)

    reply = go(browser)

    assert reply.status_code == 403
    assert "did not work" in reply.content.decode()
    assert not is_in(browser)
    (row,) = rows(acme, "session.sign_in_failed")
    assert row[0] == "refused"
    assert row[1].startswith("sso_")


@pytest.mark.parametrize("flag", [False, None, "false", 1, "yes"])
def test_address_that_is_not_verified_finds_nobody(acme, browser, configured, bob, flag):
    configured.changed = {"email_verified": flag}

    assert go(browser).status_code == 403
    assert rows(acme, "session.sign_in_failed")[0][1] == "sso_address_not_verified"


def test_other_domains_unknown_and_deactivated_people_read_alike(acme, browser, configured, bob, charlie):
    with context.enter(acme):
        dora = make_person(acme, email="dora@acme.example", name="Dora", role="employee")
    with context.enter(acme):
        services.deactivate(employee=dora)
    seen = set()
    for email in (charlie.email, "nobody@acme.example", "dora@acme.example", "bob@acme.example.evil.example"):
        configured.person = {"sub": email, "email": email, "email_verified": True}
        reply = go(Client(headers={"host": "acme.localhost"}))
        seen.add((reply.status_code, reply.content))

    assert len(seen) == 1
    reasons = [row[1] for row in rows(acme, "session.sign_in_failed")]
    assert reasons == ["sso_domain", "sso_unknown_person", "sso_deactivated", "sso_domain"]
    with context.enter(acme):
        assert not ExternalIdentity.objects.exists()


def test_person_deactivated_later_stays_out(acme, browser, configured, bob):
    go(browser)
    with context.enter(acme):
        services.deactivate(employee=bob)

    assert go(Client(headers={"host": "acme.localhost"})).status_code == 403


def test_state_counts_once_and_in_its_own_browser_only(browser, configured, bob):
    away = browser.get("/sign-in/sso/")
    back = httpx.get(away["Location"], trust_env=False).headers["Location"].removeprefix("http://acme.localhost")
    stranger = Client(headers={"host": "acme.localhost"})

    assert stranger.get(back).status_code == 403
    assert browser.get(back).status_code == 302
    browser.post("/sign-out/")
    assert browser.get(back).status_code == 403


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?state=x&code=y", "?error=access_denied&state=x"])
def test_made_up_answers_are_refused(browser, configured, query):
    assert browser.get(f"/sign-in/sso/callback/{query}").status_code == 403


def test_answer_of_another_issuer_is_refused(browser, configured, bob):
    away = browser.get("/sign-in/sso/")
    back = httpx.get(away["Location"], trust_env=False).headers["Location"].removeprefix("http://acme.localhost")

    assert browser.get(f"{back}&iss=https%3A%2F%2Fevil.example").status_code == 403


def test_new_keys_are_found_and_unknown_ones_do_not_make_us_ask_for_ever(browser, configured, bob):
    go(browser)
    kept = configured._keys, configured.kid
    configured.rotate()
    again = Client(headers={"host": "acme.localhost"})

    assert go(again).status_code == 302
    asked = configured.asked.count("/keys")
    configured.kid = "nobody"
    for _ in range(3):
        go(Client(headers={"host": "acme.localhost"}))
    assert configured.asked.count("/keys") == asked
    configured._keys, configured.kid = kept


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/.well-known/openid-configuration", (500, b"")),
        ("/.well-known/openid-configuration", (302, b"")),
        ("/.well-known/openid-configuration", (200, b"[")),
        ("/.well-known/openid-configuration", (200, b"[" * 100_000)),
        ("/.well-known/openid-configuration", (200, b'"x"')),
        ("/.well-known/openid-configuration", (200, b'{"a": "' + b"x" * 300_000 + b'"}')),
        ("/.well-known/openid-configuration", (200, b'{"issuer": "https://other.example"}')),
        ("/token", (500, b"")),
        ("/token", (200, b"<html>")),
        ("/keys", (200, b'{"keys": 5}')),
        ("/keys", (404, b"")),
    ],
)
def test_provider_that_fails_is_a_page_and_not_an_error(browser, configured, bob, path, answer):
    configured.answers = {path: answer}

    away = browser.get("/sign-in/sso/")
    if away.status_code == 302:
        back = httpx.get(away["Location"], trust_env=False).headers["Location"]
        away = browser.get(back.removeprefix("http://acme.localhost"))

    assert away.status_code == 503
    assert "does not answer" in away.content.decode()
    assert away["Retry-After"]


def test_provider_that_keeps_failing_is_left_alone_for_a_while(browser, configured):
    configured.answers = {"/.well-known/openid-configuration": (500, b"")}

    for _ in range(6):
        browser.get("/sign-in/sso/")

    assert len(configured.asked) == 3


@pytest.mark.parametrize("secret_in_form", [True, False])
def test_both_ways_of_showing_the_client_secret_work(browser, configured, bob, secret_in_form):
    methods = ["client_secret_post"] if secret_in_form else ["client_secret_post", "client_secret_basic"]
    configured.metadata = {"token_endpoint_auth_methods_supported": methods}

    assert go(browser).status_code == 302


# --- what the provider says about people ----------------------------------------------------------------------------


MAPPING = {
    "attribute_claims": (("department", "dept"), ("country", "ctry")),
    "role_claim": "groups",
    "role_values": (("hr-team", "hr"), ("leads", "manager")),
}


def test_mapped_attributes_and_role_go_through_the_services_with_audit_rows(acme, browser, provider, bob):
    configure(acme, provider, **MAPPING)
    provider.person |= {"dept": "Optics", "ctry": "DE", "groups": ["staff", "leads", "hr-team"], "given_name": "Bobby"}

    go(browser)

    with context.enter(acme):
        bob.refresh_from_db()
        assert (bob.department, bob.country, bob.role, bob.first_name) == ("Optics", "DE", "hr", "Bobby")
        assert bob.user.is_staff
    assert rows(acme, "employee.update") == [("success", "told by the sign-in provider", bob.actor_label)]
    assert rows(acme, "employee.change_role") == [("success", "told by the sign-in provider", bob.actor_label)]


@pytest.mark.parametrize(
    "claims",
    [
        {"dept": "x" * 101, "ctry": "Germany", "groups": ["ceo"]},
        {"dept": 5, "ctry": None, "groups": {"a": 1}},
        {"dept": "", "ctry": "XX", "groups": "unknown"},
        {"dept": "a\x00b", "ctry": "de", "groups": [["hr-team"]]},
    ],
)
def test_values_that_do_not_fit_are_left_out(acme, browser, provider, bob, claims):
    configure(acme, provider, **MAPPING)
    provider.person |= claims

    go(browser)

    assert is_in(browser)
    with context.enter(acme):
        bob.refresh_from_db()
        assert (bob.department, bob.country, bob.role) == ("", "", "employee")


def test_owner_is_neither_made_nor_changed_by_a_provider(acme, browser, provider):
    owner = make_person(acme, email="boss@acme.example", name="Boss", role="ceo")
    configure(acme, provider, **MAPPING)
    provider.person = {"sub": "1", "email": owner.email, "email_verified": True, "groups": ["leads"], "dept": "X"}

    go(browser)

    with context.enter(acme):
        owner.refresh_from_db()
        assert (owner.role, owner.department) == ("ceo", "")
    with pytest.raises(KeyError):
        {role: role for role in oidc.claims.GIVEN_ROLES}["ceo"]


def test_people_are_added_only_where_the_company_wants_it(acme, browser, provider):
    provider.person = {"sub": "7", "email": "new@acme.example", "email_verified": True, "given_name": "Nora"}
    configure(acme, provider)
    assert go(browser).status_code == 403

    configure(acme, provider, creates_people=True)
    assert go(browser).status_code == 302

    with context.enter(acme):
        nora = Employee.objects.with_email("new@acme.example").get()
        assert (nora.first_name, nora.role) == ("Nora", "employee")
        assert not nora.user.has_usable_password()
    assert rows(acme, "employee.create")[-1][2] == nora.actor_label


def test_second_factor_is_asked_unless_the_provider_does(acme, browser, provider, bob):
    signing_in.give_app(acme, bob.user)
    configure(acme, provider)
    assert go(browser)["Location"] == "/sign-in/second-step/"

    configure(acme, provider, asks_second_factor=True)
    again = Client(headers={"host": "acme.localhost"})
    assert go(again)["Location"] == "/"
    assert is_in(again)


# --- only by the provider -------------------------------------------------------------------------------------------


@pytest.fixture
def owner(acme):
    return make_person(acme, email="boss@acme.example", name="Boss", role="ceo")


def test_sso_only_roles_have_no_other_way_and_the_break_glass_owner_has(acme, browser, provider, bob, owner):
    configure(acme, provider, sso_only_roles=("employee", "ceo"), break_glass=owner)
    with context.enter(acme):
        link = services.new_sign_in_link(employee=bob)

    for path, given in (
        ("/sign-in/", {"email": bob.email, "password": PASSWORD}),
        (link, {"password": "four words make sense", "again": "four words make sense"}),
    ):
        assert browser.post(path, given).status_code in (403, 404)
        assert not is_in(browser)
    given = {"email": bob.email, "password": PASSWORD}
    assert browser.post("/api/v1/auth/token", given, content_type="application/json").status_code == 401
    assert browser.post("/sign-in/", {"email": owner.email, "password": PASSWORD}).status_code == 302


def test_provider_that_is_switched_off_locks_nobody_out(acme, browser, provider, bob, owner):
    configure(acme, provider, sso_only_roles=("employee",), break_glass=owner)
    with context.enter(acme):
        IdentityProvider.objects.update(is_active=False)

    assert browser.post("/sign-in/", {"email": bob.email, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("break_glass", ["nobody", "bob", "without password", "deactivated"])
def test_rule_without_a_way_in_for_the_owner_is_refused(acme, provider, bob, owner, break_glass):
    with context.enter(acme):
        if break_glass == "without password":
            owner.user.set_unusable_password()
        if break_glass == "deactivated":
            owner.is_active = False
        who = {"nobody": None, "bob": bob}.get(break_glass, owner)

        with pytest.raises(sso.CannotSave):
            sso.save_settings(settings=wanted(provider, sso_only_roles=("employee",), break_glass=who))
    assert Tenant.objects.get(pk=acme.pk).sso_only_roles == []


# --- proving again --------------------------------------------------------------------------------------------------


def test_person_without_a_password_proves_again_at_the_provider(acme, browser, configured, alice, settings):
    configured.person = {"sub": "1", "email": alice.email, "email_verified": True}
    go(browser)
    signing_in.age_session(acme, browser, minutes=settings.STEP_UP_MINUTES + 1)
    page = browser.get("/account/confirm/?next=/admin/hr/employee/export/").content.decode()
    assert "/sign-in/sso/?confirm=1&amp;next=%2Fadmin%2Fhr%2Femployee%2Fexport%2F" in page

    reply = go(browser, "/sign-in/sso/?confirm=1&next=/admin/hr/employee/export/")

    assert reply["Location"] == "/admin/hr/employee/export/"
    assert browser.get("/admin/hr/employee/export/").status_code == 200
    assert rows(acme, "session.confirm") == [("success", "", alice.actor_label)]


@pytest.mark.parametrize("changed", [{"sub": "2"}, {"auth_time": 1}, {"auth_time": None}])
def test_somebody_else_or_an_old_proof_confirms_nothing(acme, browser, configured, alice, changed, settings):
    configured.person = {"sub": "1", "email": alice.email, "email_verified": True}
    go(browser)
    signing_in.age_session(acme, browser, minutes=settings.STEP_UP_MINUTES + 1)
    configured.changed = changed

    assert go(browser, "/sign-in/sso/?confirm=1").status_code == 403
    assert browser.get("/admin/hr/employee/export/")["Location"].startswith("/account/confirm/")


# --- the address ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "http://login.example.com",
        "https://127.0.0.1",
        "https://127.0.0.1:8443/x",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://10.1.2.3",
        "https://192.168.0.1",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1",
        "https://0.0.0.0",
        "https://224.0.0.1",
        "https://user:pw@login.example.com",
        "https://login.example.com#x",
        "https://login.example.com:99999",
        "https://",
        "file:///etc/passwd",
        "ftp://login.example.com",
        "javascript:alert(1)",
        "https://login.example.com\\@127.0.0.1",
        "https://login.example.com /",
        "https://\u0661.example",
        "https://" + "x" * 600,
        "",
    ],
)
def test_unsafe_addresses_are_not_asked(address):
    with pytest.raises(fetching.UnsafeAddress):
        fetching.get_json(address)


@pytest.mark.parametrize("name", ["localhost", "127.1", "2130706433", "0x7f000001", "acme.localhost"])
def test_names_that_lead_into_the_private_network_are_not_asked(name):
    """By what the name leads to, in every spelling that the system's resolver understands."""
    with pytest.raises((fetching.UnsafeAddress, fetching.ProviderUnavailable)) as refused:
        fetching.get_json(f"https://{name}/.well-known/openid-configuration")

    if isinstance(refused.value, fetching.ProviderUnavailable):
        assert refused.value.reason == "unknown_host"
    fetching.forget_failures()


def test_description_that_names_a_private_address_is_refused(browser, acme, configured, settings):
    configured.metadata = {"token_endpoint": "ftp://169.254.169.254/"}

    assert browser.get("/sign-in/sso/").status_code == 503


# --- the owner's page -----------------------------------------------------------------------------------------------


@pytest.fixture
def console(acme, owner):
    client = Client(headers={"host": "acme.localhost"})
    with context.enter(acme):
        client.force_login(owner.user, backend="hr.backends.EmployeeBackend")
    return client


PAGE = "/admin/settings/sign-in/"


def typed(provider, **more):
    return {
        "two_factor_roles": ["hr", "ceo"],
        "is_active": "on",
        "name": "Acme account",
        "issuer": provider.issuer,
        "client_id": "x",
        "client_secret": "top secret words",
        "allowed_domains": "acme.example\nACME.example\n\nacme.test",
        "role_claim": "groups",
        "role_values": "hr team = hr\na=b = manager",
        "department": "dept",
        **more,
    }


def test_owner_saves_and_the_secret_is_sealed_and_never_shown(acme, console, provider):
    assert console.post(PAGE, typed(provider))["Location"] == PAGE

    with context.enter(acme):
        row = IdentityProvider.objects.get()
        assert b"top secret" not in bytes(row.sealed_secret)
        assert sso.talk_to(row, redirect_uri="x").client_secret == "top secret words"
        assert row.allowed_domains == ["acme.example", "acme.test"]
        assert row.role_values == {"hr team": "hr", "a=b": "manager"}
        assert row.attribute_claims == {"department": "dept"}
        (audited,) = AuditLog.objects.filter(verb="tenant.sign_in_settings")
        assert "top secret" not in str(audited.details)
        assert audited.details["two_factor_roles"] == ["ceo", "hr"]
    page = console.get(PAGE).content.decode()
    assert "top secret" not in page
    assert "hr team = hr" in page
    assert "http://acme.localhost/sign-in/sso/callback/" in page


def test_empty_secret_leaves_the_one_there_is(acme, console, provider):
    console.post(PAGE, typed(provider))

    console.post(PAGE, typed(provider, client_secret="", name="Another"))

    with context.enter(acme):
        row = IdentityProvider.objects.get()
        assert (row.name, sso.talk_to(row, redirect_uri="x").client_secret) == ("Another", "top secret words")


@pytest.mark.parametrize(
    "mistake",
    [
        {"issuer": "http://169.254.169.254"},
        {"issuer": "https://localhost"},
        {"issuer": "https://sso.LOCALHOST.:8443/x"},
        {"issuer": "https://intranet"},
        {"issuer": "nonsense"},
        {"issuer": ""},
        {"client_id": ""},
        {"client_secret": ""},
        {"allowed_domains": ""},
        {"allowed_domains": "not a domain"},
        {"role_values": "x = ceo"},
        {"role_values": "nonsense"},
        {"two_factor_roles": ["king"]},
        {"sso_only_roles": ["employee"]},
    ],
)
def test_mistakes_are_told_and_nothing_is_saved(acme, console, provider, settings, mistake):
    settings.SSO_ALLOW_PRIVATE = mistake.get("issuer") is None

    reply = console.post(PAGE, typed(provider, **mistake))

    assert reply.status_code == 200
    with context.enter(acme):
        assert not IdentityProvider.objects.exists()
        assert not AuditLog.objects.filter(verb="tenant.sign_in_settings").exists()


def test_button_tests_the_provider(acme, console, provider):
    console.post(PAGE, typed(provider))

    page = console.post(PAGE, {"test": "1"}, follow=True).content.decode()
    assert f"{provider.issuer} answered and has 1 key." in page

    provider.answers = {"/.well-known/openid-configuration": (404, b"")}
    assert "No usable answer" in console.post(PAGE, {"test": "1"}, follow=True).content.decode()
    assert len(rows(acme, "tenant.sign_in_test")) == 2


def test_page_is_the_owners_alone(acme, alice, bob):
    for person, status in ((alice, 403), (bob, 302)):
        client = Client(headers={"host": "acme.localhost"})
        with context.enter(acme):
            client.force_login(person.user, backend="hr.backends.EmployeeBackend")
        assert client.get(PAGE).status_code == status
        assert client.post(PAGE, {"two_factor_roles": []}).status_code == status


def test_page_asks_who_is_there_when_the_last_time_is_long_ago(acme, console, settings):
    signing_in.age_session(acme, console, minutes=settings.STEP_UP_MINUTES + 1)

    assert console.get(PAGE)["Location"].startswith("/account/confirm/")
    assert console.post(PAGE, {"two_factor_roles": ["hr"]})["Location"].startswith("/account/confirm/")
    assert Tenant.objects.get(pk=acme.pk).two_factor_roles == []


# --- the tables -----------------------------------------------------------------------------------------------------


def test_company_has_one_provider(in_acme, provider):
    sso.save_settings(settings=wanted(provider))
    row = IdentityProvider.objects.get()
    row.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    with pytest.raises(IntegrityError, match="one_identity_provider"), transaction.atomic():
        IdentityProvider.objects.update(is_singleton=False)


def test_identity_is_one_person(in_acme, alice, bob):
    ExternalIdentity.objects.create(employee=bob, issuer="https://x", subject="1")

    with pytest.raises(IntegrityError, match="external_identity_is_one_person"), transaction.atomic():
        ExternalIdentity.objects.create(employee=alice, issuer="https://x", subject="1")
