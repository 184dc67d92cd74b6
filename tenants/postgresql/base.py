"""django-tenants' backend, without a round trip of its own for the search path.

django-tenants sends `SET search_path` before what it executes, and we keep it that way (TENANT_LIMIT_SET_CALLS stays
False): nothing is remembered that a rollback, a pool or another thread could make untrue. But each SET waited for its
answer, which took 28 % of a search. Here it travels in the same message as the statement it is for.
"""

import re
import select
import struct
from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import base as postgresql
from django.db.backends.postgresql import operations
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantsDatabaseWrapper
from django_tenants.utils import quote_schema_name
from psycopg.adapt import Dumper
from psycopg.pq import Format, TransactionStatus

# What PostgreSQL refuses inside a transaction, and two statements in one message are one.
_ALONE = re.compile(
    r"\s*(vacuum|reindex|(create|drop|alter)\s+(database|tablespace|system)|(create|drop)\s+(unique\s+)?index\s+concurrently)",
    re.I,
)


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
        if not isinstance(query, str) or _ALONE.match(query):
            self._set_now()
            return super().execute(query, params, **kwargs)
        super().execute(f"{self.search_path_sql}; {query}", params, **kwargs)
        self.nextset()
        return self

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


class BinaryCursor(_ServerBindingCursor):
    """Parameters and rows travel as PostgreSQL keeps them. The search path does not travel with the statement."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        return super().execute(query, params, binary=True, **kwargs)


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
        return self._PREFIX.sub("", super().last_executed_query(cursor, sql, params) or "")


class DatabaseWrapper(TenantsDatabaseWrapper):
    """Hands the search path to the cursor instead of executing it."""

    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "cursor_factory": SearchPathCursor}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        made = super().get_new_connection(conn_params)
        made.adapters.register_dumper("numpy.ndarray", VectorDumper)
        return made

    def binary_cursor(self) -> Any:
        """For statements that name every table with its schema, such as a search's.

        Without the search path, and with numbers that are not written as text and read again, a statement takes half
        the time on our side: vectors are 4 kB of text, postings twice their size. One statement at a time.
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
