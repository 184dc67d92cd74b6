"""The platform's API: operators sign in with a short-lived token, programs come with a secret and scopes."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from audit.models import AuditLog
from hr.models import Employee
from hr.signin import codes
from hr.tests.api_helpers import api, sign_in
from tenants import context, keys
from tenants.machines import accounts, operators, scopes
from tenants.models import OperatorToken, PlatformServiceAccount, SigningKey, Tenant

pytestmark = pytest.mark.django_db

BASE = "/api/v1/platform"
ACCOUNTS = f"{BASE}/service-accounts"
PASSWORD = "an operator's long password"
ALL = sorted(scopes.names(scopes.PLATFORM_SCOPES))


@pytest.fixture(autouse=True)
def on_platform(db: None) -> Iterator[None]:
    with context.enter_platform():
        yield


@pytest.fixture(autouse=True)
def fresh_ring() -> Iterator[None]:
    keys.forget_ring()
    yield
    keys.forget_ring()


@pytest.fixture
def olga() -> User:
    """An operator."""
    return User.objects.create_superuser("olga@platform.example", "olga@platform.example", PASSWORD)


def call(method: str, path: str, body: Any = None, *, token: str = "") -> Any:
    headers = {"host": "localhost", **({"authorization": f"Bearer {token}"} if token else {})}
    client = Client(headers=headers, raise_request_exception=False)
    return client.generic(method, path, json.dumps(body or {}), content_type="application/json")


def app_code(user: User) -> str:
    """What the authenticator app shows that the user has from now on."""
    secret = codes.generate_totp_secret()
    codes.activate(user=user, secret=secret, counter=0)
    return codes.code_at(secret=secret, now=time.time())


def token_of(operator: User) -> str:
    return operators.issue_token(operator=operator, now=timezone.now())


def test_operator_signs_in_uses_and_ends_a_token(olga: User) -> None:
    answer = call("POST", f"{BASE}/auth/token", {"email": olga.email, "password": PASSWORD, "otp": app_code(olga)})
    assert answer.status_code == 200, answer.content
    token = answer.json()["access"]

    assert call("GET", ACCOUNTS, token=token).status_code == 200
    assert call("POST", f"{BASE}/auth/logout", token=token).status_code == 204
    assert call("GET", ACCOUNTS, token=token).status_code == 401
    verbs = AuditLog.objects.filter(actor=f"operator:{olga.pk}").order_by("pk").values_list("verb", "actor_kind")
    assert list(verbs) == [("token.sign_in", "operator"), ("token.sign_out", "operator")]


@pytest.mark.parametrize("otp", ["", "000000", "not a code"])
def test_operator_without_a_second_factor_gets_no_token(olga: User, otp: str) -> None:
    right = app_code(olga)
    assert otp != right

    missing = call("POST", f"{BASE}/auth/token", {"email": olga.email, "password": PASSWORD, "otp": otp})
    wrong = call("POST", f"{BASE}/auth/token", {"email": olga.email, "password": "wrong", "otp": right})

    assert missing.status_code == wrong.status_code == 401
    assert missing.content == wrong.content
    assert not OperatorToken.objects.exists()
    assert AuditLog.objects.filter(verb="token.sign_in_failed", outcome="refused").count() == 2


def test_operator_with_no_factor_at_all_gets_no_token(olga: User) -> None:
    assert call("POST", f"{BASE}/auth/token", {"email": olga.email, "password": PASSWORD}).status_code == 401


def test_service_account_does_what_its_scopes_name_in_its_own_name(olga: User) -> None:
    issued = accounts.create(name="Monitoring", scopes=["tokens:read"], operator_id=olga.pk, now=timezone.now())

    assert call("GET", ACCOUNTS, token=issued.secret).status_code == 200
    refused = call("POST", ACCOUNTS, {"name": "Another"}, token=issued.secret)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "people_only")


def make(olga: User, **values: Any) -> accounts.IssuedSecret:
    given = {"name": "Monitoring", "scopes": ["tokens:read"], "now": timezone.now()} | values
    return accounts.create(operator_id=olga.pk, **given)


def statuses(*issued: accounts.IssuedSecret) -> list[int]:
    return [call("GET", ACCOUNTS, token=each.secret).status_code for each in issued]


def test_accounts_by_api(olga: User) -> None:
    token = token_of(olga)
    wish = {"name": "Monitoring", "scopes": ["tokens:read"], "reason": "for the dashboard"}

    made = call("POST", ACCOUNTS, wish, token=token)
    taken = call("POST", ACCOUNTS, wish, token=token)
    number = made.json()["id"]
    rotated = call("POST", f"{ACCOUNTS}/{number}/rotate", {"reason": "leaked"}, token=token)
    revoked = call("POST", f"{ACCOUNTS}/{number}/revoke", {"reason": "not needed"}, token=token)
    again = call("POST", f"{ACCOUNTS}/{number}/rotate", {"reason": "leaked"}, token=token)
    missing = call("POST", f"{ACCOUNTS}/999999999/revoke", {"reason": "leaked"}, token=token)

    assert (made.status_code, taken.json()["errors"][0]["code"]) == (201, "name_taken")
    assert made.json()["secret"] != rotated.json()["secret"]
    assert (revoked.json()["state"], again.status_code, missing.status_code) == ("revoked", 409, 404)
    assert "secret" not in call("GET", ACCOUNTS, token=token).json()[0]


def test_a_rotation_leaves_the_former_secret_as_long_as_it_was_told_to(olga: User) -> None:
    first = make(olga)
    second = accounts.rotate(account=first.account, now=timezone.now(), overlap_hours=1)
    both = statuses(first, second)
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        later = statuses(first, second)
    third = accounts.rotate(account=first.account, now=timezone.now())

    assert (both, later, statuses(second, third)) == ([200, 200], [401, 200], [401, 200])
    assert AuditLog.objects.filter(verb="token.refused", reason="replaced").count() == 1


def test_an_account_stops_with_its_operator_and_goes_on_with_another(olga: User) -> None:
    issued = make(olga)
    other = User.objects.create_superuser("oscar@platform.example", "oscar@platform.example", PASSWORD)
    User.objects.filter(pk=olga.pk).update(is_active=False)

    assert statuses(issued) == [401]
    accounts.take_over(account=issued.account, operator_id=other.pk, reason="takes over")
    assert statuses(issued) == [200]
    accounts.revoke(account=issued.account, now=timezone.now(), reason="not needed")
    assert statuses(issued) == [401]
    with pytest.raises(accounts.NotUsable):
        accounts.take_over(account=issued.account, operator_id=other.pk, reason="again")
    with pytest.raises(accounts.NotUsable):
        accounts.revoke(account=issued.account, now=timezone.now(), reason="again")


def test_use_is_noted_once_a_minute(olga: User) -> None:
    issued, token = make(olga), token_of(olga)
    for secret in (issued.secret, token):
        call("GET", ACCOUNTS, token=secret)
    first = PlatformServiceAccount.objects.get().last_used_at
    assert first is not None and OperatorToken.objects.get().last_used_at is not None
    call("GET", ACCOUNTS, token=issued.secret)
    assert PlatformServiceAccount.objects.get().last_used_at == first


def test_operators_tokens_are_forgotten_when_they_have_ended(olga: User) -> None:
    token_of(olga)

    assert operators.forget_expired(now=timezone.now()) == 0
    assert operators.forget_expired(now=timezone.now() + operators.LIFETIME + timedelta(seconds=1)) == 1


def test_a_token_is_logged_out_once(olga: User) -> None:
    token_of(olga)
    row = OperatorToken.objects.get()

    operators.end_token(token=row, now=timezone.now())
    operators.end_token(token=row, now=timezone.now())

    assert AuditLog.objects.filter(verb="token.sign_out").count() == 1


@pytest.mark.parametrize("values", [{"scopes": []}, {"expires_at": timezone.now() + timedelta(days=400)}])
def test_the_database_keeps_the_rules(olga: User, values: dict[str, Any]) -> None:
    make(olga)

    with pytest.raises(IntegrityError), transaction.atomic():
        PlatformServiceAccount.objects.update(**values)


def test_keys_by_api(olga: User) -> None:
    token = token_of(olga)
    reading = make(olga, name="Reads", scopes=["keys:read"]).secret
    keys.new_row(state="next").save()
    SigningKey.objects.filter(state="next").update(created_at=timezone.now() - timedelta(minutes=1))

    rotated = call("POST", f"{BASE}/keys/rotate", {"reason": "every quarter", "grace_hours": 24}, token=token)
    former = rotated.json()["former"]
    states = {row["kid"]: row["state"] for row in call("GET", f"{BASE}/keys", token=reading).json()}
    active = call("POST", f"{BASE}/keys/{rotated.json()['kid']}/revoke", {"reason": "leaked"}, token=token)
    revoked = call("POST", f"{BASE}/keys/{former}/revoke", {"reason": "leaked"}, token=token)
    again = call("POST", f"{BASE}/keys/{former}/revoke", {"reason": "leaked"}, token=token)
    missing = [call("POST", f"{BASE}/keys/{kid}/revoke", {"reason": "leaked"}, token=token) for kid in ("x", "%00")]
    emergency = call("POST", f"{BASE}/keys/rotate", {"reason": "leaked", "emergency": True}, token=token)
    refused = call("POST", f"{BASE}/keys/rotate", {"reason": "leaked"}, token=reading)

    assert (states[former], states[rotated.json()["kid"]]) == ("grace", "active")
    assert (active.status_code, active.json()["errors"][0]["code"]) == (409, "key_signs")
    assert (revoked.status_code, again.status_code) == (204, 409)
    assert [answer.status_code for answer in missing] == [404, 404]
    assert emergency.json()["companies_cut_off"] >= 2 and emergency.json()["grace_until"] is None
    assert refused.status_code == 403


def test_tokens_of_a_company_and_of_a_person_are_revoked_by_api(olga: User, acme: Tenant, bob: Employee) -> None:
    token, path = token_of(olga), f"{BASE}/tokens/revoke"
    where = {"tenant": str(acme.uuid), "reason": "data leak suspected"}

    person_of = sign_in(acme, bob)["access"]
    person = call("POST", path, where | {"employee": bob.pk}, token=token)
    after_person = api(acme, token=person_of).get("/api/v1/documents").status_code
    company_of = sign_in(acme, bob)["access"]
    company = call("POST", path, where, token=token)
    after_company = api(acme, token=company_of).get("/api/v1/documents").status_code
    nobody = call("POST", path, where | {"employee": 999_999_999}, token=token)
    nowhere = call("POST", path, where | {"tenant": "00000000-0000-0000-0000-000000000000"}, token=token)

    assert (person.json(), after_person) == ({"browsers": 0, "programs": 1}, 401)
    assert (company.json(), after_company) == ({"browsers": 0, "programs": 1}, 401)
    assert (nobody.status_code, nowhere.status_code) == (404, 404)


def test_keys_and_accounts_in_the_console(olga: User, acme: Tenant) -> None:
    console = Client(headers={"host": "localhost"})
    console.force_login(olga, backend="hr.backends.EmployeeBackend")
    base, confirmed = "/admin/tenants/platformserviceaccount/", {"confirmed": "1", "reason": "for the test"}
    wish = {"name": "Monitoring", "scopes": ["tenants:read"], "days": "30", "reason": "for the dashboard"}
    active = SigningKey.objects.get(kid=keys.signing_key().kid)
    keys.new_row(state="next").save()
    SigningKey.objects.filter(state="next").update(created_at=timezone.now() - timedelta(minutes=1))

    assert console.post(f"{base}add/", {}).status_code == 200
    made = console.post(f"{base}add/", wish)
    assert "hrp_" in made.content.decode() and "no-store" in made["Cache-Control"]
    assert "There is, or was" in console.post(f"{base}add/", wish).content.decode()
    account = PlatformServiceAccount.objects.get()
    rotated = console.post(f"{base}{account.pk}/rotate/", confirmed | {"days": "30", "overlap_hours": "2"})
    assert "hrp_" in rotated.content.decode()
    page = console.get(f"{base}{account.pk}/change/").content.decode()
    assert olga.username in page and "UTC" in page
    console.post(f"{base}{account.pk}/take-over/", confirmed)
    PlatformServiceAccount.objects.update(operator_id=None)
    assert "Nobody answers for it" in console.get(base).content.decode()
    console.post(f"{base}{account.pk}/revoke/", confirmed)
    assert PlatformServiceAccount.objects.get().revoked_at is not None

    listed = console.get("/admin/tenants/signingkey/").content.decode()
    assert "Signs all new tokens" in listed and "0 days" in listed
    console.post(f"/admin/tenants/signingkey/{active.pk}/rotate/", confirmed)
    assert SigningKey.objects.get(pk=active.pk).state == "grace"
    console.post(f"/admin/tenants/signingkey/{active.pk}/revoke-key/", confirmed)
    assert SigningKey.objects.get(pk=active.pk).state == "revoked"
    signing = SigningKey.objects.get(state="active")
    console.post(f"/admin/tenants/signingkey/{signing.pk}/rotate-in-emergency/", confirmed)
    assert SigningKey.objects.get(pk=signing.pk).state == "revoked"
    assert console.get(f"/admin/tenants/signingkey/{signing.pk}/change/").status_code == 200
    console.post(f"/admin/tenants/tenant/{acme.pk}/revoke-tokens/", confirmed)
    assert AuditLog.objects.filter(verb="tenant.revoke_tokens", target=f"tenant:{acme.uuid}").count() == 1
    assert console.get("/admin/").status_code == 200, "operators are signed in to no company"


def test_nothing_and_a_wrong_secret_are_the_same_refusal(olga: User) -> None:
    secret = make(olga).secret
    wrong = secret[:-1] + ("A" if secret[-1] != "A" else "B")

    nothing, guessed = call("GET", ACCOUNTS), call("GET", ACCOUNTS, token=wrong)

    assert nothing.status_code == guessed.status_code == 401
    assert nothing.content == guessed.content
