"""The platform's API: operators sign in with a short-lived token, programs come with a secret and scopes."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from audit.models import AuditLog
from hr.signin import codes
from tenants import context
from tenants.machines import accounts, operators, scopes
from tenants.models import OperatorToken

pytestmark = pytest.mark.django_db

BASE = "/api/v1/platform"
ACCOUNTS = f"{BASE}/service-accounts"
PASSWORD = "an operator's long password"
ALL = sorted(scopes.names(scopes.PLATFORM_SCOPES))


@pytest.fixture(autouse=True)
def on_platform(db: None) -> Iterator[None]:
    with context.enter_platform():
        yield


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
