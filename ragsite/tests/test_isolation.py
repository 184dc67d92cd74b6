"""Marked words in one company's documents, questions and names: they turn up nowhere that they do not belong."""

import base64
import contextlib
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client

from documents.models import Document
from hr import access
from hr import services as people
from hr.models import Employee
from hr.tests.api_helpers import post, signed_in
from ragsite.tests.crawling import ABOUT, Read, crawl, ingest, leaks, paths_of, read_answer
from ragsite.tests.matrix.resolver import PLATFORM, TENANT, routes_of
from retrieval import services as questions
from retrieval.models import Conversation, Query
from retrieval.tests.browsing import browser_of
from tenants import context
from tenants.models import Tenant

pytestmark = pytest.mark.django_db

ABOUT_SECRETS = "Which salary do ostrich keepers in band nine get?"
PUBLIC = ("Kanatitel", "Kanatext", "kanaextern", "kanadatei")
SECRET = ("Kanageheimtitel", "Kanageheimtext", "kanageheimextern", "kanageheimdatei")
BOBS = ("Kanabobfrage", "Kanabobkommentar", "Kanabobname")
ALICES = ("Kanaalicefrage", "Kanaalicename")
EVERYTHING = (*PUBLIC, *SECRET, *BOBS, *ALICES)
FOREIGN = "Strausglobex"


@dataclass(frozen=True)
class Marked:
    """What was made at acme, for asking after it elsewhere."""

    public: Document
    secret: Document
    conversation: Conversation
    query: Query

    @property
    def paths(self) -> list[str]:
        return [
            f"/c/{self.conversation.pk}/",
            f"/c/{self.conversation.pk}/rename/",
            f"/c/{self.conversation.pk}/delete/",
            f"/passage/{self.query.pk}/1/",
            *(path for document in (self.public, self.secret) for path in paths_of(document)),
        ]


@pytest.fixture
def marked(acme: Tenant, globex: Tenant, alice: Employee, bob: Employee, charlie: Employee) -> Marked:
    """Both companies have an allowance for ostriches; only acme's carries the marked words."""
    with context.enter(acme):
        people.update_record(employee=bob, first_name="Bob", last_name="Kanabobname")
        people.update_record(employee=alice, first_name="Alice", last_name="Kanaalicename")
        public = ingest(
            "# Ostriches\n\nThe ostrich allowance is 41 Kanatext euros a month.\n",
            "kanadatei.md",
            title="Ostriches Kanatitel",
            external_id="kanaextern",
        )
        secret = ingest(
            "# Pay\n\nOstrich keepers in band nine get a salary of 9,100 Kanageheimtext euros.\n",
            "kanageheimdatei.md",
            title="Pay Kanageheimtitel",
            external_id="kanageheimextern",
            is_confidential=True,
        )
        answer = questions.ask(question=f"{ABOUT} Kanabobfrage", employee=bob)
        assert answer.outcome == "answered"
        query = Query.objects.select_related("conversation").get(pk=answer.query_id)
        questions.give_feedback(query_id=query.pk, scope=access.scope_of(bob), rating="up", comment="Kanabobkommentar")
        questions.ask(question=f"{ABOUT_SECRETS} Kanaalicefrage", employee=alice)
    with context.enter(globex):
        ingest(f"# Animals\n\nThe ostrich allowance is 77 {FOREIGN} euros a month.\n", "animals.md")
    return Marked(public=public, secret=secret, conversation=query.conversation, query=query)


@pytest.fixture
def gwen(globex: Tenant) -> Employee:
    """HR of globex: who sees all that anybody sees there."""
    with context.enter(globex):
        return people.create_employee(email="gwen@globex.example", first_name="Gwen", last_name="E", role="hr")


@pytest.fixture
def operator(db: None) -> Client:
    user = User.objects.create_superuser("operator@platform.example", "operator@platform.example", None)
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="hr.backends.EmployeeBackend")
    return client


@contextlib.contextmanager
def overheard(caplog: Any) -> Iterator[list[str]]:
    """Everything that is logged inside the block, from the lowest level on."""
    lines: list[str] = []
    with contextlib.ExitStack() as stack:
        for name in (None, "django.request", "django.server", "axes", "django.db.backends"):
            stack.enter_context(caplog.at_level(logging.DEBUG, logger=name))
        caplog.clear()
        yield lines
        lines += [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]


def everything_of(tenant: Tenant, employee: Employee, *, more: Iterable[str]) -> list[Read]:
    """All pages and API answers for one person: by link, by route, by guessing `more`, and by asking."""
    browser, api = browser_of(employee, tenant), signed_in(tenant, employee)
    plain = [f"/{route.pattern}" for route in routes_of(TENANT) if not re.search(r"[<(]", route.pattern)]
    read = list(crawl(browser, start=[*plain, *more]))
    read += [read_answer(path, api.get(path)) for path in [*plain, *more] if path.startswith("/api/")]
    for question in (ABOUT, ABOUT_SECRETS):
        asked = {"question": question, "limit": 50}
        read += [
            read_answer(path, post(api, path, asked))
            for path in ("/api/v1/search", "/api/v1/query", "/api/v1/query/stream")
        ]
        read.append(read_answer("/ask/stream/", browser.post("/ask/stream/", asked)))
        read.append(read_answer("/", browser.post("/", asked, follow=True)))
    return read


