"""Two companies at the same time in the same process: many threads of requests, and tasks that wait for each other."""

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from celery.app.trace import build_tracer
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client, RequestFactory

from audit.models import AuditLog
from documents.models import Document
from hr import services as people
from hr import tokens
from hr.models import Employee
from ragsite.celery import app
from ragsite.tests.crawling import ABOUT, ingest
from retrieval.models import Query
from tenants import context
from tenants import services as tenants
from tenants.models import Tenant
from tenants.tasks import TenantTask, WrongTenantHeader

THREADS, REQUESTS = 16, 25
TASKS = 40


@dataclass(frozen=True)
class Company:
    """What a thread needs to ask as its HR person, and the word that only its document has."""

    tenant: Tenant
    word: str
    document: Document
    session: str
    token: str


@dataclass(frozen=True)
class Probe:
    """One request with what has to come back."""

    method: str
    path: str
    body: dict[str, str] | None
    status: int
    says: str


@pytest.fixture
def two(committed: None, settings: Any) -> tuple[Company, Company]:
    """Companies whose people have the same numbers and whose documents the same title and key."""
    settings.THROTTLE_RATES_PER_MINUTE = dict.fromkeys(settings.THROTTLE_RATES_PER_MINUTE, 10**6)
    return _company("Left Works", "leftwords"), _company("Right Works", "rightwords")


def _company(name: str, word: str) -> Company:
    host = f"{name.split()[0].lower()}.localhost"
    tenant = tenants.onboard(name=name, domain=host, admin_email="owner@works.example").tenant
    with context.enter(tenant):
        employee = people.create_employee(email="hr@works.example", first_name="H", last_name="R", role="hr")
        text = f"# Ostriches\n\nThe ostrich allowance is 41 {word} euros a month.\n"
        document = ingest(text, "ostriches.md", external_id="ostriches")
        client = Client()
        assert employee.user is not None
        client.force_login(employee.user, backend="hr.backends.EmployeeBackend")
        token = tokens.issue_access_token(employee=employee, reason="test")
    return Company(tenant, word, document, client.cookies["ragsite_session"].value, token)


def _probes(own: Company, other: Company) -> list[Probe]:
    ask, mine, theirs = {"question": ABOUT}, own.document.pk, other.document.pk
    return [
        Probe("GET", "/", None, 200, own.tenant.name),
        Probe("GET", "/conversations/", None, 200, own.tenant.name),
        Probe("GET", "/admin/documents/document/", None, 200, str(mine)),
        Probe("GET", f"/d/{mine}/", None, 200, own.word),
        Probe("GET", f"/d/{theirs}/", None, 404, ""),
        Probe("GET", f"/original/{own.document.serving_version_id}/", None, 200, own.word),
        Probe("GET", f"/original/{other.document.serving_version_id}/", None, 404, ""),
        Probe("GET", "/api/v1/documents", None, 200, str(mine)),
        Probe("GET", f"/api/v1/documents/{theirs}", None, 404, ""),
        Probe("POST", "/api/v1/search", ask, 200, own.word),
        Probe("POST", "/api/v1/query", ask, 200, own.word),
        Probe("POST", "/api/v1/query/stream", ask, 200, own.word),
    ]


def _send(application: Any, company: Company, probe: Probe, *, token: str) -> tuple[int, str]:
    """As a web server does it: the body is read after the application has returned, then closed."""
    headers = {"host": f"{company.tenant.schema_name}.localhost", "cookie": f"ragsite_session={company.session}"}
    if probe.path.startswith("/api/"):
        headers["authorization"] = f"Bearer {token}"
    request = RequestFactory().generic(
        probe.method,
        probe.path,
        data=f'{{"question": "{probe.body["question"]}"}}' if probe.body else "",
        content_type="application/json",
        headers=headers,
    )
    status: list[str] = []
    response = application(request.environ, lambda line, _headers, _info=None: status.append(line))
    try:
        return int(status[0].split()[0]), b"".join(response).decode()
    finally:
        response.close()


