"""How long the console's lists take to open when a company has 100,000 people, documents, answers and audit rows."""

import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from audit import actors
from audit import services as audit
from documents.models import Document, DocumentVersion
from hr import services as hr
from hr.models import Employee
from hr.signin import marks
from retrieval.models import AnswerTrace, Conversation, Query
from tenants import context
from tenants.models import Tenant

ROWS = 100_000
MAX_QUERIES = 12
MAX_MS = 500.0
_OPENINGS = 3
_AUDIT_BATCH = 5_000
_PASSWORD = "only-for-the-bench"  # noqa: S105

# For each list: what is added to its address. A far page is one that nobody clicks to, but an address can name.
_COMMON: Mapping[str, str] = {"first page": "", "far page": "p={far}"}
LISTS: Mapping[str, Mapping[str, str]] = {
    "hr_employee": {
        **_COMMON,
        "search": "q=Person+99999",
        "filter": "role__exact=manager&site=Lyon",
        "sorted": "o=4.2",
    },
    "documents_document": {
        **_COMMON,
        "search": "q=Policy+99999",
        "filter": "state=ready&readers=few",
        "sorted": "o=-2",
    },
    "documents_documentversion": {
        **_COMMON,
        "search": "q=policy-99999",
        "filter": "state__exact=ready&publication__exact=published",
        "sorted": "o=2",
    },
    "audit_auditlog": {
        **_COMMON,
        "search": "q=document:99999",
        "filter": "outcome=refused",
        "sorted": "o=3",
    },
    "retrieval_query": {
        **_COMMON,
        "search": "q=query:00000000-0000-4000-8000-000000099999",
        "filter": "outcome=abstained&judged=none",
        "sorted": "o=-3",
    },
}


def measure(tenant: Tenant, *, rows: int = ROWS, openings: int = _OPENINGS) -> dict[str, Any]:
    """Fill the company, then open each list in each way.

    Queries, and the median of the openings in ms, in this process: what a web process does, without the network.
    """
    with context.enter(tenant):
        started = time.perf_counter()
        fill(rows=rows)
        filled = round(time.perf_counter() - started, 1)
        host = tenant.domains.values_list("domain", flat=True).first()
        user = _hr_person()
    with override_settings(ALLOWED_HOSTS=["*"]):
        client = _signed_in(host, user, tenant)
        lists = {name: _open(client, name, ways, rows, openings) for name, ways in LISTS.items()}
    opened = [one for ways in lists.values() for one in ways.values()]
    return {
        "rows": rows,
        "filled_seconds": filled,
        "most_queries": max(one["queries"] for one in opened),
        "slowest_ms": max(one["ms"] for one in opened),
        "lists": lists,
    }


def fill(*, rows: int) -> None:
    """That many people, documents with a version, answers and audit rows in the current company."""
    person = Employee.objects.order_by("pk").last() or hr.create_employee(
        email="first@lists.example", first_name="First", last_name="Person", role="employee"
    )
    _people(person, rows)
    _documents(rows)
    _answers(person, rows)
    _audit_rows(rows)
    with connection.cursor() as cursor:
        for model in (Employee, Document, DocumentVersion, Query, AnswerTrace, Conversation):
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')  # as autovacuum does within a minute
        cursor.execute("ANALYZE audit_logs")


def _people(person: Employee, rows: int) -> None:
    template = Employee.objects.create(
        employee_number="L0", email="l0@lists.example", first_name="Lists", last_name="Person 0", role="employee"
    )
    _copy(
        Employee,
        template.pk,
        rows,
        {
            "employee_number": "'L' || n",
            "email": "'l' || n || '@lists.example'",
            "last_name": "'Person ' || n",
            "role": "CASE WHEN n % 10 = 0 THEN 'manager' ELSE 'employee' END",
            "department": "'Team ' || n % 40",
            "country": "(ARRAY['DE', 'FR', 'GB'])[1 + n % 3]",
            "site": "(ARRAY['Lyon', 'Hamburg', 'Leeds', 'Cadiz'])[1 + n % 4]",
            "manager_id": str(person.pk),
        },
    )


def _documents(rows: int) -> None:
    template = Document.objects.create(title="Policy 0", created_by="employee:1")
    version = DocumentVersion.objects.create(
        document=template,
        number=1,
        state=DocumentVersion.State.READY,
        publication=DocumentVersion.Publication.PUBLISHED,
        sha256="0" * 64,
        size_bytes=1000,
        original_name="policy-0.pdf",
        media_type="application/pdf",
        storage_key="",
        uploaded_by="employee:1",
        effective_from=context.local_today(),
    )
    ago = "now() - n * interval '1 minute'"
    _copy(
        Document,
        template.pk,
        rows,
        {
            "id": _id("1"),
            "title": "'Policy ' || n || ' on travel and expenses'",
            "external_id": "'lists-' || n",
            "is_confidential": "n % 5 = 0",
            "created_at": ago,
        },
    )
    _copy(
        DocumentVersion,
        version.pk,
        rows,
        {
            "id": _id("2"),
            "document_id": _id("1"),
            "original_name": "'policy-' || n || '.pdf'",
            "sha256": "encode(sha256(n::text::bytea), 'hex')",
            "received_at": ago,
        },
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents d SET serving_version_id = v.id FROM document_versions v"
            " WHERE v.document_id = d.id AND d.serving_version_id IS NULL"
        )


