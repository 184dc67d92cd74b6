"""Is every part there? One short question to each, each bounded in time."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from prometheus_client import Gauge

from audit import ownership
from audit.findings.metrics import FINDINGS, count_findings
from documents.models import Outbox
from ragsite import heartbeats
from tenants import audit_logs, context
from tenants.models import Tenant

log = structlog.get_logger(__name__)

AUDIT_UNSOUND = Gauge("rag_audit_unsound_logs", "Audit logs whose latest verification found something wrong.")
AUDIT_VERIFIED_AGE = Gauge("rag_audit_verified_age_seconds", "Age of the oldest latest verification of an audit log.")
QUEUE_DEPTH = Gauge("rag_ingestion_queue_depth", "Versions waiting to be processed, over all companies.")


@dataclass(frozen=True)
class Part:
    """One dependency. `required`: without it nothing personal can be answered."""

    name: str
    status: str
    required: bool
    ms: float

    @property
    def label(self) -> str:
        """Its name in words."""
        return _LABELS.get(self.name, self.name.capitalize())

    @property
    def without(self) -> str:
        """What does not work while it is away."""
        return _WITHOUT.get(self.name, "the rest works")


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


def check_everything() -> Report:
    """`check_parts`, and what only people and monitors ask for: worker, beat, and the language model if there is one.

    Not asked by /readyz: a web process is no less ready because another process is silent.
    """
    more = (*_PROCESSES, *([_LANGUAGE_MODEL] if settings.LLM_BASE_URL else []))
    with context.enter_platform():
        others = tuple(_ask(name, question, required) for name, question, required in more)
    return Report(parts=(*check_parts().parts, *others))


def refresh_gauges() -> None:
    """Compute what is read from the database at scrape time. Two queries per active tenant."""
    depth = 0
    with context.enter_platform():
        tenants = list(Tenant.objects.active())
        findings = count_findings()
    for tenant in tenants:
        with context.enter(tenant):
            depth += Outbox.objects.filter(kind=Outbox.Kind.PROCESS_VERSION).count()
            findings += count_findings()
    QUEUE_DEPTH.set(depth)
    with context.enter_platform():
        standing = audit_logs.standing(now=timezone.now())
    AUDIT_UNSOUND.set(standing.unsound)
    AUDIT_VERIFIED_AGE.set(standing.oldest_seconds)
    FINDINGS.counts = findings


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

    stores.store_for_upkeep().ping()


def _encoder() -> None:
    from retrieval.encoders import get_encoder
    from retrieval.services.asking import hearing

    get_encoder().count_tokens("ready")
    # The example phrases are embedded once per process; here, so that nobody's first question waits for it.
    hearing.prepare()


def _worker() -> None:
    heartbeats.check(heartbeats.WORKER, now=timezone.now())


def _beat() -> None:
    heartbeats.check(heartbeats.BEAT, now=timezone.now())


def _language_model() -> None:
    """Any answer below 500 will do: whether the key may list models is another matter."""
    request = urllib.request.Request(f"{settings.LLM_BASE_URL.rstrip('/')}/models")  # noqa: S310 (checked at start)
    if settings.LLM_API_KEY:
        request.add_header("Authorization", f"Bearer {settings.LLM_API_KEY}")
    try:
        with urllib.request.urlopen(request, timeout=_MODEL_TIMEOUT_SECONDS):  # noqa: S310
            return
    except urllib.error.HTTPError as answer:
        if answer.code >= 500:
            raise


_LABELS = {
    "migrations": "Database schema",
    "audit_owner": "Audit log is protected",
    "files": "File store",
    "vectors": "Vector index",
    "encoder": "Embedding model",
    "beat": "Scheduler (beat)",
}
_WITHOUT = {
    "audit_owner": "rows could be changed by the application's own role",
    "cache": "limits are stricter, pages are slower",
    "queue": "uploads wait, the rest works",
    "files": "no uploads and no downloads",
    "vectors": "search by words only",
    "encoder": "search by words only",
    "worker": "uploads wait, the rest works",
    "beat": "nothing runs on a schedule",
    "language model": "answers are quoted instead of written",
}
Question = tuple[str, Callable[[], None], bool]
_MODEL_TIMEOUT_SECONDS = 2
_PROCESSES: tuple[Question, ...] = (("worker", _worker, False), ("beat", _beat, False))
_LANGUAGE_MODEL: Question = ("language model", _language_model, False)


def _audit_owner() -> None:
    ownership.check()


_QUESTIONS: tuple[Question, ...] = (
    ("database", _database, True),
    ("migrations", _migrations, True),
    ("audit_owner", _audit_owner, False),
    ("cache", _cache, False),
    ("queue", _queue, False),
    ("files", _files, False),
    ("vectors", _vectors, False),
    ("encoder", _encoder, False),
)
