"""Sign-in by API, rotation, theft, log-out, and everything that ends a token before its time."""

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import actors
from audit.models import AuditLog
from conftest import PASSWORD
from hr import services as people
from hr.models import Employee, RefreshToken
from hr.signin import codes
from hr.tests.api_helpers import api, claims_of, post, sign_in, signed, signed_in
from hr.tokens import families, forget_expired, sessions
from hr.tokens.claims import read
from tenants import context, keys
from tenants import services as tenants
from tenants.models import SigningKey, Tenant

pytestmark = pytest.mark.django_db

TOKEN, REFRESH, LOGOUT = "/api/v1/auth/token", "/api/v1/auth/token/refresh", "/api/v1/auth/logout"
DOCUMENTS = "/api/v1/documents"


def test_token_says_who_where_and_as_what(acme: Tenant, bob: Employee) -> None:
    pair = sign_in(acme, bob)

    claims = jwt.decode(pair["access"], options={"verify_signature": False})
    assert claims["sub"] == str(bob.pk)
    assert claims["aud"] == claims["tenant_id"] == str(acme.uuid)
    assert (claims["email"], claims["role"], claims["ver"], claims["typ"]) == (bob.email, "employee", 1, "access")
    assert claims["exp"] - claims["iat"] == pair["expires_in"] == 600
    assert {"iss", "jti", "nbf"} <= claims.keys()
    assert jwt.get_unverified_header(pair["access"])["kid"] == keys.signing_key().kid


def test_address_counts_in_any_case(acme: Tenant, bob: Employee) -> None:
    response = post(api(acme), TOKEN, {"email": " BOB@acme.example ", "password": PASSWORD})

    assert response.status_code == 200


def test_all_failures_of_sign_in_look_the_same(acme: Tenant, bob: Employee, alice: Employee, charlie: Employee) -> None:
    with context.enter(acme):
        people.deactivate(employee=bob)
        people.create_employee(email="new@acme.example", first_name="No", last_name="Password", role="employee")
    tries = [
        ("alice@acme.example", "wrong"),
        ("nobody@acme.example", PASSWORD),
        ("bob@acme.example", PASSWORD),
        ("new@acme.example", ""),
        ("charlie@globex.example", PASSWORD),
    ]

    answers = [post(api(acme), TOKEN, {"email": email, "password": word or "x"}) for email, word in tries]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1


def test_whoever_has_a_second_factor_signs_in_with_its_code(acme: Tenant, bob: Employee) -> None:
    with context.enter(acme):
        secret = codes.generate_totp_secret()
        assert bob.user is not None
        codes.activate(user=bob.user, secret=secret, counter=0)
    given = {"email": bob.email, "password": PASSWORD}

    without, wrong = post(api(acme), TOKEN, given), post(api(acme), TOKEN, given | {"otp": "not a code"})
    right = post(api(acme), TOKEN, given | {"otp": codes.code_at(secret=secret, now=time.time())})

    assert (without.status_code, wrong.status_code, right.status_code) == (401, 401, 200)
    assert without.json()["errors"][0]["code"] == "otp_required"
    assert wrong.content == post(api(acme), TOKEN, given | {"password": "wrong"}).content


def test_whoever_needs_a_second_factor_and_has_none_gets_no_token(acme: Tenant, bob: Employee) -> None:
    Tenant.objects.filter(pk=acme.pk).update(two_factor_roles=["employee"])

    assert post(api(acme), TOKEN, {"email": bob.email, "password": PASSWORD}).status_code == 401


def test_unknown_address_costs_a_password_hash(acme: Tenant, bob: Employee, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    hashed: list[str] = []
    encode = Argon2PasswordHasher.encode
    verify = Argon2PasswordHasher.verify
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *a, **k: hashed.append("encode") or encode(*a, **k))
    monkeypatch.setattr(Argon2PasswordHasher, "verify", lambda *a, **k: hashed.append("verify") or verify(*a, **k))

    post(api(acme), TOKEN, {"email": "nobody@acme.example", "password": "wrong"})
    post(api(acme), TOKEN, {"email": bob.email, "password": "wrong"})

    assert hashed == ["encode", "verify"]


