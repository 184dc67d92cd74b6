"""Guessing is held off, the owner is not; and nothing tells whether an account exists: no text, no status, no work."""

import itertools
import re
from collections import Counter

import pytest
from django.contrib.auth.models import User
from django.test import Client

from conftest import PASSWORD
from hr import links
from hr.hashers import SmallArgon2PasswordHasher
from hr.models import IdentityProvider
from hr.tests import signing_in
from ragsite import sign_in_limits
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db


BASE = 2


@pytest.fixture(autouse=True)
def by_forwarded_address(settings):
    settings.TRUSTED_PROXY_COUNT = 1
    settings.THROTTLE_RATES_PER_MINUTE = {**settings.THROTTLE_RATES_PER_MINUTE, "sign_in": BASE}
    settings.AXES_FAILURE_LIMIT = BASE


def from_network(number: int, **options) -> Client:
    return Client(headers={"host": "acme.localhost", "x-forwarded-for": f"198.51.{number // 250}.{number % 250}"})


def sign_in(browser, email, password="a wrong guess"):
    return browser.post("/sign-in/", {"email": email, "password": password})


def guesses(email, *, first=0):
    """From as many networks as it takes until one is refused; the statuses."""
    return [sign_in(from_network(first + n), email).status_code for n in range(BASE * 2 + 1)]


def test_one_account_is_held_off_over_all_networks_whether_it_exists_or_not(bob):
    known, unknown = guesses(bob.email), guesses("nobody@acme.example", first=100)

    assert known == unknown == [403] * (BASE * 2) + [429]


def test_known_device_is_not_shut_out_by_an_attack(bob):
    own = from_network(500)
    assert sign_in(own, bob.email, PASSWORD).status_code == 302
    own.post("/sign-out/")
    guesses(bob.email)

    assert sign_in(from_network(501), bob.email, PASSWORD).status_code == 429
    assert sign_in(own, bob.email, PASSWORD).status_code == 302


def test_known_device_is_not_shut_out_from_the_desk_beside_it(bob):
    own, beside = from_network(1), from_network(1)
    sign_in(own, bob.email, PASSWORD)
    own.post("/sign-out/")
    for _ in range(BASE + 1):
        reply = sign_in(beside, bob.email)
    assert reply.status_code == 429

    assert sign_in(own, bob.email, PASSWORD).status_code == 302


def test_known_device_has_a_limit_of_its_own(bob):
    own = from_network(1)
    sign_in(own, bob.email, PASSWORD)
    own.post("/sign-out/")

    statuses = [sign_in(own, bob.email).status_code for _ in range(BASE + 1)]

    assert statuses[0] == 403
    assert statuses[-1] == 429


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "eyJhIjoxfQ:1:x", "\u00e4"])
def test_made_up_device_is_none(bob, rf, value):
    request = rf.post("/sign-in/")
    request.COOKIES[sign_in_limits.COOKIE] = value

    assert not sign_in_limits.is_known_device(request, {"username": bob.email})


def test_device_is_known_for_its_own_account_and_company_only(acme, globex, alice, bob, charlie):
    own = from_network(1)
    sign_in(own, bob.email, PASSWORD)
    request = own.get("/sign-in/").wsgi_request

    with context.enter(acme):
        assert sign_in_limits.is_known_device(request, {"username": bob.email.upper()})
        assert not sign_in_limits.is_known_device(request, {"username": alice.email})
    with context.enter(globex):
        assert not sign_in_limits.is_known_device(request, {"username": bob.email})


def test_one_network_is_held_off_over_all_accounts(acme):
    one = from_network(1)

    statuses = [sign_in(one, f"person{n}@acme.example").status_code for n in range(BASE * 10 + 1)]

    assert statuses == [403] * BASE * 10 + [429]
    assert sign_in(from_network(2), "person1@acme.example").status_code == 403


def test_successes_are_not_held_against_a_whole_office(acme, bob):
    for _ in range(BASE * 2 + 1):
        assert sign_in(from_network(1), bob.email, PASSWORD).status_code == 302


def test_one_time_link_opens_whatever_is_held_off(acme, bob):
    guesses(bob.email)
    with context.enter(acme):
        path = links.sign_in_path(bob)

    reply = from_network(900).post(path, {"password": "four words make sense", "again": "four words make sense"})

    assert reply.status_code == 302


def test_operators_page_is_limited_alike(db):
    operator = User.objects.create_superuser("operator@platform.example", "operator@platform.example", PASSWORD)

    def guess(number, name):
        client = Client(headers={"host": "localhost", "x-forwarded-for": f"198.51.100.{number}"})
        return client.post("/admin/login/", {"username": name, "password": "a wrong guess"}).status_code

    known = [guess(n, operator.username) for n in range(BASE * 2 + 1)]
    unknown = [guess(100 + n, "nobody@platform.example") for n in range(BASE * 2 + 1)]

    assert known == unknown == [200] * (BASE * 2) + [429]


# --- what a stranger can learn --------------------------------------------------------------------------------------


@pytest.fixture
def hashes(monkeypatch):
    """How often the hasher worked: that is the time which a stranger can measure, without its noise."""
    counted: Counter[str] = Counter()
    for name in ("encode", "verify"):
        real = getattr(SmallArgon2PasswordHasher, name)

        def counting(self, *args, _real=real, **kwargs):
            counted["hashes"] += 1
            return _real(self, *args, **kwargs)

        monkeypatch.setattr(SmallArgon2PasswordHasher, name, counting)
    return counted


