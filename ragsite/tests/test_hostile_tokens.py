"""Hostile tokens and secrets: the same 401 on every operation that needs somebody, on both kinds of host.

Every kind on a few operations, and one kind of each family on all of them. HOSTILE_TOKENS=full tries all on all.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hr.models import Employee
from hr.tests.api_helpers import api, claims_of, signed
from ragsite.tests.hostile import kinds
from ragsite.tests.hostile.kinds import HOSTILE, headers_of
from ragsite.tests.hostile.routes import PLATFORM, TENANT, Operation, operations
from tenants import context, keys
from tenants.machines import accounts, operators, scopes
from tenants.models import Tenant

pytestmark = pytest.mark.django_db

FULL = os.environ.get("HOSTILE_TOKENS") == "full"
SOME_PATHS = ("/api/v1/documents", "/api/v1/query", "/api/v1/paystubs")
# One of each family: not ours, not now, not here, not any more.
ON_ALL = ("alg none with our kid", "expired", "issued to another company", "after a cut-off", "service: revoked")


@pytest.fixture(autouse=True)
def fresh_ring() -> Iterator[None]:
    """What a test does to the keys is rolled back; the process's copy of them has to go, too."""
    keys.forget_ring()
    yield
    keys.forget_ring()


def send(client: Client, operation: Operation, **kwargs: Any) -> Any:
    body = "{}" if operation.method in ("POST", "PATCH", "PUT") else ""
    return client.generic(operation.method, operation.path, body, content_type="application/json", **kwargs)


def check_refused(client: Client, tried: list[Operation], headers: dict[str, str]) -> None:
    answers = [(operation, send(client, operation, headers=headers)) for operation in tried]
    assert [(str(operation), answer.status_code) for operation, answer in answers if answer.status_code != 401] == []
    assert len({answer.content for _, answer in answers}) == 1
    assert all(answer["WWW-Authenticate"] == "Bearer" for _, answer in answers)


def test_there_are_enough_hostile_tokens() -> None:
    assert len(HOSTILE) >= 100
    assert set(ON_ALL) <= HOSTILE.keys()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_token_is_refused(acme: Tenant, globex: Tenant, bob: Employee, name: str) -> None:
    with context.enter(acme):
        token = HOSTILE[name](acme, bob)
    everywhere = operations(TENANT)
    tried = everywhere if FULL or name in ON_ALL else [each for each in everywhere if each.path in SOME_PATHS]

    check_refused(api(acme), tried, headers_of(token))


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic YWxpY2U6cHc="},
        {"Authorization": "Token x"},
        {"Authorization": "Bearer"},
        {"Authorization": "bearer x"},
        {"Authorization": "Negotiate a b c"},
        {"Authorization": "Bearer\t\t"},
    ],
)
def test_other_headers_are_refused_with_the_same_body(acme: Tenant, headers: dict[str, str]) -> None:
    nothing = api(acme).get("/api/v1/documents")

    check_refused(api(acme), [Operation("GET", path) for path in SOME_PATHS[::2]], headers)
    assert api(acme).get("/api/v1/documents", headers=headers).content == nothing.content


@pytest.mark.parametrize("where", ["query", "form", "cookie", "other header", "two in one"])
def test_a_good_token_counts_in_its_header_only(acme: Tenant, bob: Employee, where: str) -> None:
    token = signed(claims_of(acme, bob))
    client, path = api(acme), "/api/v1/documents"
    if where == "cookie":
        client.cookies["Authorization"] = client.cookies["access"] = token
    answer = {
        "query": lambda: client.get(path, {"access_token": token, "token": token}),
        "form": lambda: client.post("/api/v1/query", {"access_token": token}),
        "cookie": lambda: client.get(path),
        "other header": lambda: client.get(path, headers={"X-Authorization": f"Bearer {token}"}),
        # What a WSGI server makes of two Authorization headers.
        "two in one": lambda: client.get(path, headers={"Authorization": f"Bearer {token},Bearer {token}"}),
    }[where]()

    assert answer.status_code == 401


def test_good_token_passes_on_every_operation(acme: Tenant, alice: Employee) -> None:
    """The probes above would be worth nothing if nobody were let in."""
    client = api(acme, token=signed(claims_of(acme, alice)))
    for operation in operations(TENANT):
        answer = send(client, operation)
        assert answer.status_code not in (401, 403, 500), (str(operation), answer.content)


