"""What is measured, in which order, and against which bar."""

import os
import threading
import time
from pathlib import Path
from typing import Any

from django.db import connection

from documents import services as documents
from documents.models import DocumentVersion
from hr import services as hr
from hr.models import Employee
from ragsite.bench import audit_log, bars, corpus, kill, lists, load, people, rights, tokens
from ragsite.bench.installation import Installation, has_torch
from ragsite.demo import catalog
from retrieval.encoders import get_encoder
from retrieval.models import Chunk
from tenants import context
from tenants import services as tenants
from tenants.models import Tenant

_PASSWORD = "only-for-the-bench"  # noqa: S105
_BOB = "bob@bench.example"
_SUFFIXES = frozenset({".pdf", ".docx", ".md", ".html", ".txt"})
_MIB = 1024 * 1024
# Encoder and search are measured in turns of 100 each.
_TURNS = 3


def measure(running: Installation, *, handbooks: Path | None, parts: frozenset[str]) -> dict[str, Any]:
    """The figures of `parts`, the names of __main__ and `large`, in an order in which none disturbs the next."""
    results: dict[str, Any] = {"machine": _machine()}
    started = time.perf_counter()
    acme = tenants.onboard(name="Bench A", domain="a.localhost", admin_email="owner@a.example").tenant
    results["onboarding_seconds"] = round(time.perf_counter() - started, 2)
    globex = tenants.onboard(name="Bench B", domain="b.localhost", admin_email="owner@b.example").tenant
    for tenant in (acme, globex):
        with context.enter(tenant):
            hr.create_employee(email=_BOB, first_name="Bob", last_name="Bench", role="employee", password=_PASSWORD)
    if "ingestion" in parts:
        results["ingestion"] = _ingestion(running, acme, handbooks)
    if "search" in parts:
        _top_up(acme, 5000)
        with context.enter(globex):
            corpus.fill(passages=500, seed=11)
        results["bare"], results["search_5000"] = _search(running, "a.localhost")
        results["query_5000"] = _query(running)
        results["rights"] = rights.cost(acme, email=_BOB, questions=corpus.questions())
        results["mixed_tenants"] = _mixed(running, {"a.localhost": acme, "b.localhost": globex})
    if "people" in parts:
        results["people"] = people.imports(globex)
    if "kill" in parts:
        results["kill"] = kill.measure(running, acme=acme, globex=globex, sign_in=_signed_in)
    if "tokens" in parts:
        results["tokens"] = tokens.measure(running, acme=acme, email=_BOB, password=_PASSWORD)
    if "audit" in parts:
        results["audit"] = audit_log.measure(globex)
    if "large" in parts:
        _top_up(acme, 50_000)
        results["search_50000"] = _at_once(running, "a.localhost", seconds=15)
    if "lists" in parts:
        large = tenants.onboard(name="Bench C", domain="c.localhost", admin_email="owner@c.example").tenant
        results["lists"] = lists.measure(large)
    results["memory"] = _memory(running)
    results["ratios"] = bars.ratios(results)
    results["machine"]["load_after"] = os.getloadavg()
    return results


def _machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "load_before": os.getloadavg()}


def _ingestion(running: Installation, tenant: Tenant, handbooks: Path | None) -> dict[str, Any]:
    """From the first upload until the last version is ready, against encoding the same passages in this process."""
    paths = _files(handbooks)
    with context.enter(tenant):
        started = time.perf_counter()
        for path in paths:
            with path.open("rb") as source:
                documents.receive(source=source, original_name=path.name, external_id=str(path)[-200:])
        while DocumentVersion.objects.unfinished().exists():
            time.sleep(0.25)  # asking costs the workers time
        seconds = time.perf_counter() - started
        not_ready = DocumentVersion.objects.exclude(state=DocumentVersion.State.READY).count()
        texts = list(Chunk.objects.values_list("embed_text", flat=True))
    return {
        "source": "handbooks" if handbooks else "demo documents",
        "files": len(paths),
        "not_ready": not_ready,
        "chunks": len(texts),
        "seconds": round(seconds, 1),
        "chunks_per_second": round(len(texts) / seconds, 1),
        "bare_chunks_per_second": round(_bare_chunks_per_second(texts), 1),
    }


def _files(handbooks: Path | None) -> list[Path]:
    if handbooks is not None:
        return sorted(p for p in handbooks.rglob("*") if p.suffix.lower() in _SUFFIXES and p.name != "SOURCE.txt")
    return [document.path for company in catalog.load_catalog() for document in company.documents]


