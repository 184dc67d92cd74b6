"""Role, database, pgvector and queue of the embedded server; each made only when missing."""

from collections.abc import Callable

import psycopg
from psycopg import sql

from ragsite.env import REPO_ROOT
from ragsite.supervisor import discovery

# Who owns the audit logs; the same file is for other servers' administrators (docs/operations.md).
AUDIT_OWNER_SQL = REPO_ROOT / "audit" / "sql" / "owner.sql"
_AUDIT_MIGRATIONS = REPO_ROOT / "audit" / "migrations"


def provision(*, superuser_url: Callable[..., str], app_url: str, password: str, may_create_databases: bool) -> None:
    """Make the server ready for the application's role. About 60 ms when there is nothing to do.

    :param superuser_url: gives the superuser's URL for the keyword `database`.
    """
    # In template1, so that every database made later has it; only a superuser may add this extension.
    with psycopg.connect(superuser_url(database="template1"), autocommit=True) as connection:
        _ensure_vector(connection)
        _ensure_role(connection, password=password, may_create_databases=may_create_databases)
    with psycopg.connect(superuser_url(database="postgres"), autocommit=True) as connection:
        _ensure_database(connection)
    with psycopg.connect(superuser_url(database=discovery.APP_DATABASE), autocommit=True) as connection:
        _ensure_vector(connection)
        _ensure_audit_owner(connection)
    install_queue(app_url)


def install_queue(url: str) -> None:
    """Put pgmq's tables and functions into a database, once. The role of the URL owns them and so may use them.

    :raises psycopg.errors.InsufficientPrivilege: when the role may not create a schema there.
    """
    from pgmq.install import get_embedded_install_sql

    with psycopg.connect(url) as connection:
        # Any two callers: web and worker containers of one fresh database start together.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('ragsite.install_queue'))")
        if connection.execute("SELECT to_regclass('pgmq.meta')").fetchone() == (None,):
            connection.execute(get_embedded_install_sql())  # type: ignore[arg-type]


def _ensure_vector(connection: psycopg.Connection) -> None:
    """pgvector in `public`, which stands in every tenant's search path, at the version of the programs."""
    connection.execute("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")
    outdated = connection.execute(
        "SELECT 1 FROM pg_available_extensions WHERE name = 'vector' AND installed_version <> default_version"
    ).fetchone()
    if outdated:
        connection.execute("ALTER EXTENSION vector UPDATE")


def _ensure_role(connection: psycopg.Connection, *, password: str, may_create_databases: bool) -> None:
    role = sql.Identifier(discovery.APP_ROLE)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (discovery.APP_ROLE,)).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    # Each time, so that the secret in the data folder is always the valid one.
    connection.execute(
        sql.SQL("ALTER ROLE {} WITH NOSUPERUSER NOCREATEROLE {} PASSWORD {}").format(
            role, sql.SQL("CREATEDB" if may_create_databases else "NOCREATEDB"), sql.Literal(password)
        )
    )


def _ensure_database(connection: psycopg.Connection) -> None:
    name = discovery.APP_DATABASE
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(discovery.APP_ROLE))
        )


def _ensure_audit_owner(connection: psycopg.Connection) -> None:
    """The role that owns the audit tables, and its functions at the version of the programs.

    When a migration is due that may alter those tables, the application gets them back for it; what follows every
    migration takes them over again (audit/apps.py).
    """
    connection.execute(AUDIT_OWNER_SQL.read_bytes())
    wanted = {path.stem for path in _AUDIT_MIGRATIONS.glob("0*.py")}
    owned = connection.execute(
        "SELECT schemaname FROM pg_tables WHERE tablename = 'audit_logs' AND tableowner = 'ragsite_audit'"
    ).fetchall()
    for (schema,) in owned:
        applied = connection.execute(
            sql.SQL("SELECT name FROM {}.django_migrations WHERE app = 'audit'").format(sql.Identifier(schema))
        )
        if wanted - {name for (name,) in applied}:
            connection.execute("SELECT ragsite_guard.release()")
            return