def test_a_switched_off_company_answers_good_and_hostile_tokens_alike(acme: Tenant, bob: Employee) -> None:
    good, hostile = signed(claims_of(acme, bob)), HOSTILE["expired"](acme, bob)
    Tenant.objects.filter(pk=acme.pk).update(state="suspended")

    answers = [api(acme, token=token).get("/api/v1/documents") for token in (good, hostile)]

    assert answers[0].status_code == answers[1].status_code == 403
    assert answers[0].content == answers[1].content


def _platform_kinds(acme: Tenant, bob: Employee) -> dict[str, str]:
    """By name; everything that could be taken for a credential of the platform."""
    now = timezone.now()
    with context.enter_platform():
        olga = User.objects.create_superuser("olga@platform.example", "olga@platform.example", "a long password")
        token, ended, gone = (operators.issue_token(operator=olga, now=now) for _ in range(3))
        rows = list(operators.OperatorToken.objects.order_by("pk"))
        operators.end_token(token=rows[1], now=now)
        operators.OperatorToken.objects.filter(pk=rows[2].pk).update(expires_at=now)
        account = accounts.create(name="One", scopes=["tenants:read"], operator_id=olga.pk, now=now)
        revoked = accounts.create(name="Two", scopes=["tenants:read"], operator_id=olga.pk, now=now)
        accounts.revoke(account=revoked.account, now=now, reason="test")
        orphan = accounts.create(name="Three", scopes=["tenants:read"], operator_id=999_999, now=now)
        replaced = accounts.create(name="Four", scopes=["tenants:read"], operator_id=olga.pk, now=now)
        accounts.rotate(account=replaced.account, now=now)
    with context.enter(acme):
        hr_secret = kinds._account(acme, bob).secret
        jwt = signed(claims_of(acme, bob))
    return {
        "company's token": jwt,
        "company's service account": hr_secret,
        "signed out": ended,
        "expired": gone,
        "wrong secret": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "kind swapped": token.replace("hro_", "hrp_"),
        "account as operator": account.secret.replace("hrp_", "hro_"),
        "account revoked": revoked.secret,
        "account orphaned": orphan.secret,
        "account replaced": replaced.secret,
        "account cut short": account.secret[:-1],
        "account in capitals": account.secret.upper(),
        "unknown": f"hrp_{'0' * 16}_{'A' * 43}",
        "alg none": HOSTILE["alg none"](acme, bob),
        "two": f"{token} {token}",
        "not ascii": "\u00e4",
    }


def test_hostile_credentials_open_nothing_on_the_platform(acme: Tenant, bob: Employee, alice: Employee) -> None:
    client = Client(headers={"host": "localhost"}, raise_request_exception=False)
    everything = operations(PLATFORM)
    assert everything

    for name, token in _platform_kinds(acme, bob).items():
        tried = everything if FULL or name in ("company's token", "account revoked") else everything[:2]
        check_refused(client, tried, headers_of(token))


@pytest.mark.parametrize("change", ["password", "demoted", "deactivated"])
def test_what_ends_an_operator_ends_their_token_with_the_next_request(db: None, change: str) -> None:
    with context.enter_platform():
        olga = User.objects.create_superuser("olga@platform.example", "olga@platform.example", "a long password")
        token = operators.issue_token(operator=olga, now=timezone.now())
        client = Client(headers={"host": "localhost", **headers_of(token)})
        assert client.get("/api/v1/platform/service-accounts").status_code == 200
        if change == "password":
            olga.set_password("another long password")
        olga.is_superuser, olga.is_active = change != "demoted", change != "deactivated"
        olga.save()

    assert client.get("/api/v1/platform/service-accounts").status_code == 401


def test_every_operation_says_which_scope_it_needs() -> None:
    """Unless it is open to everybody. PEOPLE_ONLY is a saying, too."""
    from django.urls import get_resolver

    from ragsite.tests.hostile.routes import OPEN
    from ragsite.tests.matrix.resolver import _walk

    for urlconf, known in ((TENANT, scopes.COMPANY_SCOPES), (PLATFORM, scopes.PLATFORM_SCOPES)):
        for pattern, entry in _walk(get_resolver(urlconf).url_patterns, ""):
            view = getattr(entry.callback, "cls", None)
            if view is None or not pattern.startswith("api/v1/") or pattern in OPEN or "auth/logout" in pattern:
                continue
            declared = view.__dict__.get("api_scope", getattr(view, "api_scope", None))
            assert declared is not None, f"{pattern}: name an api_scope (tenants.machines.scopes)"
            named = set(declared.values()) if isinstance(declared, dict) else {declared}
            assert named <= scopes.names(known) | {scopes.PEOPLE_ONLY}, pattern
            if isinstance(declared, dict):
                methods = {name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
                assert declared.keys() == methods, pattern
