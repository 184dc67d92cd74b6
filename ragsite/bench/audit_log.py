"""What the audit log costs and what it withstands: the chain's share of a request, verification, writers, tampers."""

import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, connections, transaction
from django.utils import timezone

from audit import checkpoints
from audit import services as audit
from audit.models import AuditLog
from audit.verification import logs
from ragsite.bench import tampers
from tenants import context
from tenants.models import Domain, Tenant

_WRITERS, _ROWS_EACH = 50, 200
_VERIFIED_ROWS = 100_000
_TURNS = 300
# As rows were written before there was a chain: one INSERT inside the action's transaction.
_PLAIN = (
    "INSERT INTO plain_log (at, sequence, actor_kind, actor, verb, target, outcome, reason, request_id, "
    "prompt_version, model_version, digest, details, subject_key_id, previous_hash, row_hash) VALUES "
    "(now(), %s, 'system', 'system', 'bench.change', 'x:1', 'success', '', '', '', '', '', '{\"n\": 1}', '', '', '')"
)


def measure(tenant: Tenant) -> dict[str, Any]:
    """The figures, in a company that is used for nothing else afterwards."""
    with context.enter(tenant):
        found = _shares(tenant)
        found |= _writers(tenant)
        found |= _bulk()
        found |= _verification()
    found |= _tampers()
    return found


def _shares(tenant: Tenant) -> dict[str, Any]:
    """A change and its row in one transaction, against the same with the former, plain INSERT; in turns."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain_log (LIKE audit_logs INCLUDING ALL)")
    numbers = iter(range(1, 10 * _TURNS))

    def change() -> None:
        Domain.objects.filter(tenant=tenant).update(is_primary=True)

    def plain() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            change()
            cursor.execute(_PLAIN, [next(numbers)])

    def chained() -> None:
        with transaction.atomic():
            change()
            audit.record(verb="bench.change", target="x:1", details={"n": 1})

    def plain_read() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_PLAIN, [next(numbers)])

    def chained_read() -> None:
        audit.record_read(verb="bench.read", target="x:1", details={"n": 1})

    before, after, read_before, read_after = _in_turns(plain, chained, plain_read, chained_read)
    return {
        "change_plain_p50_ms": before,
        "change_chained_p50_ms": after,
        "added_to_change_p50_ms": round(after - before, 2),
        "added_to_read_p50_ms": round(read_after - read_before, 2),
    }


def _in_turns(*actions: Callable[[], None]) -> list[float]:
    taken: list[list[float]] = [[] for _ in actions]
    for turn in range(_TURNS):
        for number, action in enumerate(actions):
            started = time.perf_counter()
            action()
            if turn >= _TURNS // 10:
                taken[number].append((time.perf_counter() - started) * 1000)
    return [round(statistics.median(one), 2) for one in taken]


def _writers(tenant: Tenant) -> dict[str, Any]:
    errors: list[str] = []

    def work(number: int) -> None:
        try:
            for turn in range(_ROWS_EACH):
                with context.enter(tenant), transaction.atomic():
                    audit.record(verb="bench.write", target=f"{number}:{turn}")
        except Exception as error:
            errors.append(repr(error))
        finally:
            connections.close_all()

    started = time.perf_counter()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(_WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    written = AuditLog.objects.filter(verb="bench.write").count()
    return {
        "writers": _WRITERS,
        "writers_rows": written,
        "writers_errors": len(errors),
        "writers_rows_per_second": round(written / seconds),
        "writers_unbroken": written == _WRITERS * _ROWS_EACH and logs.verify().is_sound,
    }


def _bulk() -> dict[str, Any]:
    """10,000 rows of one action; until it commits, others of the company wait for the head only while it is written."""
    entries = [audit.Entry(verb="bench.bulk", target=f"x:{number}", details={"n": number}) for number in range(10_000)]
    started = time.perf_counter()
    with transaction.atomic():
        audit.record_all(entries)
        recorded = time.perf_counter()
    return {
        "bulk_10000_seconds": round(time.perf_counter() - started, 2),
        "bulk_10000_head_held_seconds": round(time.perf_counter() - recorded, 2),
    }


def _verification() -> dict[str, Any]:
    while AuditLog.objects.count() < _VERIFIED_ROWS:
        with transaction.atomic():
            audit.record_all(
                audit.Entry(verb="bench.fill", target=f"x:{number}", details={"n": number, "share": 0.25})
                for number in range(10_000)
            )
    checkpoints.write(now=timezone.now())
    report = logs.verify()
    return {
        "verified_rows": report.rows,
        "verified_sound": report.is_sound,
        "verified_rows_per_second": round(report.rows / report.seconds),
    }


def _tampers() -> dict[str, Any]:
    # As the transaction around a test: what is recorded in it is written at the end of each block, not at a COMMIT.
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]
    with around:
        with tampers.log_without_rules():
            done, wrong = tampers.wrong_answers()
        transaction.set_rollback(True)
    return {"tampers": done, "tampers_not_named": len(wrong)}