def test_sign_in_and_its_refusal_are_audited_without_the_address(acme: Tenant, bob: Employee) -> None:
    sign_in(acme, bob)
    post(api(acme), TOKEN, {"email": bob.email, "password": "wrong"})

    with context.enter(acme):
        rows = list(
            AuditLog.objects.filter(verb__startswith="token.").order_by("pk").values("verb", "outcome", "actor")
        )
        text = str(list(AuditLog.objects.values()))
    assert [(row["verb"], row["outcome"], row["actor"]) for row in rows] == [
        ("token.sign_in", "success", bob.actor_label),
        ("token.sign_in_failed", "refused", "anonymous"),
    ]
    assert bob.email not in text


def test_refresh_rotates(acme: Tenant, bob: Employee) -> None:
    first = sign_in(acme, bob)

    second = post(api(acme), REFRESH, {"refresh": first["refresh"]}).json()

    assert second["refresh"] != first["refresh"]
    assert api(acme, token=second["access"]).get(DOCUMENTS).status_code == 200
    assert post(api(acme), REFRESH, {"refresh": second["refresh"]}).status_code == 200


def test_using_a_refresh_token_twice_ends_the_session_for_everybody(acme: Tenant, bob: Employee) -> None:
    stolen = sign_in(acme, bob)
    other = sign_in(acme, bob)
    successor = post(api(acme), REFRESH, {"refresh": stolen["refresh"]}).json()

    again = post(api(acme), REFRESH, {"refresh": stolen["refresh"]})

    assert again.status_code == 401
    assert post(api(acme), REFRESH, {"refresh": successor["refresh"]}).status_code == 401
    assert api(acme, token=successor["access"]).get(DOCUMENTS).status_code == 401
    assert api(acme, token=stolen["access"]).get(DOCUMENTS).status_code == 401
    assert api(acme, token=other["access"]).get(DOCUMENTS).status_code == 200, "another session goes on"
    with context.enter(acme):
        assert AuditLog.objects.filter(verb="token.refresh", outcome="refused", reason="used_twice").count() == 1


def test_log_out_ends_refresh_and_access(acme: Tenant, bob: Employee) -> None:
    pair = sign_in(acme, bob)

    assert post(api(acme, token=pair["access"]), LOGOUT).status_code == 204

    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 401
    assert post(api(acme), REFRESH, {"refresh": pair["refresh"]}).status_code == 401
    with context.enter(acme):
        assert AuditLog.objects.filter(verb="token.sign_out", actor=bob.actor_label).count() == 1


def test_log_out_with_the_refresh_token_needs_no_access_token(acme: Tenant, bob: Employee) -> None:
    pair = sign_in(acme, bob)

    assert post(api(acme), LOGOUT, {"refresh": pair["refresh"]}).status_code == 204

    assert api(acme, token=pair["access"]).get(DOCUMENTS).status_code == 401