@pytest.mark.parametrize("who", ["charlie", "gwen"])
def test_nothing_of_acme_is_read_at_globex(
    marked: Marked, globex: Tenant, charlie: Employee, gwen: Employee, who: str
) -> None:
    person = {"charlie": charlie, "gwen": gwen}[who]

    read = everything_of(globex, person, more=marked.paths)

    assert not leaks(read, EVERYTHING)
    assert any(FOREIGN in one.text for one in read), "asking at globex found nothing: this test would miss a leak"
    assert not [one.path for one in read if one.status >= 500]


def test_an_employee_reads_nothing_confidential_and_nothing_of_a_colleague(
    marked: Marked, acme: Tenant, bob: Employee
) -> None:
    read = everything_of(acme, bob, more=marked.paths)

    assert not leaks(read, (*SECRET, *ALICES, FOREIGN))
    assert {word for word in ("Kanatitel", "Kanatext", "Kanabobfrage") if leaks(read, [word])} == {
        "Kanatitel",
        "Kanatext",
        "Kanabobfrage",
    }
    assert not [one.path for one in read if one.status >= 500]


def test_hr_reads_every_document_and_nobodys_questions(marked: Marked, acme: Tenant, alice: Employee) -> None:
    read = everything_of(acme, alice, more=marked.paths)

    assert not leaks(read, ("Kanabobfrage", "Kanabobkommentar", FOREIGN))
    assert leaks(read, ["Kanageheimtext"])
    assert not [one.path for one in read if one.status >= 500]


@pytest.mark.parametrize(
    "lookup",
    [
        "hr/employee/?user__password__startswith=a",
        "hr/employee/?user__session__startswith=a",
        "hr/employee/?queries__question__contains=Kanabobfrage",
        "hr/employee/?conversations__title__contains=Kanabobfrage",
        "documents/document/?versions__storage_key__startswith=a",
    ],
)
def test_lists_cannot_be_asked_about_what_they_do_not_show(
    marked: Marked, acme: Tenant, alice: Employee, lookup: str
) -> None:
    """Filters in the address are the admin's second door: they could spell out a hash or a question by letters."""
    browser = browser_of(alice, acme)
    browser.raise_request_exception = False

    answers = {browser.get(f"/admin/{lookup}{more}").status_code for more in ("", "xyz")}

    assert answers <= {302, 400, 403}


def test_an_operator_reads_nothing_of_any_company(marked: Marked, operator: Client) -> None:
    plain = [f"/{route.pattern}" for route in routes_of(PLATFORM) if not re.search(r"[<(]", route.pattern)]

    read = list(crawl(operator, start=[*plain, *marked.paths]))

    assert not leaks(read, (*EVERYTHING, FOREIGN))
    assert not [one.path for one in read if one.status >= 500]


def test_logs_metrics_cache_and_audit_know_no_content(
    marked: Marked, acme: Tenant, alice: Employee, bob: Employee, caplog: Any, capfd: Any
) -> None:
    with overheard(caplog) as lines:
        everything_of(acme, alice, more=marked.paths)
        api = signed_in(acme, bob)
        post(
            api, "/api/v1/query", {"question": f"{ABOUT} Kanabobfrage", "conversation_id": str(marked.conversation.pk)}
        )
        post(api, "/api/v1/search", {"question": "Kanatext " * 300})
        post(api, "/api/v1/query", {"question": {"Kanatext": "Kanatext"}})
        api.get("/api/v1/documents", {"title": "Kanatitel"})
        cache.set("here", "something", 60)

    metrics = Client(REMOTE_ADDR="127.0.0.1", HTTP_HOST="localhost").get("/metrics").content.decode()
    kept = {
        "log": "\n".join(lines),
        "standard error": "".join(capfd.readouterr()),
        "metrics": metrics,
        "cache": _cache(),
        "audit": "\n".join(_rows_of(schema, "audit_logs") for schema in ("public", "acme", "globex")),
        "outbox": _rows_of("acme", "outbox"),
    }
    assert len(lines) > 50
    assert "rag_" in metrics
    assert not [
        f"{word} in {place}" for place, text in kept.items() for word in EVERYTHING if word.lower() in text.lower()
    ]


@pytest.mark.parametrize("schema", ["globex", "public", "pgmq"])
def test_no_table_elsewhere_holds_anything_of_acme(
    marked: Marked, charlie: Employee, globex: Tenant, schema: str
) -> None:
    everything_of(globex, charlie, more=marked.paths)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        tables = [row[0] for row in cursor.fetchall()]

    found = [
        f"{word} in {schema}.{table}"
        for table in tables
        for rows in [_rows_of(schema, table).lower()]
        for word in EVERYTHING
        if word.lower() in rows
    ]

    assert not found
    assert len(tables) > 20 or schema != "globex"


def _rows_of(schema: str, table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT row::text FROM "{schema}"."{table}" AS row')
        return "\n".join(row[0] for row in cursor.fetchall())


def _cache() -> str:
    """Keys and values; values are kept as base64."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM public.cache_entries")
        rows = cursor.fetchall()
    assert rows, "nothing was cached: this test would miss a leak"
    return "\n".join(f"{key} {base64.b64decode(value).decode('latin-1')}" for key, value in rows)
