"""The head of a chain: who holds its lock writes the next rows. For a raw psycopg cursor; tables are named in full.

There is no table for the head: it is the last row, and the lock is an advisory one. A counter row would be updated by
every action, need UPDATE for the application's login, and pile up dead versions while a backup runs.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django_tenants.utils import quote_schema_name

from audit.chain import canonical, keys
from audit.chain.canonical import Body
from audit.models import AuditLog

# As long as a person waits without complaint; a head is held for two short messages.
LOCK_TIMEOUT_MS = 2000
# "AUDI" in the upper half of the advisory lock's number, the table's own number in the lower.
_LOCK_SPACE = 0x41554449 << 32
# Above this COPY is faster than a statement that holds every value.
_COPY_FROM_ROWS = 60

_NAMES = (
    *("id", "at", "sequence", "actor_kind", "actor", "verb", "target", "outcome", "reason", "request_id"),
    *("prompt_version", "model_version", "confidence", "digest", "details", "sealed_content", "subject_key_id"),
    *("previous_hash", "row_hash"),
)
_COLUMNS = ", ".join(f'"{name}"' for name in _NAMES)
_PLACES = f"({', '.join(['%s'] * len(_NAMES))})"


@dataclass(frozen=True, slots=True)
class Pending:
    """A row that was recorded and is not in the chain yet. `made` gets its place when it is."""

    schema: str
    at: datetime
    body: Body
    hashed: bytes
    sealed: bytes | None
    made: AuditLog | None


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a chain; zeros and nothing before the first."""

    row_id: int = 0
    sequence: int = 0
    row_hash: bytes = b""


def table(schema: str) -> str:
    """The audit log of a schema, as a statement names it."""
    return f'{quote_schema_name(schema)}."{AuditLog._meta.db_table}"'


# SQL that names its tables in full, and its parameters.
Statement = tuple[str, list[Any]]


def take(cursor: Any, *, schemas: list[str], along: list[Statement], begin: bool) -> dict[str, Head]:
    """Lock the heads of these schemas until the transaction ends, and read them. One message.

    What goes `along` is done first, so that it holds no head.

    Always in the order of their names, so that two transactions over the same companies cannot wait for each other.
    Each SELECT sees what was committed before its lock was had: in READ COMMITTED every statement looks anew.
    """
    parts = ["BEGIN"] if begin else []
    given: list[Any] = []
    for sql, parameters in along:
        parts.append(sql)
        given += parameters
    parts.append(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
    for schema in schemas:
        name = table(schema)
        parts.append(f"SELECT pg_advisory_xact_lock({_LOCK_SPACE} + '{name}'::regclass::oid::bigint)")
        # The condition lets PostgreSQL read the index backwards and skip what only a forger could have put there.
        parts.append(
            f"SELECT id, sequence, row_hash FROM {name} WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1"  # noqa: S608
        )
    cursor.execute("; ".join(parts), given or None)
    results = []
    while True:
        results.append(cursor.fetchall() if cursor.description else None)
        if not cursor.nextset():
            break
    # Of the last results, two for each schema: the lock and the row.
    heads = results[len(results) - 2 * len(schemas) + 1 :: 2]
    return {
        schema: Head(row_id=rows[0][0], sequence=rows[0][1], row_hash=bytes(rows[0][2] or b"")) if rows else Head()
        for schema, rows in zip(schemas, heads, strict=True)
    }


def in_one_message(*, row: Pending, last: Head, along: list[Statement]) -> tuple[str, list[Any], Head]:
    """A whole transaction for one row behind a head that is believed to be `last`: SQL, parameters, the head after it.

    It ends with a division by zero, before anything is inserted, when the head is another one.
    """
    name = table(row.schema)
    values: list[tuple[Any, ...]] = []
    after = _placed(row, last, keys.current(), values)
    parts, given = ["BEGIN"], []
    for sql, parameters in along:
        parts.append(sql)
        given += parameters
    parts += [
        f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}",
        f"SELECT pg_advisory_xact_lock({_LOCK_SPACE} + '{name}'::regclass::oid::bigint)",
        "SELECT 1 / count(*) FROM"  # noqa: S608
        f" (SELECT id, sequence, row_hash FROM {name} WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1) h"
        " WHERE h.id = %s AND h.sequence = %s AND h.row_hash = %s",
        f"INSERT INTO {name} ({_COLUMNS}) VALUES {_PLACES}",  # noqa: S608
        "COMMIT",
    ]
    return "; ".join(parts), [*given, last.row_id, last.sequence, last.row_hash, *values[0]], after


def append(cursor: Any, *, heads: dict[str, Head], rows: list[Pending], commit: bool) -> dict[str, Head]:
    """Give each row its place behind its schema's head and insert them all; `commit`: COMMIT in the same message.

    Returns the heads after them.
    """
    key = keys.current()
    values: dict[str, list[tuple[Any, ...]]] = {schema: [] for schema in heads}
    heads = dict(heads)
    for row in rows:
        head = heads[row.schema]
        heads[row.schema] = _placed(row, head, key, values[row.schema])
    small = [schema for schema, given in values.items() if 0 < len(given) < _COPY_FROM_ROWS]
    for schema in values.keys() - small:
        _copy(cursor, schema, values[schema])
    parts, given = [], []
    for schema in small:
        places = ", ".join([_PLACES] * len(values[schema]))
        parts.append(f"INSERT INTO {table(schema)} ({_COLUMNS}) VALUES {places}")  # noqa: S608
        given += [item for one in values[schema] for item in one]
    if commit:
        parts.append("COMMIT")
    if parts:
        cursor.execute("; ".join(parts), given or None)
    return heads


def _placed(row: Pending, head: Head, key: keys.ChainKey, values: list[tuple[Any, ...]]) -> Head:
    row_id, sequence = head.row_id + 1, head.sequence + 1
    row_hash = canonical.row_hash(
        key=key, schema=row.schema, row_id=row_id, sequence=sequence, previous=head.row_hash, body=row.hashed
    )
    body = row.body
    values.append(
        (row_id, row.at, sequence, *body[1:12], body.details, row.sealed, body.subject_key_id, head.row_hash, row_hash)
    )
    if row.made is not None:
        row.made.pk, row.made.sequence = row_id, sequence
        row.made.previous_hash, row.made.row_hash = head.row_hash, row_hash
        row.made._state.adding = False
    return Head(row_id=row_id, sequence=sequence, row_hash=row_hash)


def _copy(cursor: Any, schema: str, rows: list[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table(schema)} ({_COLUMNS}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
