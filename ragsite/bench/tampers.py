"""Random tampers with a log by somebody who has the database but not the key: is the first bad row named each time?

They work on a log in a schema of its own, without constraints and triggers, as a superuser could make it.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils import timezone

from audit import checkpoints
from audit import services as audit
from audit.models import AuditCheckpoint
from audit.verification import logs
from audit.verification.findings import Kind
from tenants import context
from tenants.models import Tenant

# What is expected: the first bad row, and the kinds that may be said of it.
Expected = tuple[int, set[Kind]]

ROWS = 36
COVERED = 30  # by the last checkpoint
SCHEMA = "tampered"
COLUMNS = {
    "id": "id + 1000",
    "at": "at + interval '1 microsecond'",
    "actor_kind": "'employee'",
    "actor": "'employee:99'",
    "verb": "verb || 'd'",
    "target": "'leave:999'",
    "outcome": "'refused'",
    "reason": "reason || '.'",
    "request_id": "'other'",
    "prompt_version": "'p9'",
    "model_version": "'m9'",
    "confidence": "coalesce(confidence, 0) + 0.0000001",
    "digest": "repeat('0', 64)",
    "details": "details || '{\"days\": -4}'",
    "sealed_content": "'\\x00'",
    "subject_key_id": "'other'",
    "previous_hash": "set_byte(previous_hash, 39, get_byte(previous_hash, 39) # 1)",
    "row_hash": "set_byte(row_hash, 39, get_byte(row_hash, 39) # 1)",
}


@contextmanager
def log_without_rules() -> Iterator[Tenant]:
    """A company whose tables stand without any rule; its log has ROWS rows, and checkpoints at 6, 12, ... COVERED.

    To be used inside a transaction that is rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        for name in ("audit_logs", "audit_checkpoints"):
            cursor.execute(f"CREATE TABLE {SCHEMA}.{name} (LIKE public.{name} INCLUDING DEFAULTS INCLUDING IDENTITY)")
    tenant = Tenant.objects.create(name="Tampered", schema_name=SCHEMA, state="active")
    with context.enter(tenant):
        for number in range(1, ROWS + 1):
            with transaction.atomic():
                audit.record(verb="leave.approve", target=f"leave:{number}", reason="r", details={"days": number})
            if number % 6 == 0 and number <= COVERED:
                checkpoints.write(now=timezone.now())
        yield tenant


def run(sql: str, *values: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("LOG", f"{SCHEMA}.audit_logs"), values)


def change(number: int, column: str) -> Expected:
    if column == "previous_hash" and number == 1:
        column = "reason"
    run(f"UPDATE LOG SET {column} = {COLUMNS[column]} WHERE sequence = %s", number)  # noqa: S608
    return number, {Kind.CHANGED}


def delete(number: int) -> Expected:
    run("DELETE FROM LOG WHERE sequence = %s", number)
    return number, {Kind.MISSING, Kind.CUT_TAIL}


def delete_and_renumber(number: int) -> Expected:
    delete(number)
    run("UPDATE LOG SET sequence = sequence - 1 WHERE sequence > %s", number)
    return number, {Kind.MISSING, Kind.CUT_TAIL}


def insert(number: int) -> Expected:
    """A row between two, the later ones renumbered."""
    run("UPDATE LOG SET sequence = sequence + 1 WHERE sequence >= %s", number)
    forge(number, copied_from=number + 1 if number <= ROWS else 1)
    return number, {Kind.INSERTED, Kind.CHANGED}


def insert_twice(number: int) -> Expected:
    forge(number, copied_from=number)
    return number, {Kind.INSERTED}


def insert_at_the_end(number: int) -> Expected:
    forge(ROWS + 1, copied_from=number)
    return ROWS + 1, {Kind.INSERTED, Kind.CHANGED, Kind.REORDERED}


def forge(number: int, *, copied_from: int) -> None:
    run(
        "INSERT INTO LOG SELECT 5000 + id, at, %s, actor_kind, actor, verb, 'leave:0', outcome, reason, request_id, "
        "prompt_version, model_version, confidence, digest, details, sealed_content, subject_key_id, previous_hash, "
        "row_hash FROM LOG WHERE sequence = %s",
        number,
        copied_from,
    )


def swap(one: int, other: int) -> Expected:
    one, other = min(one, other), max(one, other)
    run("UPDATE LOG SET sequence = CASE sequence WHEN %s THEN %s ELSE %s END WHERE sequence IN (%s, %s)",
        one, other, one, one, other)  # fmt: skip
    return one, {Kind.REORDERED}


def cut(last: int) -> Expected:
    run("DELETE FROM LOG WHERE sequence > %s", last)
    return last + 1, {Kind.CUT_TAIL}


def set_back(last: int) -> Expected:
    """The whole database as it was: the rows, and what it knew of checkpoints."""
    cut(last)
    AuditCheckpoint.objects.filter(sequence__gt=last).delete()
    return last + 1, {Kind.ROLLED_BACK}


def set_back_and_go_on(last: int) -> Expected:
    set_back(last)
    for number in range(random.randint(1, 2 * ROWS)):
        with transaction.atomic():
            audit.record(verb="leave.approve", target=f"leave:{number}")
    return last + 1, {Kind.ROLLED_BACK}


def tamper(kind: str) -> Expected:
    number = random.randint(1, ROWS)
    below = random.randint(1, COVERED - 1)
    return {
        "change": lambda: change(number, random.choice(list(COLUMNS))),
        "delete": lambda: delete(below),
        "delete and renumber": lambda: delete_and_renumber(below),
        "insert": lambda: insert(number),
        "insert twice": lambda: insert_twice(number),
        "insert at the end": lambda: insert_at_the_end(number),
        "swap": lambda: swap(*random.sample(range(1, ROWS + 1), 2)),
        "cut": lambda: cut(below),
        "set back": lambda: set_back(below),
        "set back and go on": lambda: set_back_and_go_on(below),
    }[kind]()


KINDS = {
    "change": 300,
    "delete": 100,
    "delete and renumber": 60,
    "insert": 100,
    "insert twice": 60,
    "insert at the end": 60,
    "swap": 120,
    "cut": 100,
    "set back": 50,
    "set back and go on": 50,
}


def wrong_answers(*, share: float = 1.0) -> tuple[int, list[str]]:
    """Tamper 1,000 times (or a share of that), each time undone; how often, and what was not named rightly."""
    wrong, done = [], 0
    for kind, count in KINDS.items():
        for _ in range(round(count * share)):
            before = transaction.savepoint()
            expected, kinds = tamper(kind)
            first = logs.verify().first
            transaction.savepoint_rollback(before)
            done += 1
            if first is None or first.sequence != expected or first.kind not in kinds:
                wrong.append(f"{kind} at {expected}: {first}")
    return done, wrong
