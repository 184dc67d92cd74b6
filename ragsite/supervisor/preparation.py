"""What has to be done once between the database and the web server, and how to know that it is done already.

Each step has a stamp: a digest of everything its result depends on. A step runs unless the stamp kept from its last
success is the same; a stamp of None means "never skip". So a second start is quick, and nothing is wrongly skipped.
"""

import hashlib
import json
import os
import sysconfig
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from ragsite.supervisor import discovery

STAMP_FILE = "prepared.json"


@dataclass(frozen=True)
class Step:
    """One command that ends by itself. `title` is what the operator reads."""

    name: str
    title: str
    command: tuple[str, ...]
    stamp: Callable[[], str | None]
    timeout_seconds: float


class Stamps:
    """The stamps of the last successful run of each step, kept in the data folder."""

    def __init__(self, *, data_dir: Path) -> None:
        self._path = data_dir / STAMP_FILE

    def is_done(self, step: Step) -> bool:
        """True when nothing that the step depends on has changed since it last succeeded."""
        stamp = step.stamp()
        return stamp is not None and self._read().get(step.name) == stamp

    def record(self, steps: Iterable[Step]) -> None:
        """Remember these steps as done. Called after the last one: a later step may change an earlier one's stamp."""
        stamps = self._read()
        for step in steps:
            stamps[step.name] = step.stamp()
        discovery.write_privately(self._path, json.dumps(stamps, indent=2) + "\n")

    def _read(self) -> dict[str, str | None]:
        try:
            loaded = json.loads(self._path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return loaded if isinstance(loaded, dict) else {}


def digest_of(*values: object) -> str:
    """One digest of several values, none of which can run into the next."""
    return hashlib.sha256(json.dumps([str(value) for value in values]).encode()).hexdigest()


def files_digest(paths: Iterable[Path], *, root: Path) -> str:
    """Digest of names and contents, for code and small files."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def listing_digest(folders: Iterable[Path]) -> str:
    """Digest of names, sizes and times, for many or large files."""
    lines = []
    for folder in folders:
        for parent, _, names in os.walk(folder):
            for name in names:
                status = os.stat(os.path.join(parent, name))
                lines.append(f"{parent}/{name} {status.st_size} {status.st_mtime_ns}")
    return digest_of(*sorted(lines))


def installed_packages() -> str:
    """Digest of the names and versions of all installed packages: their migrations and static files come with them."""
    site_packages = Path(sysconfig.get_path("purelib"))
    return digest_of(*sorted(path.name for path in site_packages.iterdir() if path.suffix == ".dist-info"))


def migrations_stamp(*, root: Path, database_url: str) -> str | None:
    """Changes with our migrations, our settings, any package, or what any schema says it has applied.

    The database is asked itself, so that a restored, emptied or exchanged one is migrated whatever our files say.
    Costs one small query per tenant.

    :returns: None when the schemas disagree or can't be read: then migrations have to run.
    """
    applied = _applied_migrations(database_url)
    if applied is None:
        return None
    code = [*root.glob("*/migrations/*.py"), *root.glob("ragsite/settings/*.py")]
    return digest_of(files_digest(code, root=root), installed_packages(), *applied)


def _applied_migrations(database_url: str) -> tuple[str, str] | None:
    try:
        with psycopg.connect(database_url, connect_timeout=5) as connection:
            if connection.execute("SELECT to_regclass('public.tenants')").fetchone() == (None,):
                return None  # an empty database; asking on would only put errors into its log
            schemas = [row[0] for row in connection.execute("SELECT schema_name FROM public.tenants ORDER BY 1")]
            public = _applied_in(connection, "public")
            tenants = {_applied_in(connection, schema) for schema in schemas if schema != "public"}
    except psycopg.Error:
        return None
    if len(tenants) > 1:
        return None
    return public, next(iter(tenants), "no tenant yet")


def _applied_in(connection: psycopg.Connection, schema: str) -> str:
    rows = connection.execute(
        sql.SQL("SELECT app, name FROM {}.django_migrations ORDER BY app, name").format(sql.Identifier(schema))
    )
    return digest_of(*(f"{app}.{name}" for app, name in rows))


def database_identity(*, database_url: str) -> str | None:
    """Tells one database from another that took its place: set at initdb, and by each CREATE DATABASE."""
    try:
        with psycopg.connect(database_url, connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT (SELECT system_identifier FROM pg_control_system()), oid FROM pg_database"
                " WHERE datname = current_database()"
            ).fetchone()
    except psycopg.Error:
        return None
    return digest_of(*row) if row else None
