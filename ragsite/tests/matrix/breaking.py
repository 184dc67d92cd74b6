"""Four ways in which an audit row cannot be written, each inside a transaction that is undone; what a deed changed."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from audit.chain import head

_SCHEMAS = ("acme", "globex", "public")
# Held by a second connection, and waited for by whoever inserts.
_LOCK = 4_711_000_001
# Counted or kept for a while beside every request, whatever becomes of it: no effect of an action.
_BESIDE = frozenset({"audit_logs", "throttle_counters", "cache_entries"})
# Not the UPDATE of "FOR UPDATE OF", "FOR NO KEY UPDATE" and "DO UPDATE SET".
_WRITES = re.compile(r'(?:INSERT INTO|(?<!FOR )(?<!KEY )(?<!DO )UPDATE|DELETE FROM)\s+((?:"?\w+"?\.)?"?\w+"?)', re.I)


@contextmanager
def power() -> Iterator[None]:
    """Inside it the application's own transaction can do to the audit logs what only their owner may.

    A function of the superuser's, so that what is broken is whole again when the transaction is rolled back.
    """
    url = os.environ["TEST_SUPERUSER_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    with psycopg.connect(url, autocommit=True) as superuser:
        superuser.execute(
            "CREATE OR REPLACE FUNCTION public.with_power(statement text) RETURNS void LANGUAGE plpgsql"
            " SECURITY DEFINER AS $$ BEGIN EXECUTE statement; END $$"
        )
    yield


def _each(statement: str) -> None:
    with connection.cursor() as cursor:
        for schema in _SCHEMAS:
            cursor.execute("SELECT public.with_power(%s)", [statement.format(schema=schema)])


@contextmanager
def as_without_transaction() -> Iterator[set[str]]:
    """For a request that fails inside a transaction that goes on: which tables it wrote to, whatever became of that.

    Outside the product's own blocks a failed statement fails alone, as it does without a transaction around it.
    """
    written: set[str] = set()

    def execute_alone(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = sql if isinstance(sql, str) else ""
        for table in _WRITES.findall(text):
            if table.rpartition(".")[2].strip('"') not in _BESIDE:
                written.add(table if "." in table else f'"{connection.schema_name}".{table}')  # type: ignore[attr-defined]
        is_mark = text.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))
        if is_mark or not all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            return execute(sql, params, many, context)
        with transaction.atomic():
            return execute(sql, params, many, context)

    with connection.execute_wrapper(execute_alone):
        yield written


@contextmanager
def trigger_raises() -> Iterator[None]:
    """A trigger that refuses every row."""
    _function("RAISE EXCEPTION 'no rows today'")
    _each('CREATE TRIGGER broken BEFORE INSERT ON "{schema}".audit_logs FOR EACH ROW EXECUTE FUNCTION public.broken()')
    yield


@contextmanager
def lock_times_out() -> Iterator[None]:
    """Somebody else holds a lock that the insert needs, and goes on holding it."""
    _function(f"PERFORM pg_advisory_xact_lock({_LOCK}); RETURN NEW")
    _each('CREATE TRIGGER broken BEFORE INSERT ON "{schema}".audit_logs FOR EACH ROW EXECUTE FUNCTION public.broken()')
    with pytest.MonkeyPatch.context() as patch, psycopg.connect(settings.DATABASE_URL) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        patch.setattr(head, "LOCK_TIMEOUT_MS", 20)
        yield


@contextmanager
def role_is_revoked() -> Iterator[None]:
    """The application's login may not insert."""
    _each('REVOKE INSERT ON "{schema}".audit_logs FROM ragsite')
    yield


@contextmanager
def table_is_missing() -> Iterator[None]:
    """As after a restore that left it out."""
    _each('ALTER TABLE "{schema}".audit_logs RENAME TO audit_logs_elsewhere')
    yield


WAYS: tuple[Callable[[], object], ...] = (trigger_raises, lock_times_out, role_is_revoked, table_is_missing)


def _function(body: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION public.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; END $$"
        )


def contents(tables: Iterable[str]) -> dict[str, str]:
    """A digest of each table's rows. It does not depend on their order."""
    wanted = sorted(tables)
    if not wanted:
        return {}
    digest = "coalesce(sum(hashtextextended(t::text, 0)), 0)::text || ':' || count(*)"
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, to_regclass(name) IS NULL FROM unnest(%s::text[]) AS name", [wanted])
        # Shared tables are found behind the company's own schema.
        places = {name: name.rpartition(".")[2] if is_shared else name for name, is_shared in cursor.fetchall()}
        places = {name: place if "." in place else f"public.{place}" for name, place in places.items()}
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', {digest} FROM {places[name]} t" for name in wanted))
        return dict(cursor.fetchall())


def files_in(folder: Path) -> frozenset[tuple[str, int]]:
    """Every file with its size."""
    return frozenset((str(path), path.stat().st_size) for path in folder.rglob("*") if path.is_file())