def test_many_threads_of_two_companies_never_meet(two: tuple[Company, Company]) -> None:
    application = get_wsgi_application()
    wrong: list[str] = []
    asked: Counter[str] = Counter()

    def work(number: int) -> None:
        chance = random.Random(number)
        for _ in range(REQUESTS):
            own, other = chance.sample(two, 2)
            probe = chance.choice(_probes(own, other))
            is_foreign = probe.path.startswith("/api/") and chance.random() < 0.15
            status, body = _send(application, own, probe, token=other.token if is_foreign else own.token)
            expected = Probe(probe.method, probe.path, None, 401, "") if is_foreign else probe
            if status != expected.status or expected.says not in body:
                wrong.append(f"{own.word} {probe.path}: {status}, {body[:200]}")
            if any(mark in body for mark in (other.word, other.tenant.name)):
                wrong.append(f"{own.word} {probe.path} shows {other.word}")
            if context.has_tenant() or connection.schema_name != "public":
                wrong.append(f"{probe.path} left its tenant in the thread")
            if "/query" in probe.path and not is_foreign:
                asked[own.word] += 1

    _at_once([lambda number=number: work(number) for number in range(THREADS)], wrong)

    assert not wrong, wrong[:5]
    for company in two:
        with context.enter(company.tenant):
            assert Query.objects.count() == asked[company.word]
            assert AuditLog.objects.filter(verb="question.answer").count() == asked[company.word]
            assert Employee.objects.count() == 2


@pytest.fixture
def where() -> Iterator[Any]:
    """A task of a tenant that says where it runs, before and after the other one began."""
    meeting = threading.Barrier(2, timeout=20)

    @app.task(base=TenantTask, name="tests.where", bind=True)
    def run(task: Any, meets: bool = True) -> tuple[str, ...]:
        seen = [_where()]
        if meets:
            meeting.wait()
        seen.append(_where())
        if meets:
            meeting.wait()
        return (*seen, _where())

    yield run
    app.tasks.unregister("tests.where")


def _where() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return f"{context.current_tenant().schema_name} in {cursor.fetchone()[0]}"


def _execute(task: Any, headers: dict[str, Any], *args: Any) -> Any:
    """As the worker does it: headers become attributes of the task's request."""
    tracer = build_tracer(task.name, task, app=app, eager=True, propagate=True)
    request = {"id": str(uuid.uuid4()), "task": task.name, "is_eager": True, **headers}
    return tracer(request["id"], args, {}, request).retval


def _headers(tenant: Tenant, **changes: Any) -> dict[str, Any]:
    return {"tenant_uuid": str(tenant.uuid), "tenant_schema": tenant.schema_name, **changes}


def test_tasks_of_two_companies_never_meet(committed: None, where: Any) -> None:
    pair = [Tenant.objects.get(schema_name=name) for name in ("acme", "globex")]
    wrong: list[str] = []

    def work(offset: int) -> None:
        for turn in range(TASKS):
            tenant = pair[(turn + offset) % 2]
            seen = set(_execute(where, _headers(tenant)))
            if seen != {f"{tenant.schema_name} in {tenant.schema_name}"}:
                wrong.append(f"{tenant.schema_name}: {seen}")
            if context.has_tenant():
                wrong.append("a task left its tenant in the thread")

    _at_once([lambda: work(0), lambda: work(1)], wrong)

    assert not wrong, wrong[:5]


@pytest.mark.parametrize(
    "changes",
    [
        {"tenant_schema": "globex"},
        {"tenant_schema": None},
        {"tenant_schema": "public"},
        {"tenant_schema": ["acme"]},
        {"tenant_uuid": None},
        {"tenant_uuid": ""},
        {"tenant_uuid": str(uuid.UUID(int=0))},
        {"tenant_uuid": "no uuid"},
        {"tenant_uuid": 7},
        {"tenant_uuid": {"a": 1}},
    ],
    ids=str,
)
def test_a_task_whose_headers_disagree_is_refused_and_recorded(
    committed: None, where: Any, changes: dict[str, Any]
) -> None:
    acme = Tenant.objects.get(schema_name="acme")
    refusals = AuditLog.objects.filter(verb="task.run", outcome="refused", target="task:tests.where")
    before = refusals.count()

    with pytest.raises(WrongTenantHeader, match="carries no valid tenant"):
        _execute(where, _headers(acme, **changes), False)

    assert refusals.count() == before + 1
    assert not context.has_tenant()


def _at_once(work: list[Callable[[], None]], wrong: list[str]) -> None:
    """Run everything in threads that start together, each with a connection of its own."""
    start = threading.Barrier(len(work))

    def run(one: Callable[[], None]) -> None:
        start.wait()
        try:
            one()
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[one]) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
