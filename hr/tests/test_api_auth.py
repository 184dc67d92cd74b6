"""The gate against hostile tokens, on every route that needs a person; the routes come from the resolver itself."""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from audit.models import AuditLog
from hr import services as people
from hr.models import Employee
from hr.tests.api_helpers import api, claims_of, post, segment, sign_in, signed, signed_in
from hr.tokens.metrics import TENANT_DISAGREEMENTS
from tenants import context, keys
from tenants.models import SigningKey, Tenant

pytestmark = pytest.mark.django_db

# Open on purpose; whoever adds a route without a person has to write it down here.
OPEN_ROUTES = {"api-token", "api-token-refresh", "api-schema", "api-docs"}
METHODS = {
    "api-logout": ["post"],
    "api-ingest": ["post"],
    "api-ingest-status": ["get"],
    "api-documents": ["get"],
    "api-document": ["get", "delete"],
    "api-document-file": ["get"],
    "api-search": ["post"],
    "api-query": ["post"],
    "api-query-stream": ["post"],
    "api-feedback": ["post"],
    "api-document-access": ["get", "patch"],
    "api-versions": ["get"],
    **{f"api-version-{move}": ["post"] for move in ("publish", "window", "submit", "approve", "return", "withdraw")},
    "api-proposal-confirm": ["post"],
    "api-employees": ["get"],
    "api-employees-import": ["post"],
    "api-employee": ["get"],
    "api-paystubs": ["get"],
    "api-paystub": ["get"],
    "api-paystub-pdf": ["get"],
    "api-leave-balance": ["get"],
    "api-leave-requests": ["get", "post"],
    "api-leave-cancel": ["post"],
    "api-leave-approve": ["post"],
    "api-leave-reject": ["post"],
    "api-leave-team": ["get"],
    "api-service-accounts": ["get", "post"],
    "api-service-account-rotate": ["post"],
    "api-service-account-revoke": ["post"],
}


