"""Rows from before the chain get their place in it, once, by a migration."""

import itertools
from typing import Any

from audit.chain import canonical, keys
from audit.chain.head import table
from audit.chain.reading import PAGE_ROWS, bodies_by_id


def chain_rows(connection: Any) -> int:
    """Number and hash every row of the current schema's log, in the order of their ids; returns how many.

    Inside the migration's transaction, with nobody else writing: the trigger that refuses changes is off meanwhile.
    """
    schema = connection.schema_name
    name = table(schema)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(f"SELECT 1 FROM {name} LIMIT 1")  # noqa: S608
        if cursor.fetchone() is None:
            return 0
        cursor.execute(
            "CREATE TEMPORARY TABLE chained_rows (id bigint PRIMARY KEY, sequence bigint, previous_hash bytea, "
            "row_hash bytea) ON COMMIT DROP"
        )
        count = _fill(cursor, connection.connection, schema)
        cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER audit_logs_no_change")
        cursor.execute(
            f"UPDATE {name} AS rows SET sequence = chained.sequence, previous_hash = chained.previous_hash, "  # noqa: S608
            "row_hash = chained.row_hash FROM chained_rows AS chained WHERE chained.id = rows.id"
        )
        cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER audit_logs_no_change")
    return count


def _fill(cursor: Any, raw: Any, schema: str) -> int:
    """Hash all rows and put the hashes into the temporary table, page by page."""
    key, previous, sequence = keys.current(), b"", 0
    rows = bodies_by_id(cursor, schema=schema)
    while page := list(itertools.islice(rows, PAGE_ROWS)):
        placed = []
        for row_id, body in page:
            sequence += 1
            row_hash = canonical.row_hash(
                key=key, schema=schema, row_id=row_id, sequence=sequence, previous=previous, body=body.hashed()
            )
            placed.append((row_id, sequence, previous, row_hash))
            previous = row_hash
        with raw.cursor() as filling, filling.copy("COPY pg_temp.chained_rows FROM STDIN") as copy:
            for one in placed:
                copy.write_row(one)
    return sequence
