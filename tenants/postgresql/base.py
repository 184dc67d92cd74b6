"""django-tenants' backend, without a round trip of its own for the search path.

django-tenants sends `SET search_path` before what it executes, and we keep it that way (TENANT_LIMIT_SET_CALLS stays
False): nothing is remembered that a rollback, a pool or another thread could make untrue. But each SET waited for its
answer, which took 28 % of a search. Here it travels in the same message as the statement it is for.
"""

import itertools
import re
import select
import struct
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DatabaseError
from django.db.backends.postgresql import base as postgresql
from django.db.backends.postgresql import operations
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantsDatabaseWrapper
from django_tenants.utils import quote_schema_name
from psycopg import errors
from psycopg._preparing import PrepareManager
from psycopg.adapt import Dumper
from psycopg.pq import Format, TransactionStatus

from audit.chain.waiting import Waiting, write_and_commit, write_now

# What PostgreSQL refuses inside a transaction, and two statements in one message are one.
_ALONE = re.compile(
    r"\s*(vacuum|reindex|(create|drop|alter)\s+(database|tablespace|system)|(create|drop)\s+(unique\s+)?index\s+concurrently)",
    re.I,
)

# Plans kept on one connection, over all companies; some 30 kB each in PostgreSQL's process.
_MAX_PREPARED = 200
_statement_numbers = itertools.count(1)


class Prepared(str):
    """SQL that PostgreSQL plans once on a connection and then only executes, as a cursor's `execute()` takes it.

    For what every request asks: parsing and planning took longer than the answer (0.46 ms a call became 0.25). Every
    parameter takes the type that PostgreSQL infers for it; write a cast where it cannot.
    """


# psycopg's own default, which Django turns off for the sake of poolers in transaction mode; such a pooler would mix up
# search paths as well, and is excluded (docs/adr/0002).
_PREPARED_AFTER_RUNS = 5

# Django's own cursor classes for psycopg 3; its stubs describe that of psycopg 2.
_Cursor: Any = postgresql.Cursor
_ServerBindingCursor: Any = postgresql.ServerBindingCursor


class SearchPathCursor(_Cursor):
    """Sets the search path in the same message as the statement. The caller sees the statement's results only."""

    search_path_sql: str | None = None

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        # In a failed transaction nothing but a rollback is heard, and a SET before it would keep it from being heard.
        failed = self.connection.info.transaction_status == TransactionStatus.INERROR
        if self.search_path_sql is None or failed:
            return super().execute(query, params, **kwargs)
        if isinstance(query, Prepared):
            return self._execute_prepared(query, params or ())
        if not isinstance(query, str) or _ALONE.match(query):
            self._set_now()
            return super().execute(query, params, **kwargs)
        super().execute(f"{self.search_path_sql}; {query}", params, **kwargs)
        self.nextset()
        return self

    def _execute_prepared(self, query: Prepared, params: Sequence[Any]) -> Any:
        """One message all the same: search path, PREPARE where it is the first time, EXECUTE."""
        known = self._prepared_statements()
        # With the path, as a plan is made anew whenever the path is another one than it was made for.
        key = (self.search_path_sql, str(query))
        name, prepare = known.get(key), ""
        if name is None:
            # A new name each time: a PREPARE outlives the failure or the rollback of what it was sent with.
            name = f"ragsite_{next(_statement_numbers)}"
            prepare = self._forget_oldest(known) + f"PREPARE {name} AS {_numbered(query)}; "
        places = f"({', '.join(['%s'] * len(params))})" if params else ""
        try:
            super().execute(f"{self.search_path_sql}; {prepare}EXECUTE {name}{places}", params or None)
        except (errors.InvalidSqlStatementName, errors.FeatureNotSupported):
            # Somebody discarded the session's statements, or a migration changed a column's type.
            known.clear()
            if self.connection.info.transaction_status != TransactionStatus.IDLE:
                raise
            return self.execute(str(query), params or None)
        while self.nextset():
            pass
        known[key] = name
        known.move_to_end(key)
        return self

    def _prepared_statements(self) -> "OrderedDict[tuple[str | None, str], str]":
        """Names by search path and text, the longest unused first; as old as the connection."""
        known: OrderedDict[tuple[str | None, str], str] | None = getattr(self.connection, "prepared_statements", None)
        if known is None:
            known = self.connection.prepared_statements = OrderedDict()
        return known

    @staticmethod
    def _forget_oldest(known: "OrderedDict[tuple[str | None, str], str]") -> str:
        if len(known) < _MAX_PREPARED:
            return ""
        _, name = known.popitem(last=False)
        return f"DEALLOCATE {name}; "

    def executemany(self, query: Any, params_seq: Iterable[Any], **kwargs: Any) -> None:
        self._set_now()
        super().executemany(query, params_seq, **kwargs)

    def copy(self, *args: Any, **kwargs: Any) -> Any:
        self._set_now()
        return super().copy(*args, **kwargs)

    def stream(self, *args: Any, **kwargs: Any) -> Any:
        self._set_now()
        return super().stream(*args, **kwargs)

    def _set_now(self) -> None:
        if self.search_path_sql is not None:
            super().execute(self.search_path_sql)