@pytest.mark.parametrize("change", ["forgotten", "expired early", "revoked meanwhile"])
def test_refresh_token_without_a_standing_row_is_refused_and_no_theft(
    acme: Tenant, bob: Employee, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = sign_in(acme, bob)
    with context.enter(acme):
        if change == "forgotten":
            # The person is found by another session's row, the refresh token's own row is gone.
            RefreshToken.objects.update(digest="0" * 64)
        if change == "expired early":
            RefreshToken.objects.update(expires_at=timezone.now())
        if change == "revoked meanwhile":
            # Between the gate and the lock somebody logs out.
            monkeypatch.setattr(families, "lock", lambda family: RefreshToken.objects.update(revoked_at=timezone.now()))

    assert post(api(acme), REFRESH, {"refresh": pair["refresh"]}).status_code == 401
    with context.enter(acme):
        assert not AuditLog.objects.filter(reason="used_twice").exists()


def test_logging_out_twice_is_recorded_once(acme: Tenant, bob: Employee) -> None:
    pair = sign_in(acme, bob)
    with context.enter(acme):
        claims = read(token=pair["access"], kind="access")
        sessions.end_session(claims=claims)
        sessions.end_session(claims=claims)

        assert AuditLog.objects.filter(verb="token.sign_out").count() == 1


@pytest.mark.parametrize("what", ["role", "deactivated", "password", "login", "version", "signed_out", "suspended"])
def test_what_ends_a_token_counts_from_the_next_request(
    acme: Tenant, alice: Employee, bob: Employee, what: str
) -> None:
    pair = sign_in(acme, bob)
    client = api(acme, token=pair["access"])
    assert client.get(DOCUMENTS).status_code == 200

    with context.enter(acme):
        if what == "role":
            people.change_role(employee=bob, role="manager")
        if what == "deactivated":
            people.deactivate(employee=bob)
        if what == "password":
            user = User.objects.get(pk=bob.user_id)
            user.set_password("another long password")  # by whatever door, without our services
            user.save()
        if what == "login":
            User.objects.filter(pk=bob.user_id).update(is_active=False)
        if what == "version":
            Employee.objects.filter(pk=bob.pk).update(token_version=7)
        if what == "signed_out":
            RefreshToken.objects.update(revoked_at=timezone.now())
        if what == "suspended":
            tenants.suspend(tenant=acme, reason="test")

    expected = 403 if what == "suspended" else 401
    assert client.get(DOCUMENTS).status_code == expected
    assert post(api(acme), REFRESH, {"refresh": pair["refresh"]}).status_code == expected


def test_reactivation_does_not_bring_old_tokens_back(acme: Tenant, bob: Employee) -> None:
    client = signed_in(acme, bob)
    with context.enter(acme):
        people.deactivate(employee=bob)
        people.reactivate(employee=bob)

    assert client.get(DOCUMENTS).status_code == 401


def test_access_token_ends_by_itself(acme: Tenant, bob: Employee) -> None:
    client = signed_in(acme, bob)

    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        assert client.get(DOCUMENTS).status_code == 401


def test_refresh_token_ends_by_itself_and_is_forgotten(acme: Tenant, bob: Employee) -> None:
    pair = sign_in(acme, bob)

    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        assert post(api(acme), REFRESH, {"refresh": pair["refresh"]}).status_code == 401
        with context.enter(acme):
            assert forget_expired(now=timezone.now()) == 1


def test_gate_asks_one_question_of_the_database(acme: Tenant, bob: Employee) -> None:
    client = signed_in(acme, bob)
    client.get(DOCUMENTS)

    with CaptureQueriesContext(connection) as queries:
        client.get(DOCUMENTS)

    asked = [query["sql"] for query in queries if not query["sql"].startswith("SET search_path")]
    assert len([sql for sql in asked if '"employees"' in sql]) == 1
    assert len(asked) == 4, asked  # host, person, limits, count (no page of nothing)


def test_actor_is_nobody_again_in_the_threads_next_request(acme: Tenant, bob: Employee) -> None:
    signed_in(acme, bob).get(DOCUMENTS)

    assert actors.current_actor() == actors.SYSTEM
    post(api(acme), TOKEN, {"email": "x", "password": "y"})
    with context.enter(acme):
        assert AuditLog.objects.filter(verb="token.sign_in_failed").latest("pk").actor == "anonymous"


def test_scheme_counts_in_any_case(acme: Tenant, bob: Employee) -> None:
    pair = sign_in(acme, bob)
    client = api(acme)

    assert client.get(DOCUMENTS, headers={"Authorization": f"bearer {pair['access']}"}).status_code == 200


def test_token_of_a_key_in_grace_counts_until_its_end(acme: Tenant, bob: Employee) -> None:
    token = signed(claims_of(acme, bob, exp=int(timezone.now().timestamp()) + 3600))
    SigningKey.objects.filter(state="active").update(state="grace", grace_until=timezone.now() + timedelta(minutes=10))
    keys.forget_ring()

    assert api(acme, token=token).get(DOCUMENTS).status_code == 200
    assert jwt.get_unverified_header(token)["kid"] != keys.signing_key().kid, "a new key signs"
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert api(acme, token=token).get(DOCUMENTS).status_code == 401


def test_token_of_a_revoked_key_is_refused(acme: Tenant, bob: Employee) -> None:
    token = signed(claims_of(acme, bob))
    SigningKey.objects.filter(state="active").update(state="revoked")
    keys.forget_ring()

    assert api(acme, token=token).get(DOCUMENTS).status_code == 401


@pytest.fixture(autouse=True)
def fresh_ring() -> Any:
    """What a test does to the keys is rolled back; the process's copy of them has to go, too."""
    keys.forget_ring()
    yield
    keys.forget_ring()
