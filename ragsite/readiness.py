"""Is every part there? One short question to each, each bounded in time."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from prometheus_client import Gauge

from documents.models import Outbox
from tenants import context
from tenants.models import Tenant

log = structlog.get_logger(__name__)

QUEUE_DEPTH = Gauge("rag_ingestion_queue_depth", "Versions waiting to be processed, over all companies.")


@dataclass(frozen=True)
class Part:
    """One dependency. `required`: without it nothing personal can be answered."""

    name: str
    status: str
    required: bool
    ms: float


@dataclass(frozen=True)
class Report:
    parts: tuple[Part, ...]

    @property
    def ready(self) -> bool:
        return all(part.status == "ok" for part in self.parts if part.required)

    def as_json(self) -> dict[str, object]:
        return {
            "status": "ok" if self.ready else "unavailable",
            "parts": {part.name: {"status": part.status, "ms": round(part.ms, 1)} for part in self.parts},
        }


def check_parts() -> Report:
    """Ask each part once, in the public schema. A part that fails is named with its error's class, nothing more."""
    with context.enter_platform():
        return Report(parts=tuple(_ask(name, question, required) for name, question, required in _QUESTIONS))


def refresh_gauges() -> None:
    """Compute the gauges that are read from the database at scrape time. One query per active tenant."""
    depth = 0
    with context.enter_platform():
        tenants = list(Tenant.objects.active())
    for tenant in tenants:
        with context.enter(tenant):
            depth += Outbox.objects.filter(kind=Outbox.Kind.PROCESS_VERSION).count()
    QUEUE_DEPTH.set(depth)


def _ask(name: str, question: Callable[[], None], required: bool) -> Part:
    started = time.perf_counter()
    try:
        question()
        status = "ok"
    except Exception as error:  # each part has its own error classes, and all of them mean: not ready
        log.warning("part_unavailable", part=name, error=type(error).__name__)
        status = f"unavailable ({type(error).__name__})"
    return Part(name=name, status=status, required=required, ms=(time.perf_counter() - started) * 1000)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    from django.db.migrations.recorder import MigrationRecorder

    if not MigrationRecorder(connection).has_table():
        raise RuntimeError("the database has not been migrated")


def _cache() -> None:
    cache.set("readyz", "1", 10)
    if cache.get("readyz") != "1":
        raise RuntimeError("the cache forgets")


def _queue() -> None:
    from ragsite.celery import app

    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


def _files() -> None:
    default_storage.exists("readyz")


def _vectors() -> None:
    from retrieval import stores

    stores.get_store().ping()


def _encoder() -> None:
    from retrieval.encoders import get_encoder
    from retrieval.services.asking import hearing

    get_encoder().count_tokens("ready")
    # The example phrases are embedded once per process; here, so that nobody's first question waits for it.
    hearing.prepare()


_QUESTIONS: tuple[tuple[str, Callable[[], None], bool], ...] = (
    ("database", _database, True),
    ("migrations", _migrations, True),
    ("cache", _cache, False),
    ("queue", _queue, False),
    ("files", _files, False),
    ("vectors", _vectors, False),
    ("encoder", _encoder, False),
)