def _answers(person: Employee, rows: int) -> None:
    now = timezone.now()
    conversation = Conversation.objects.create(employee=person, title="Lists", updated_at=now)
    query = Query.objects.create(
        id=UUID("00000000-0000-4000-8000-000000000000"),
        conversation=conversation,
        employee=person,
        asked_at=now,
        question="How many days of leave do I get?",
        outcome=Query.Outcome.ANSWERED,
        answer="Twenty-five days of paid leave a year. " * 10,
        sentences=[{"text": "Twenty-five days of paid leave a year.", "citations": [1]}],
        generator="extractive",
        confidence=0.8,
        threshold=0.5,
        prompt_version="v1",
        embed_model="bench",
    )
    trace = AnswerTrace.objects.create(
        query=query,
        channel="page",
        scope={"role": "employee"},
        scope_digest="0" * 64,
        candidates=[["00000000-0000-4000-8000-000000000000", 0.5, 3.1, 0.6, "below_rank", ""]] * 30,
        threshold_source="installation",
        generation=1,
    )
    _copy(
        Query,
        query.pk,
        rows,
        {
            "id": _id("0"),
            "asked_at": "now() - n * interval '1 minute'",
            "outcome": "CASE WHEN n % 4 = 0 THEN 'abstained' ELSE 'answered' END",
            "confidence": "(n % 100) / 100.0",
        },
    )
    _copy(AnswerTrace, trace.pk, rows, {"query_id": _id("0")})


def _audit_rows(rows: int) -> None:
    """Through the service and its chain; the log takes no other rows."""
    for first in range(1, rows + 1, _AUDIT_BATCH):
        who = actors.Actor(kind="employee", label=f"employee:{1 + first % 50}")
        with actors.acting_as(who), transaction.atomic():
            audit.record_all(
                audit.Entry(
                    verb=("document.read", "search.run", "employee.read")[n % 3],
                    target=f"document:{n}",
                    details={"rows": n % 7},
                )
                for n in range(first, min(first + _AUDIT_BATCH, rows + 1))
            )


def _id(kind: str) -> str:
    """A key that tells its row: kind, then the number in decimal digits."""
    return f"('0000000{kind}-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid"


def _copy(model: Any, key: Any, rows: int, values: Mapping[str, str]) -> None:
    """Copy one row `rows` times, with what differs as SQL of `n`; keys that the database gives are left to it."""
    meta = model._meta
    given = [
        column.column for column in meta.concrete_fields if not (column.primary_key and column.column not in values)
    ]
    names = ", ".join(f'"{name}"' for name in given)
    taken = ", ".join(values.get(name, f't."{name}"').replace("%", "%%") for name in given)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{meta.db_table}" ({names}) SELECT {taken} FROM "{meta.db_table}" t,'  # noqa: S608 (ours)
            f' generate_series(1, %s) n WHERE t."{meta.pk.column}" = %s',
            [rows, key],
        )


def _hr_person() -> User:
    person = hr.create_employee(
        email="hr@lists.example", first_name="Lists", last_name="Reader", role="hr", password=_PASSWORD
    )
    assert person.user is not None, "made with a password"
    return person.user


def _signed_in(host: str, user: User, tenant: Tenant) -> Client:
    """A session of HR that has just confirmed who it is, and said why it reads the log."""
    client = Client(HTTP_HOST=host)
    with context.enter(tenant):
        client.force_login(user, backend="hr.backends.EmployeeBackend")
        session = client.session
        session[marks.CONFIRMED_AT] = session[marks.SECOND_FACTOR_AT] = time.time()
        session.save()
    client.post(reverse("admin:audit_auditlog_reason", urlconf="ragsite.urls.tenant"), {"reason": "bench"})
    return client


def _open(client: Client, name: str, ways: Mapping[str, str], rows: int, openings: int) -> dict[str, dict[str, Any]]:
    address = reverse(f"admin:{name}_changelist", urlconf="ragsite.urls.tenant")
    far = max(rows // 100 - 1, 1)
    return {way: _opened(client, f"{address}?{query.format(far=far)}", openings) for way, query in ways.items()}


def _opened(client: Client, address: str, openings: int) -> dict[str, Any]:
    with CaptureQueriesContext(connection) as captured:
        status = client.get(address).status_code
    asked = captured.captured_queries  # the next request forgets them
    times = [_ms(lambda: client.get(address)) for _ in range(openings)]
    slowest = max((float(query["time"]) for query in asked), default=0.0)
    return {
        "status": status,
        "queries": len(asked),
        "ms": round(statistics.median(times), 1),
        "slowest_query_ms": round(slowest * 1000, 1),
    }


def _ms(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def problems(measured: Mapping[str, Any]) -> Iterable[str]:
    """What misses its bar, by name."""
    for name, ways in measured["lists"].items():
        for way, one in ways.items():
            if one["status"] != 200 or one["queries"] > MAX_QUERIES or one["ms"] > MAX_MS:
                yield f"{name}, {way}: status {one['status']}, {one['queries']} queries, {one['ms']} ms"
