"""Who owns the audit tables in PostgreSQL: a role without a login, so the application cannot change what it wrote.

`audit/sql/owner.sql` makes the role and its functions. The embedded shape's supervisor runs it at each start; elsewhere
a superuser does, once (docs/operations.md). Without it everything works, and readyz and `manage.py check` say that it
is missing.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

INSTALL_SQL = Path(__file__).parent / "sql" / "owner.sql"
_TABLES = ("audit_logs", "audit_checkpoints")


class NotProtected(RuntimeError):
    """The application's login could change or remove rows of an audit log."""


@dataclass(frozen=True)
class State:
    """Whether the role is there, and the schemas whose audit tables the application's login could change."""

    is_installed: bool
    unprotected: tuple[str, ...]


def take_over(*, schema: str) -> bool:
    """Give the audit tables of a schema to their owner; False when the installation has no such role. Repeatable."""
    with connection.cursor() as cursor:
        if not _is_installed(cursor):
            return False
        cursor.execute("SELECT ragsite_guard.take_over(%s)", [schema])
    return True


def drop_company(*, schema: str) -> None:
    """Remove a company's schema with all that is in it. Its audit log is kept in `ragsite_guard.closed_audit_logs`.

    Without the role the application owns the schema, and its log goes as well.
    """
    with connection.cursor() as cursor:
        if _is_installed(cursor):
            cursor.execute("SELECT ragsite_guard.drop_company(%s)", [schema])
        else:
            cursor.execute(f"DROP SCHEMA IF EXISTS {connection.ops.quote_name(schema)} CASCADE")


def state() -> State:
    """One query over all schemas."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT schemas.nspname FROM pg_class AS tables "
            "JOIN pg_namespace AS schemas ON schemas.oid = tables.relnamespace "
            "WHERE tables.relname = ANY(%s) AND tables.relkind = 'r' AND ("
            "has_table_privilege(tables.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER') "
            "OR pg_has_role(tables.relowner, 'MEMBER') OR pg_has_role(schemas.nspowner, 'MEMBER')) ORDER BY 1",
            [list(_TABLES)],
        )
        unprotected = tuple(name for (name,) in cursor.fetchall())
        return State(is_installed=_is_installed(cursor), unprotected=unprotected)


def check() -> None:
    """For readyz.

    :raises NotProtected: naming what is wrong in one line.
    """
    found = state()
    if not found.is_installed:
        raise NotProtected("the owner role of the audit tables is missing: manage.py audit_owner --sql")
    if found.unprotected:
        raise NotProtected(f"the application owns the audit tables of {', '.join(found.unprotected[:5])}")


def _is_installed(cursor: Any) -> bool:
    cursor.execute("SELECT to_regprocedure('ragsite_guard.take_over(text)') IS NOT NULL")
    (found,) = cursor.fetchone()
    return bool(found)
