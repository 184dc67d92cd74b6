"""The gate against hostile tokens, on every route that needs a person; the routes come from the resolver itself."""

import time
from collections.abc import Iterator

import jwt
import pytest

from audit.models import AuditLog
from hr.models import Employee
from hr.tests.api_helpers import api, claims_of, post, sign_in, signed, signed_in
from hr.tokens.metrics import TENANT_DISAGREEMENTS
from tenants import context, keys
from tenants.models import SigningKey, Tenant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("header", ["Basic YWxpY2U6cHc=", "Token x", "Bearer", "", "Negotiate a b c"])
def test_other_schemes_are_refused_with_the_same_body(acme: Tenant, bob: Employee, header: str) -> None:
    answer = api(acme).get("/api/v1/documents", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "not_authenticated"


def test_session_cookie_opens_no_api(acme: Tenant, bob: Employee) -> None:
    client = api(acme)
    with context.enter(acme):
        assert bob.user is not None
        client.force_login(bob.user, backend="hr.backends.EmployeeBackend")

    assert client.get("/api/v1/documents").status_code == 401


def test_token_of_one_company_is_refused_and_reported_in_the_other(
    acme: Tenant, globex: Tenant, bob: Employee, charlie: Employee
) -> None:
    """Although person and login have the same ids in both, as here."""
    _collide(acme, bob, globex, charlie)
    before = TENANT_DISAGREEMENTS._value.get()
    pair = sign_in(globex, charlie)
    assert jwt.decode(pair["access"], options={"verify_signature": False})["sub"] == str(bob.pk)
    assert api(globex, token=pair["access"]).get("/api/v1/documents").status_code == 200

    assert api(acme, token=pair["access"]).get("/api/v1/documents").status_code == 401
    assert post(api(acme), "/api/v1/auth/token/refresh", {"refresh": pair["refresh"]}).status_code == 401
    assert post(api(acme), "/api/v1/auth/logout", {"refresh": pair["refresh"]}).status_code == 401

    assert TENANT_DISAGREEMENTS._value.get() == before + 3
    with context.enter(acme):
        assert AuditLog.objects.filter(outcome="refused", reason="tenant_disagrees").count() == 3
    assert api(globex, token=pair["access"]).get("/api/v1/documents").status_code == 200


def test_retargeted_audience_does_not_help(acme: Tenant, globex: Tenant, bob: Employee, charlie: Employee) -> None:
    _collide(acme, bob, globex, charlie)
    with context.enter(globex):
        own = claims_of(globex, charlie, aud=str(acme.uuid), tenant_id=str(acme.uuid))
    # Even under our own key, which nobody has: the password mark is that of another login.
    assert api(acme, token=signed(own)).get("/api/v1/documents").status_code == 401


def test_revoked_key_ends_all_tokens_within_a_second(acme: Tenant, bob: Employee) -> None:
    client = signed_in(acme, bob)
    assert client.get("/api/v1/documents").status_code == 200
    SigningKey.objects.filter(state="active").update(state="revoked", revoked_reason="test")

    time.sleep(keys.MAX_AGE_SECONDS + 0.05)

    assert client.get("/api/v1/documents").status_code == 401


@pytest.fixture(autouse=True)
def fresh_ring() -> Iterator[None]:
    """What a test does to the keys is rolled back; the process's copy of them has to go, too."""
    keys.forget_ring()
    yield
    keys.forget_ring()


def _collide(acme: Tenant, one: Employee, globex: Tenant, other: Employee) -> None:
    """Give both people, and their logins, the same ids, whatever the sequences say."""
    from django.db import connection

    target = max(one.pk, other.pk, one.user_id or 0, other.user_id or 0) + 1000
    for tenant, employee in ((acme, one), (globex, other)):
        with context.enter(tenant), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("UPDATE auth_user SET id = %s WHERE id = %s", [target, employee.user_id])
            cursor.execute("UPDATE auth_user_groups SET user_id = %s WHERE user_id = %s", [target, employee.user_id])
            cursor.execute("UPDATE employees SET id = %s, user_id = %s WHERE id = %s", [target, target, employee.pk])
            employee.pk, employee.user_id = target, target
            employee.refresh_from_db()