def _numbered(query: str) -> str:
    """The placeholders as PREPARE wants them; `%%` stays, as it is still to be read as `%`."""
    numbers = itertools.count(1)
    return re.sub(r"%s|%%", lambda found: f"${next(numbers)}" if found[0] == "%s" else "%%", query)


class BinaryCursor(_ServerBindingCursor):
    """Parameters and rows travel as PostgreSQL keeps them. The search path does not travel with the statement."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        return super().execute(query, params, binary=True, **kwargs)


class OwnStatements(PrepareManager):
    """psycopg's statements, prepared for binary cursors, beside ours.

    After a rollback or a DROP psycopg forgets what it prepared, and says DEALLOCATE ALL, which would take `Prepared`'s
    statements with it. This one names what it forgets.
    """

    def clear(self) -> bool:
        names = list(self._names.values())
        self._counts.clear()
        self._names.clear()
        self._to_flush.extend(names)
        return bool(names)


class VectorDumper(Dumper):
    """A float32 array of one dimension as pgvector's own form: length, a word of zero, numbers in network order.

    Nothing says that it is a vector but the statement, which has to cast it: the type's number differs by database.
    """

    format = Format.BINARY

    def dump(self, obj: Any) -> bytes:
        return struct.pack(">HH", len(obj), 0) + obj.astype(">f4").tobytes()


class DatabaseOperations(operations.DatabaseOperations):
    """Query logs show the statement as it was written."""

    _PREFIX = re.compile(r"^SET search_path = [^;]+; ")

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        if isinstance(sql, Prepared):
            composed: str = self.compose_sql(str(sql), params)
            return composed
        return self._PREFIX.sub("", super().last_executed_query(cursor, sql, params) or "")


class DatabaseWrapper(TenantsDatabaseWrapper):
    """Hands the search path to the cursor instead of executing it, and writes a transaction's audit rows at its end."""

    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.audit_rows = Waiting()

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "cursor_factory": SearchPathCursor}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        made = super().get_new_connection(conn_params)
        # For binary cursors only: planning a search anew each time took a fifth of PostgreSQL's own time for it.
        made._prepared = OwnStatements()
        made.prepare_threshold = _PREPARED_AFTER_RUNS
        made.adapters.register_dumper("numpy.ndarray", VectorDumper)
        return made

    def binary_cursor(self) -> Any:
        """For statements that name every table with its schema, such as a search's.

        Without the search path, and with numbers that are not written as text and read again, a statement takes half
        the time on our side: vectors are 4 kB of text, postings twice their size. One statement at a time; what is
        asked again and again is prepared, so numbers that a plan depends on (LIMIT) belong into the text.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(BinaryCursor(self.connection))

    def is_usable(self) -> bool:
        """Asked at the beginning of every request. A connection that the server closed has something to read."""
        if self.connection is None or self.connection.closed:
            return False
        readable, _, _ = select.select([self.connection.fileno()], [], [], 0)
        return super().is_usable() if readable else True

    def _handle_search_path(self, cursor: Any = None) -> None:
        raw = getattr(cursor, "cursor", None)
        if not isinstance(raw, SearchPathCursor):
            super()._handle_search_path(cursor)
            return
        # Validates every name, as the statement is made of them.
        names = ",".join(quote_schema_name(name) for name in self._get_cursor_search_paths())
        raw.search_path_sql = f"SET search_path = {names}"

    # --- audit rows: written as the last thing before COMMIT, gone with a savepoint (audit/chain/waiting.py)

    def connect(self) -> None:
        self.audit_rows.forget()
        super().connect()

    def close(self) -> None:
        self.audit_rows.forget()
        super().close()

    def _commit(self) -> None:
        if self.audit_rows:
            try:
                write_and_commit(self, self.audit_rows)
            except DatabaseError:
                raise  # Django rolls back
            except BaseException:
                self._rollback()
                raise
        super()._commit()

    def _rollback(self) -> None:
        self.audit_rows.forget()
        super()._rollback()

    def _savepoint(self, sid: str) -> None:
        self.audit_rows.mark(sid)
        super()._savepoint(sid)

    def _savepoint_rollback(self, sid: str) -> None:
        self.audit_rows.roll_back_to(sid)
        super()._savepoint_rollback(sid)

    def _savepoint_commit(self, sid: str) -> None:
        # The end of the product's outermost block in a test that a transaction is wrapped around.
        if self.audit_rows and all(getattr(block, "_from_testcase", False) for block in self.atomic_blocks):
            try:
                write_now(self, self.audit_rows)
            except DatabaseError:
                raise  # Django rolls back to the savepoint
            except BaseException:
                self._savepoint_rollback(sid)
                raise
        super()._savepoint_commit(sid)
