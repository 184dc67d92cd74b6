"""Rows that wait for the end of their transaction: recorded anywhere in it, chained as the last thing before COMMIT.

The head of a chain is one for the whole company. Taken where a row is recorded, it would be held until the transaction
ends, and everybody else of the company would wait for whatever that does; two transactions that lock rows and the head
in different orders would wait for each other. Taken here, it is held for two messages, and nothing is locked after it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, IntegrityError, OperationalError
from psycopg.pq import TransactionStatus

from audit.chain import head, remembered
from audit.chain.head import Pending, Statement


class AuditUnavailable(OperationalError):
    """The audit row could not be written, so the transaction of its action is refused as a whole."""


class Waiting:
    """The rows of one connection's open transaction. `tenants.postgresql` tells it when savepoints come and go.

    `along` holds statements that are due by the end of the transaction only, and travel with the rows.
    """

    def __init__(self) -> None:
        self.rows: list[Pending] = []
        self.along: list[Statement] = []
        self._marks: dict[str, tuple[int, int]] = {}

    def __bool__(self) -> bool:
        return bool(self.rows or self.along)

    def mark(self, savepoint: str) -> None:
        """A savepoint was made: what is recorded from here on goes when it is rolled back to."""
        self._marks[savepoint] = len(self.rows), len(self.along)

    def roll_back_to(self, savepoint: str) -> None:
        rows, along = self._marks.get(savepoint, (0, 0))
        del self.rows[rows:]
        del self.along[along:]

    def forget(self) -> None:
        """The transaction is over, or what it recorded is written."""
        self.rows, self.along = [], []
        self._marks = {}


def write_and_commit(connection: Any, waiting: Waiting) -> None:
    """Chain and insert what waits, and COMMIT in the same message. Two round trips.

    :raises AuditUnavailable: when it cannot be done; nothing of the transaction counts then.
    :raises audit.chain.keys.NoChainKey: when there is no key; the caller rolls back.
    """
    _write(connection, waiting.rows, along=waiting.along, begin=False, commit=True)
    waiting.forget()


def write_now(connection: Any, waiting: Waiting) -> None:
    """Chain and insert what waits, inside the open transaction, which goes on when that fails.

    For tests that a transaction is wrapped around: there the product's own blocks end without a COMMIT.
    """
    rows, along = waiting.rows, waiting.along
    waiting.forget()
    raw = connection.connection
    raw.execute("SAVEPOINT audit_rows")
    try:
        _write(connection, rows, along=along, begin=False, commit=False)
    except BaseException:
        raw.execute("ROLLBACK TO SAVEPOINT audit_rows")
        raise
    raw.execute("RELEASE SAVEPOINT audit_rows")


def write_alone(connection: Any, rows: list[Pending], along: list[Statement]) -> None:
    """A transaction of its own, on a connection that is in none. One round trip where the head is known, otherwise two.

    :raises AuditUnavailable: when the rows could not be written.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    try:
        if len(rows) != 1 or not _write_at_once(connection, rows[0], along):
            _write(connection, rows, along=along, begin=True, commit=True)
    except BaseException:
        if connection.connection is not None and not connection.connection.closed:
            connection.connection.rollback()
        raise


def _write_at_once(connection: Any, row: Pending, along: list[Statement]) -> bool:
    with _refusals(connection, along, commit=True), connection.wrap_database_errors:
        written = remembered.write(connection, row, along)
    if written:
        _log(connection, 1, along)
    return written


def _write(connection: Any, rows: list[Pending], *, along: list[Statement], begin: bool, commit: bool) -> None:
    # Below Django's cursors: several statements travel in one message, and every table is named with its schema.
    with (
        _refusals(connection, along, commit=commit),
        connection.wrap_database_errors,
        connection.connection.cursor() as cursor,
    ):
        heads = head.take(cursor, schemas=sorted({row.schema for row in rows}), along=along, begin=begin)
        heads = head.append(cursor, heads=heads, rows=rows, commit=commit)
    if commit:
        remembered.remember(connection, heads)
    _log(connection, len(rows), along)


@contextmanager
def _refusals(connection: Any, along: list[Statement], *, commit: bool) -> Iterator[None]:
    raw = connection.connection
    try:
        yield
    except DatabaseError as error:
        # After a failed COMMIT the transaction is over, and it failed for a reason of the action's own: a rule that is
        # checked last, say. Or it was a rule of what travelled along.
        ended = commit and not raw.closed and raw.info.transaction_status == TransactionStatus.IDLE
        if ended or (along and isinstance(error, IntegrityError)):
            raise
        raise AuditUnavailable("the audit log cannot be written; the action is refused") from error


def _log(connection: Any, rows: int, along: list[Statement]) -> None:
    if connection.queries_logged:
        connection.queries_log += [{"sql": sql, "time": "0.000"} for sql, _ in along]
        connection.queries_log.append({"sql": f"INSERT INTO audit_logs ({rows} rows, chained)", "time": "0.000"})