def _bare_chunks_per_second(texts: list[str]) -> float:
    """The encoder alone, on all cores."""
    from django.conf import settings

    from retrieval.encoders.loader import build_encoder

    encoder = build_encoder(
        backend=settings.EMBED_BACKEND,
        model=settings.EMBED_MODEL,
        data_dir=settings.DATA_DIR,
        threads=os.cpu_count() or 1,
    )
    encoder.encode_passages(texts[:64])
    started = time.perf_counter()
    for start in range(0, len(texts), 64):
        encoder.encode_passages(texts[start : start + 64])
    return len(texts) / (time.perf_counter() - started)


def _top_up(tenant: Tenant, passages: int) -> None:
    with context.enter(tenant):
        missing = passages - Chunk.objects.count()
        if missing > 0:
            corpus.fill(passages=missing, seed=passages)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")  # as autovacuum does within a minute


def _signed_in(running: Installation, host: str) -> load.Client:
    client = load.Client(port=running.port, host=host)
    status, body = client.post("/api/v1/auth/token", {"email": "bob@bench.example", "password": _PASSWORD})
    if status != 200:
        raise RuntimeError(f"sign-in failed: {status} {body}")
    client.token = body["access"]
    return client


def _searching(client: load.Client) -> Any:
    asked = corpus.questions()

    def action(number: int) -> bool:
        status, body = client.post("/api/v1/search", {"question": asked[number % len(asked)], "limit": 10})
        return status == 200 and len(body["results"]) == 10

    return action


def _search(running: Installation, host: str) -> tuple[dict[str, float], dict[str, Any]]:
    """Bare figures, and those of search. Encoder and search take turns: what else the machine does meets both alike."""
    encoder, asked = get_encoder(), corpus.questions()
    searching = _searching(_signed_in(running, host))
    probe = load.Client(port=running.port, host="localhost")
    encoded, searched = load.Timings(), load.Timings()
    for turn in range(_TURNS):
        encoded.add(load.one_by_one(lambda n: len(encoder.encode_queries([asked[n % len(asked)]])) == 1, count=100))
        searched.add(load.one_by_one(searching, count=100, warm_up=10 if turn else 50))
    endpoint = load.one_by_one(lambda n: probe.get("/livez")[0] == 200, count=300)
    bare = {
        "query_p50_ms": round(encoded.quantile(0.5), 2),
        "query_p95_ms": round(encoded.quantile(0.95), 2),
        "livez_p50_ms": round(endpoint.quantile(0.5), 2),
    }
    return bare, {"sequential": searched.figures(), "clients_8": _at_once(running, host, seconds=15)}


def _at_once(running: Installation, host: str, *, seconds: float) -> dict[str, Any]:
    actions = [_searching(_signed_in(running, host)) for _ in range(8)]
    load.at_once(actions, seconds=2)  # warm
    return load.at_once(actions, seconds=seconds).figures()


def _query(running: Installation) -> dict[str, Any]:
    client, asked = _signed_in(running, "a.localhost"), corpus.questions()
    return load.one_by_one(
        lambda n: client.post("/api/v1/query", {"question": asked[n % len(asked)]})[0] == 200, count=150
    ).figures()


def _mixed(running: Installation, by_host: dict[str, Tenant]) -> dict[str, int]:
    """400 requests by 16 threads over two companies: does every answer come from the asker's own?"""
    own = {}
    for host, tenant in by_host.items():
        with context.enter(tenant):
            own[host] = {str(pk) for pk in DocumentVersion.objects.values_list("document_id", flat=True)}
            assert Employee.objects.active().exists()
    asked, wrong, errors, lock = corpus.questions(), [0], [0], threading.Lock()

    def work(thread: int) -> None:
        host = list(by_host)[thread % 2]
        client = _signed_in(running, host)
        for number in range(25):
            status, body = client.post(
                "/api/v1/search", {"question": asked[(thread + number) % len(asked)], "limit": 5}
            )
            foreign = status == 200 and any(row["document_id"] not in own[host] for row in body["results"])
            with lock:
                wrong[0] += foreign
                errors[0] += status != 200

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"requests": 400, "wrong_tenant": wrong[0], "errors": errors[0]}


def _memory(running: Installation) -> dict[str, Any]:
    web, web_bytes = running.largest("granian")
    _, worker_bytes = running.largest("celery")
    return {
        "web_mib": round(web_bytes / _MIB),
        "web_has_torch": has_torch(web),
        "worker_mib": round(worker_bytes / _MIB),
    }
