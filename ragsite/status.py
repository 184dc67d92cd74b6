"""How the installation is, for the status page and `rag_status`: parts, versions, backlog, migrations, what is late."""

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

import ragsite
from audit import standing
from ragsite import across, contacts, heartbeats, readiness
from tenants import context
from tenants.models import Tenant

OK, DEGRADED, DOWN = 0, 1, 2
# Backups as commands are not part of this release; the page says so instead of showing an empty date.
NO_BACKUP = "Not set up yet: this release makes no backups by itself. docs/operations.md, Backups, says what to copy."


@dataclass(frozen=True)
class Fact:
    """One line: what, its value, and whether it is as it should be."""

    name: str
    value: str
    is_well: bool = True


@dataclass(frozen=True)
class Waiting:
    """Files of a company that wait to be read in, and since when the oldest does."""

    company: str
    files: int
    tenant_id: int


@dataclass(frozen=True)
class Status:
    report: readiness.Report
    versions: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    backlog: tuple[Waiting, ...]
    heard: tuple[tuple[str, datetime | None], ...]
    contacts: tuple[contacts.Contact, ...]

    @property
    def code(self) -> int:
        """0: all well; 1: something is wrong that the product can do without; 2: requests fail."""
        if not self.report.ready:
            return DOWN
        well = all(part.status == "ok" for part in self.report.parts) and all(fact.is_well for fact in self.facts)
        return OK if well else DEGRADED

    @property
    def words(self) -> str:
        return ("All well", "Something needs attention", "Requests fail")[self.code]


def look() -> Status:
    """Ask everything once. About fifteen queries, and the parts; without a database only the parts are known."""
    report = readiness.check_everything()
    if not report.ready:
        return Status(report=report, versions=_own_versions(), facts=(), backlog=(), heard=(), contacts=())
    with context.enter_platform():
        heard = heartbeats.last_heard()
        backlog = _backlog()
        return Status(
            report=report,
            versions=(*_own_versions(), *_database_versions()),
            facts=(
                _pending_migrations(),
                Fact("Files waiting", str(sum(one.files for one in backlog))),
                Fact("Last backup", NO_BACKUP),
                *_audit_facts(),
            ),
            backlog=backlog,
            heard=tuple((name, heard.get(name)) for name in (heartbeats.WORKER, heartbeats.BEAT)),
            contacts=contacts.everybody(),
        )


def _own_versions() -> tuple[Fact, ...]:
    return (
        Fact("Product", ragsite.__version__),
        Fact("Python", platform.python_version()),
        Fact("Embedding model", settings.EMBED_MODEL),
        Fact("Language model", settings.LLM_MODEL if settings.LLM_BASE_URL else "none: answers are quoted"),
        Fact("Vector store", settings.VECTOR_STORE),
    )


def _database_versions() -> tuple[Fact, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'),"
            " (SELECT extversion FROM pg_extension WHERE extname = 'vector'),"
            " (SELECT app || '.' || name FROM django_migrations ORDER BY id DESC LIMIT 1)"
        )
        server, vector, newest = cursor.fetchone()
    return (Fact("PostgreSQL", server), Fact("pgvector", vector or "none"), Fact("Newest migration", newest or "none"))


def _pending_migrations() -> Fact:
    """In the platform's schema and in each company's. Two queries, and one statement for all companies."""
    loader = MigrationLoader(connection)
    missing = {key for key in loader.disk_migrations if key not in loader.applied_migrations}
    # Every schema records every app's migrations, also those that make no table in it.
    behind = _companies_behind(set(loader.disk_migrations))
    if not missing and not behind:
        return Fact("Pending migrations", "none")
    words = [f"{len(missing)} in the platform's schema"] if missing else []
    words += [f"{len(behind)} companies behind"] if behind else []
    return Fact("Pending migrations", ", ".join(words) + ": run manage.py migrate_schemas", is_well=False)


def _companies_behind(expected: Iterable[tuple[str, str]]) -> list[str]:
    schemas = list(Tenant.objects.set_up().order_by("pk").values_list("schema_name", flat=True)[: across.MAX_COMPANIES])
    if not schemas:
        return []
    names = sorted(f"{app}.{name}" for app, name in expected)
    parts = [
        sql.SQL(
            "SELECT {schema}, count(DISTINCT app || '.' || name) FROM {table} WHERE app || '.' || name = ANY(%s)"
        ).format(schema=sql.Literal(schema), table=sql.Identifier(schema, "django_migrations"))
        for schema in schemas
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts), [names] * len(parts))
        return [schema for schema, count in cursor.fetchall() if count < len(names)]


def _backlog() -> tuple[Waiting, ...]:
    waiting = across.numbers_of([across.FILES_WAITING])
    names = dict(Tenant.objects.filter(pk__in=[pk for pk, row in waiting.items() if row[0]]).values_list("pk", "name"))
    found = (Waiting(company=names[pk], files=row[0], tenant_id=pk) for pk, row in waiting.items() if pk in names)
    return tuple(sorted(found, key=lambda one: (-one.files, one.company)))


def _audit_facts() -> tuple[Fact, ...]:
    """When the logs were last verified. Three queries; `verify_audit` looks, here is what it found."""
    own = standing.of_current_schema()
    companies = across.numbers_of([across.LOG_VERIFIED_AT, across.LOG_IS_UNSOUND])
    unsound = sum(bool(row[1]) for row in companies.values())
    moments = [row[0] for row in companies.values()]
    if unsound:
        words = f"{unsound} not sound: open their log, and run manage.py verify_audit --all-tenants"
    elif not moments or not min(moments):
        words = f"{sum(bool(moment) for moment in moments)} of {len(moments)} verified so far"
    else:
        words = (
            f"all verified and sound, the oldest at {datetime.fromtimestamp(min(moments), tz=UTC):%Y-%m-%d %H:%M} UTC"
        )
    return (
        Fact("Platform's audit log", own.sentence, is_well=not own.problem),
        Fact("Companies' audit logs", words, is_well=not unsound),
    )