def _named(patterns: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from _named(entry.url_patterns, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern) and entry.name:
            yield entry.name, prefix + str(entry.pattern)


def _api_routes() -> dict[str, str]:
    """Name and path of every API route, with an id that does not exist for each parameter."""
    routes = _named(get_resolver("ragsite.urls.tenant").url_patterns)
    paths = {name: path for name, path in routes if path.startswith("api/")}
    for name, path in paths.items():
        path = re.sub(r"<uuid:\w+>", lambda _: str(uuid.uuid4()), path)
        paths[name] = "/" + re.sub(r"<int:\w+>", "999999999", path)
    return paths


def test_every_route_is_probed_or_open_on_purpose() -> None:
    assert set(_api_routes()) == OPEN_ROUTES | METHODS.keys()


Make = Callable[[Tenant, Employee], str]


def _with(**changes: Any) -> Make:
    return lambda tenant, employee: signed(claims_of(tenant, employee, **changes))


def _under(header: dict[str, Any]) -> Make:
    return lambda tenant, employee: signed(claims_of(tenant, employee), headers=header)


def _made(header: Any, **changes: Any) -> Make:
    """A token whose signature is empty."""
    return lambda tenant, employee: f"{segment(header)}.{segment(claims_of(tenant, employee, **changes))}."


def _tampered(tenant: Tenant, employee: Employee) -> str:
    header, _, signature = signed(claims_of(tenant, employee)).split(".")
    return f"{header}.{segment(claims_of(tenant, employee, role='hr'))}.{signature}"


def _refresh(tenant: Tenant, employee: Employee) -> str:
    return str(sign_in(tenant, employee)["refresh"])


def _demoted(tenant: Tenant, employee: Employee) -> str:
    token = signed(claims_of(tenant, employee, role="hr"))
    Employee.objects.filter(pk=employee.pk).update(role="employee")
    return token


def _deactivated(tenant: Tenant, employee: Employee) -> str:
    token = str(sign_in(tenant, employee)["access"])
    with context.enter(tenant):  # the request of the line above has left it
        people.deactivate(employee=employee)
    return token


def _unlinked(tenant: Tenant, employee: Employee) -> str:
    token = signed(claims_of(tenant, employee))
    Employee.objects.filter(pk=employee.pk).update(user=None)
    return token


def _kid() -> str:
    return keys.signing_key().kid


HOSTILE: dict[str, Make] = {
    "nothing": lambda *_: "",
    "no token": lambda *_: "x",
    "dots": lambda *_: "..",
    "many parts": lambda tenant, employee: signed(claims_of(tenant, employee)) + ".x",
    "not ascii": lambda *_: "\u00e4.\u00f6.\u00fc",
    "too long": lambda *_: "a" * 5000,
    "two tokens": lambda tenant, employee: " ".join([signed(claims_of(tenant, employee))] * 2),
    "deep header": lambda *_: f"{segment(b'[' * 2500)}.e30.",
    "header is a list": lambda *_: f"{segment([])}.e30.",
    "header is no json": lambda *_: f"{segment(b'x')}.e30.",
    "alg none": _made({"alg": "none"}),
    "alg None with our kid": lambda t, e: _made({"alg": "None", "kid": _kid()})(t, e),
    "alg none with our kid": lambda t, e: _made({"alg": "none", "kid": _kid()})(t, e),
    "empty signature": lambda t, e: _made({"alg": "HS256", "kid": _kid()})(t, e),
    "RS256 named": lambda t, e: _made({"alg": "RS256", "kid": _kid()})(t, e),
    "another HMAC": lambda t, e: signed(claims_of(t, e), alg="HS512"),
    "HS384": lambda t, e: signed(claims_of(t, e), alg="HS384"),
    "empty key": lambda t, e: _made({"alg": "HS256", "kid": ""})(t, e),
    "wrong key": lambda t, e: signed(claims_of(t, e), key=b"x" * 64),
    "django secret as key": lambda t, e: signed(claims_of(t, e), key="only-for-tests-" + "x" * 40),
    "changed content": _tampered,
    "no kid": lambda t, e: signed(claims_of(t, e), headers={"x": "y"}),
    "unknown kid": _under({"kid": "unknown"}),
    "kid is a path": _under({"kid": "../../../../dev/null"}),
    "kid is SQL": _under({"kid": "' OR 1=1 --"}),
    "kid with NUL": _under({"kid": "a\x00b"}),
    "kid huge": _under({"kid": "k" * 2000}),
    "key in header": lambda t, e: signed(
        claims_of(t, e), key=b"k" * 64, headers={"kid": _kid(), "jwk": {"kty": "oct", "k": segment(b"k" * 64)}}
    ),
    "key by URL": lambda t, e: signed(claims_of(t, e), headers={"kid": _kid(), "jku": "https://example.com/keys"}),
    "critical extension": lambda t, e: signed(claims_of(t, e), headers={"kid": _kid(), "crit": ["x"], "x": 1}),
    "expired": _with(exp=int(time.time()) - 1),
    "expired long ago": _with(exp=0),
    "no exp": _with(exp=None),
    "exp is text": _with(exp="9999999999"),
    "exp is infinite": _with(exp=float("inf")),
    "exp is huge": _with(exp=10**30),
    "exp is a list": _with(exp=[9999999999]),
    "not yet": _with(nbf=int(time.time()) + 3600),
    "no nbf": _with(nbf=None),
    "issued in the future": _with(iat=int(time.time()) + 3600),
    "no iat": _with(iat=None),
    "other issuer": _with(iss="https://example.com"),
    "no issuer": _with(iss=None),
    "no audience": _with(aud=None),
    "audience is a list": lambda t, e: signed(claims_of(t, e, aud=[str(t.uuid)])),
    "audience is a name": _with(aud="acme"),
    "audience of nobody": _with(aud=str(uuid.UUID(int=0))),
    "tenant claim disagrees": _with(tenant_id=str(uuid.UUID(int=0))),
    "no tenant claim": _with(tenant_id=None),
    "refresh as access": _refresh,
    "kind refresh": _with(typ="refresh"),
    "no kind": _with(typ=None),
    "nobody": _with(sub="999999999"),
    "sub is a number": lambda t, e: _made({"alg": "HS256", "kid": _kid()}, sub=e.pk)(t, e),
    "sub is SQL": _with(sub="1 OR 1=1"),
    "sub is huge": _with(sub="9" * 40),
    "sub is negative": _with(sub="-1"),
    "sub in other digits": _with(sub="\u0661"),
    "no sub": _with(sub=None),
    "no jti": _with(jti=None),
    "old version": _with(ver=0),
    "future version": _with(ver=99),
    "version is text": _with(ver="1"),
    "version is true": _with(ver=True),
    "promoted by claim": _with(role="ceo"),
    "role is a list": _with(role=["employee"]),
    "other password": _with(pwd="0" * 16),
    "no password mark": _with(pwd=None),
    "unknown session": _with(sid=999_999),
    "session is text": _with(sid="1"),
    "session is huge": _with(sid=2**70),
    "demoted": _demoted,
    "deactivated": _deactivated,
    "without login": _unlinked,
}


def test_there_are_enough_hostile_tokens() -> None:
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_token_is_refused_on_every_route(acme: Tenant, bob: Employee, name: str) -> None:
    with context.enter(acme):
        token = HOSTILE[name](acme, bob)
    client = api(acme)
    header = {"Authorization": f"Bearer {token}"}

    answers = [
        (path, getattr(client, method)(path, headers=header))
        for route, path in _api_routes().items()
        for method in METHODS.get(route, [])
    ]

    assert {path: answer.status_code for path, answer in answers if answer.status_code != 401} == {}
    assert len({answer.content for _, answer in answers}) == 1
    assert all(answer["WWW-Authenticate"] == "Bearer" for _, answer in answers)


@pytest.mark.parametrize("header", ["Basic YWxpY2U6cHc=", "Token x", "Bearer", "", "Negotiate a b c"])
def test_other_schemes_are_refused_with_the_same_body(acme: Tenant, bob: Employee, header: str) -> None:
    answer = api(acme).get("/api/v1/documents", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "not_authenticated"


def test_good_token_passes_on_every_route(acme: Tenant, alice: Employee) -> None:
    """The probe above would be worth nothing if nobody were let in."""
    token = signed(claims_of(acme, alice))
    for route, path in _api_routes().items():
        for method in METHODS.get(route, []):
            answer = getattr(api(acme, token=token), method)(path)
            assert answer.status_code not in (401, 403, 500), (path, answer.content)


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