@pytest.fixture
def cast(acme, globex, alice, bob, charlie):
    """Addresses that a stranger may try at acme, by what is behind them."""
    with context.enter(acme):
        dora, erin, finn = (signing_in_person(acme, name) for name in ("dora", "erin", "finn"))
        type(bob).objects.filter(pk=dora.pk).update(is_active=False)
        erin.user.set_unusable_password()
        erin.user.save()
    signing_in.give_app(acme, finn.user)
    Tenant.objects.filter(pk=acme.pk).update(sso_only_roles=["hr"], two_factor_roles=["employee"])
    with context.enter(acme):  # the rule counts while there is another way in
        IdentityProvider.objects.create(
            is_active=True, name="Acme account", issuer="https://idp.example", client_id="acme", sealed_secret=b"sealed"
        )
    return {
        "nobody": "nobody@acme.example",
        "somebody": bob.email,
        "sso only": alice.email,
        "deactivated": dora.email,
        "no password yet": erin.email,
        "with an app": finn.email,
        "of another company": charlie.email,
    }


def signing_in_person(tenant, name):
    from conftest import make_person

    return make_person(tenant, email=f"{name}@acme.example", name=name.title(), role="employee")


def told(reply):
    """What a stranger sees, without what differs from one request to the next anyway."""
    body = re.sub(r'(name="csrfmiddlewaretoken"|name="email"[^>]*) value="[^"]*"', "", reply.content.decode())
    kept = {name: value for name, value in reply.items() if name not in ("X-Request-ID", "Content-Length")}
    return reply.status_code, body, kept, sorted(reply.cookies)


def test_sign_in_page_answers_all_wrong_passwords_alike(cast, hashes):
    seen, work = {}, {}
    for number, (who, email) in enumerate(cast.items()):
        hashes.clear()
        seen[who] = told(sign_in(from_network(number), email))
        work[who] = hashes["hashes"]

    assert all(each == seen["nobody"] for each in seen.values())
    assert set(work.values()) == {1}


def test_token_answers_all_wrong_passwords_alike(cast, hashes):
    seen, work = {}, {}
    for number, (who, email) in enumerate(cast.items()):
        hashes.clear()
        given = {"email": email, "password": "a wrong guess", "otp": "123456"}
        seen[who] = told(from_network(number).post("/api/v1/auth/token", given, content_type="application/json"))
        work[who] = hashes["hashes"]

    assert all(each == seen["nobody"] for each in seen.values())
    assert set(work.values()) == {1}


def test_sso_only_is_not_told_from_a_wrong_password(cast):
    right, wrong = (sign_in(from_network(n), cast["sso only"], word) for n, word in enumerate([PASSWORD, "a guess"]))

    assert told(right) == told(wrong)


def test_sso_only_gets_no_token_and_is_not_told_from_a_wrong_password(cast):
    right, wrong = (
        from_network(n).post(
            "/api/v1/auth/token", {"email": cast["sso only"], "password": word}, content_type="application/json"
        )
        for n, word in enumerate([PASSWORD, "a guess"])
    )

    assert right.status_code == 401
    assert told(right) == told(wrong)


def test_links_that_are_not_good_read_alike(acme, cast, hashes):
    with context.enter(acme):
        person = type(signing_in_person(acme, "gina"))
        dora = person.objects.get(email=cast["deactivated"])
        bob = person.objects.get(email=cast["somebody"])
        of_dora, of_bob = links.sign_in_path(dora), links.sign_in_path(bob)
    wrong = {
        "of nobody": "/sign-in/link/OTk5OTk5/abcdef-0123456789/",
        "of somebody, wrong": of_bob[:-3] + "xx/",
        "of a deactivated person": of_dora,
    }
    hashes.clear()

    seen = {who: told(from_network(1).get(path)) for who, path in wrong.items()}

    assert len({str(each) for each in seen.values()}) == 1
    assert seen["of nobody"][0] == 404
    assert hashes["hashes"] == 0


def test_operators_page_answers_all_wrong_passwords_alike(db, hashes):
    User.objects.create_superuser("operator@platform.example", "operator@platform.example", PASSWORD)
    User.objects.create_user("plain@platform.example", "plain@platform.example", PASSWORD)
    seen, work = {}, {}
    for name in ("nobody", "operator", "plain"):
        hashes.clear()
        browser = Client(headers={"host": "localhost", "x-forwarded-for": "203.0.113.9"})
        reply = browser.post("/admin/login/", {"username": f"{name}@platform.example", "password": "a wrong guess"})
        body = reply.content.decode().replace(f"{name}@platform.example", "")
        body = re.sub(r'csrfmiddlewaretoken" value="[^"]*"', "", body)
        seen[name], work[name] = (reply.status_code, body), hashes["hashes"]

    assert len(set(seen.values())) == 1
    assert set(work.values()) == {1}


# --- the API ---------------------------------------------------------------------------------------------------------


networks = itertools.count()


def token(email, **more):
    given = {"email": email, "password": PASSWORD, **more}
    return from_network(next(networks)).post("/api/v1/auth/token", given, content_type="application/json")


def test_token_needs_the_code_and_says_so_to_whoever_has_the_password(acme, bob):
    signing_in.give_app(acme, bob.user)

    missing = token(bob.email)

    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (401, "otp_required")
    assert token(bob.email, otp="000000").json()["errors"][0]["code"] == "authentication_failed"
    assert token(bob.email, otp=signing_in.code()).status_code == 200
    assert token(bob.email, otp=signing_in.code()).status_code == 401


def test_recovery_code_gets_a_token_once(acme, bob):
    signing_in.give_app(acme, bob.user)
    one = signing_in.recovery_codes(acme, bob.user)[0]

    assert [token(bob.email, otp=one).status_code for _ in range(2)] == [200, 401]


def test_whoever_owes_a_second_factor_gets_no_token_before(acme, bob):
    Tenant.objects.filter(pk=acme.pk).update(two_factor_roles=["employee"])

    assert token(bob.email).json()["errors"][0]["code"] == "otp_required"
