"""The platform's API: operators sign in with a short-lived token, programs come with a secret and scopes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from audit.models import AuditLog
from tenants import context
from tenants.machines import accounts, operators, scopes

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


def token_of(operator: User) -> str:
    return operators.issue_token(operator=operator, now=timezone.now())


def test_operator_signs_in_uses_and_ends_a_token(olga: User) -> None:
    answer = call("POST", f"{BASE}/auth/token", {"email": olga.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    token = answer.json()["access"]

    assert call("GET", ACCOUNTS, token=token).status_code == 200
    assert call("POST", f"{BASE}/auth/logout", token=token).status_code == 204
    assert call("GET", ACCOUNTS, token=token).status_code == 401
    verbs = AuditLog.objects.filter(actor=f"operator:{olga.pk}").order_by("pk").values_list("verb", "actor_kind")
    assert list(verbs) == [("token.sign_in", "operator"), ("token.sign_out", "operator")]


def test_service_account_does_what_its_scopes_name_in_its_own_name(olga: User) -> None:
    issued = accounts.create(name="Monitoring", scopes=["tokens:read"], operator_id=olga.pk, now=timezone.now())

    assert call("GET", ACCOUNTS, token=issued.secret).status_code == 200
    refused = call("POST", ACCOUNTS, {"name": "Another"}, token=issued.secret)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "people_only")
