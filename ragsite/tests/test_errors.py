"""One error shape for everything under /api/, whoever refuses: a view, Django, a middleware, or a part that is away."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions

from documents import files
from documents import services as documents
from hr.models import Employee
from hr.tests.api_helpers import api, post, signed_in
from ragsite import errors
from ragsite.api import counters
from retrieval import services as retrieval
from tenants import context
from tenants import services as tenants
from tenants.models import Tenant
from tenants.postgresql.compiled import CompiledGet

pytestmark = pytest.mark.django_db


def shape(answer: Any) -> tuple[int, str]:
    """Status and code, after a look at the whole shape."""
    body = json.loads(answer.content)
    assert set(body) == {"type", "errors"}, body
    assert body["type"] in ("validation_error", "client_error", "server_error")
    assert all(set(error) == {"code", "detail", "attr"} for error in body["errors"])
    assert answer["Content-Type"].startswith("application/json")
    assert answer["Cache-Control"] == "private, no-store"
    return answer.status_code, body["errors"][0]["code"]


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head"])
@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v2/search", "/api/v1/search/", "/api/x"]
)
def test_unknown_route(acme: Tenant, method: str, path: str) -> None:
    answer = getattr(api(acme), method)(path)

    assert answer.status_code == 404
    if method != "head":
        assert shape(answer) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/queries/00000000-0000-4000-8000-000000000000/feedback", '{"rating": "\\ud800"}'),
        ("/api/v1/query", '{"question": "x", "ask_as": {"role": "\\udfff"}}'),
        ("/api/v1/query", '{"question": "x", "about": {"\\ud800": "DE"}}'),
        ("/api/v1/search", '{"question": "a\\uD83D b"}'),
        ("/api/v1/leave/requests", '{"type": "\\ud800", "first_day": "2026-12-01"}'),
        ("/api/v1/auth/token", '{"email": "\\ud800@acme.example", "password": "x"}'),
    ],
)
def test_half_a_surrogate_pair_is_a_400_wherever_it_stands(acme: Tenant, bob: Employee, path: str, body: str) -> None:
    answer = signed_in(acme, bob).post(path, body, content_type="application/json")

    assert shape(answer) == (400, "parse_error")


def test_whole_surrogate_pair_is_a_character(acme: Tenant, bob: Employee) -> None:
    body = '{"question": "\\ud83d\\ude00 holidays", "limit": "\\ud83d\\ude00"}'

    answer = signed_in(acme, bob).post("/api/v1/search", body, content_type="application/json")

    assert answer.json()["errors"][0]["code"] != "parse_error"


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_day_that_cannot_be_meant_is_a_400(acme: Tenant, alice: Employee, day: str) -> None:
    client = signed_in(acme, alice)

    answers = [
        client.get("/api/v1/leave/balance", {"on": day}),
        client.get("/api/v1/leave/team", {"first": day}),
        client.get("/api/v1/leave/team", {"last": day}),
        post(client, "/api/v1/leave/requests", {"first_day": day}),
        post(client, "/api/v1/query", {"question": "x", "as_of": day}),
    ]

    assert {shape(answer) for answer in answers} == {(400, "day_out_of_range")}


@pytest.mark.parametrize("method", ["put", "patch", "options", "trace"])
def test_wrong_method(acme: Tenant, bob: Employee, method: str) -> None:
    assert shape(getattr(signed_in(acme, bob), method)("/api/v1/search")) == (405, "method_not_allowed")


def test_wrong_content_type(acme: Tenant, bob: Employee) -> None:
    answer = signed_in(acme, bob).post("/api/v1/search", "question=x", content_type="text/plain")

    assert shape(answer) == (415, "unsupported_media_type")


def test_suspended_company(acme: Tenant, bob: Employee) -> None:
    client = signed_in(acme, bob)
    tenants.suspend(tenant=acme, reason="test")

    assert shape(client.get("/api/v1/documents")) == (403, "tenant_suspended")


NAMED: list[tuple[Callable[[], Exception], int, str]] = [
    (lambda: documents.UploadTooLarge("secret"), 413, "too_large"),
    (lambda: RequestDataTooBig("secret"), 413, "too_large"),
    (lambda: documents.EmptyTitle("secret"), 400, "blank"),
    (lambda: documents.StorageUnavailable("secret"), 503, "storage_unavailable"),
    (lambda: files.FileMissing("secret"), 503, "storage_unavailable"),
    (lambda: files.ForeignFile("secret"), 404, "not_found"),
    (lambda: retrieval.QuestionEmpty("secret"), 400, "blank"),
    (lambda: retrieval.QuestionTooLong("secret"), 400, "max_length"),
    (lambda: retrieval.ConversationNotFound("secret"), 404, "not_found"),
    (lambda: retrieval.QueryNotFound("secret"), 404, "not_found"),
    (lambda: retrieval.SearchUnavailable("secret"), 503, "search_unavailable"),
    (lambda: retrieval.AskFailed("secret"), 503, "unavailable"),
    (lambda: OperationalError("secret"), 503, "unavailable"),
    (lambda: InterfaceError("secret"), 503, "unavailable"),
    (lambda: UnreadablePostError("secret"), 400, "bad_request"),
    (lambda: Http404("secret"), 404, "not_found"),
    (lambda: PermissionDenied("secret"), 403, "permission_denied"),
    (lambda: exceptions.NotAuthenticated(), 401, "not_authenticated"),
    (lambda: exceptions.AuthenticationFailed("secret"), 401, "not_authenticated"),
    (lambda: ZeroDivisionError("secret"), 500, "internal_error"),
    (lambda: RecursionError("secret"), 500, "internal_error"),
    (lambda: KeyError("secret"), 500, "internal_error"),
]


@pytest.mark.parametrize(("make", "status", "code"), NAMED)
def test_error_of_a_service_becomes_the_shape(
    acme: Tenant, bob: Employee, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Exception], status: int, code: str
) -> None:
    def failing(**kwargs: Any) -> None:
        raise make()

    client = signed_in(acme, bob)
    monkeypatch.setattr(retrieval, "ask", failing)

    answer = post(client, "/api/v1/query", {"question": "x"})

    assert shape(answer) == (status, code)
    assert b"secret" not in answer.content
    assert ("Retry-After" in answer) == (status == 503)
    assert ("WWW-Authenticate" in answer) == (status == 401)


def test_debug_mode_answers_in_the_same_shape(
    acme: Tenant, bob: Employee, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def failing(**kwargs: Any) -> None:
        raise ZeroDivisionError("secret")

    client = signed_in(acme, bob)
    monkeypatch.setattr(retrieval, "ask", failing)
    settings.DEBUG = True

    assert shape(post(client, "/api/v1/query", {"question": "x"})) == (500, "internal_error")


def test_unexpected_error_is_logged_with_the_requests_id(
    acme: Tenant, bob: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(**kwargs: Any) -> None:
        raise ZeroDivisionError("secret")

    client = signed_in(acme, bob)
    monkeypatch.setattr(retrieval, "ask", failing)
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        post(client, "/api/v1/query", {"question": "my private question"})

    [failed] = [line for line in lines if line["event"] == "request_failed"]
    assert failed["request_id"]
    assert "my private question" not in str(lines)


@pytest.mark.parametrize("path", ["/api/v1/documents", "/api/v1/auth/token", "/api/nothing"])
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_database_away_before_any_view_is_503(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, path: str, error: type[Exception]
) -> None:
    client = api(acme)

    def away(*args: Any, **kwargs: Any) -> None:
        raise error("connection refused")

    monkeypatch.setattr(CompiledGet, "get", away)

    answer = client.get(path)

    assert shape(answer) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0


def test_failure_before_any_view_is_500(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError("secret")

    client = api(acme)
    monkeypatch.setattr(CompiledGet, "get", failing)

    assert shape(client.get("/api/v1/documents")) == (500, "internal_error")


@pytest.mark.parametrize(("raised", "status"), [(SuspiciousOperation("x"), 400), (RequestDataTooBig("x"), 413)])
def test_djangos_own_refusals(acme: Tenant, monkeypatch: pytest.MonkeyPatch, raised: Exception, status: int) -> None:
    def failing(*args: Any, **kwargs: Any) -> None:
        raise raised

    client = api(acme)
    monkeypatch.setattr(CompiledGet, "get", failing)

    assert shape(client.get("/api/v1/documents"))[0] == status


def test_sign_in_is_limited_per_account_and_network(acme: Tenant, bob: Employee, alice: Employee) -> None:
    client = api(acme)
    wrong = {"email": bob.email, "password": "wrong"}

    answers = [post(client, "/api/v1/auth/token", wrong) for _ in range(6)]

    assert [answer.status_code for answer in answers[:4]] == [401] * 4
    assert shape(answers[-1]) == (429, "throttled")
    assert int(answers[-1]["Retry-After"]) > 0
    good = {"email": alice.email, "password": "correct horse battery"}
    assert post(client, "/api/v1/auth/token", good).status_code == 200, "another account goes on"
    elsewhere = post(client, "/api/v1/auth/token", {**wrong, "email": bob.email.upper()}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 401, "nobody is locked out by somebody elsewhere"


def test_unknown_account_is_limited_alike(acme: Tenant, bob: Employee) -> None:
    client = api(acme)

    def tries(email: str) -> list[tuple[int, bytes]]:
        answers = [post(client, "/api/v1/auth/token", {"email": email, "password": "wrong"}) for _ in range(6)]
        return [(answer.status_code, answer.content[:40]) for answer in answers]

    assert tries(bob.email) == tries("nobody@acme.example")


def test_one_account_is_limited_over_all_networks(acme: Tenant, bob: Employee) -> None:
    wrong = {"email": bob.email, "password": "wrong"}

    statuses = [
        post(api(acme), "/api/v1/auth/token", wrong, REMOTE_ADDR=f"192.0.2.{host}").status_code for host in range(26)
    ]

    assert statuses == [401] * 25 + [429]


def test_one_network_is_limited_over_all_accounts(acme: Tenant) -> None:
    statuses = [
        post(api(acme), "/api/v1/auth/token", {"email": f"{n}@acme.example", "password": "x"}).status_code
        for n in range(51)
    ]

    assert statuses == [401] * 50 + [429]


def test_good_sign_ins_are_not_held_against_the_account(acme: Tenant, bob: Employee) -> None:
    good = {"email": bob.email, "password": "correct horse battery"}

    assert [post(api(acme), "/api/v1/auth/token", good).status_code for _ in range(12)] == [200] * 12


def test_limits_become_stricter_when_counters_are_away_and_never_vanish(
    acme: Tenant, bob: Employee, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.THROTTLE_RATES_PER_MINUTE = {**settings.THROTTLE_RATES_PER_MINUTE, "questions": 8}
    client = signed_in(acme, bob)

    def away(*args: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(counters, "_count_in_database", away)
    monkeypatch.setattr(counters, "_local", {})

    statuses = [post(client, "/api/v1/query", {"question": ""}).status_code for _ in range(4)]

    assert statuses == [400, 400, 429, 429]


def test_no_refusal_speaks_of_what_is_behind_it() -> None:
    details = [detail for _, detail in errors._BY_STATUS.values()]

    assert not any(word in detail.lower() for detail in details for word in ("sql", "postgres", "python", "django"))


def test_scope_is_bound_to_the_company(acme: Tenant, globex: Tenant) -> None:
    with context.enter(acme):
        first = counters.Limit(scope="api", who=f"{context.tenant_id()}:employee:1", per_minute=1)
    with context.enter(globex):
        second = counters.Limit(scope="api", who=f"{context.tenant_id()}:employee:1", per_minute=1)

    assert first.key != second.key
