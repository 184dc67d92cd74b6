"""The application's login can add to an audit log and read it; it can do nothing else to it."""

import os

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from audit import ownership
from audit import services as audit
from audit.models import AuditLog
from ragsite.supervisor import provisioning
from tenants import context
from tenants.models import Tenant

REFUSED = [
    "UPDATE {schema}.audit_logs SET reason = 'other'",
    "UPDATE {schema}.audit_logs SET sealed_content = NULL",
    "DELETE FROM {schema}.audit_logs",
    "TRUNCATE {schema}.audit_logs",
    "DROP TABLE {schema}.audit_logs",
    "ALTER TABLE {schema}.audit_logs DISABLE TRIGGER ALL",
    "ALTER TABLE {schema}.audit_logs DISABLE TRIGGER audit_logs_no_change",
    "DROP TRIGGER audit_logs_no_change ON {schema}.audit_logs",
    "ALTER TABLE {schema}.audit_logs ADD COLUMN other text",
    "ALTER TABLE {schema}.audit_logs RENAME TO other",
    "ALTER TABLE {schema}.audit_logs SET SCHEMA pgmq",
    "ALTER TABLE {schema}.audit_logs OWNER TO ragsite",
    "CREATE TRIGGER other BEFORE INSERT ON {schema}.audit_logs FOR EACH ROW EXECUTE FUNCTION "
    "suppress_redundant_updates_trigger()",
    "CREATE RULE other AS ON INSERT TO {schema}.audit_logs DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION {schema}.audit_logs_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN RETURN NEW; END'",
    "DROP FUNCTION {schema}.audit_logs_refuse_change() CASCADE",
    "DROP SCHEMA {schema} CASCADE",
    "ALTER SCHEMA {schema} RENAME TO other",
    "UPDATE {schema}.audit_checkpoints SET sequence = 1",
    "DELETE FROM {schema}.audit_checkpoints",
    "TRUNCATE {schema}.audit_checkpoints",
    "DROP TABLE {schema}.audit_checkpoints",
    "SET ROLE ragsite_audit",
    "SET session_replication_role = replica",
    "SELECT ragsite_guard.release()",
    "SELECT ragsite_guard.drop_company('public')",
    "SELECT ragsite_guard.drop_company('ragsite_guard')",
    "DELETE FROM ragsite_guard.closed_audit_logs",
    "DROP SCHEMA ragsite_guard CASCADE",
    "DROP ROLE ragsite_audit",
]


@pytest.fixture
def row(in_acme):
    with transaction.atomic():
        return audit.record(verb="something.done")


@pytest.mark.parametrize("schema", ["acme", "public"])
@pytest.mark.parametrize("statement", REFUSED)
def test_login_of_the_application_cannot_touch_a_log(row, statement, schema):
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(schema=schema))

    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege), refused.value


@pytest.fixture
def power():
    """A superuser in the tests' database, whose work is rolled back."""
    url = os.environ["TEST_SUPERUSER_URL"].rpartition("/")[0] + "/" + os.environ["DATABASE_URL"].rpartition("/")[2]
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("statement", REFUSED[:4])
def test_without_the_triggers_it_is_refused_all_the_same(db, power, statement):
    power.execute("DROP TRIGGER audit_logs_no_change ON globex.audit_logs")
    power.execute("DROP TRIGGER audit_logs_no_truncate ON globex.audit_logs")
    power.execute("SET ROLE ragsite")

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for table audit_logs"):
        power.execute(statement.format(schema="globex"))


def test_the_application_cannot_give_itself_rights(db, power):
    power.execute("SET ROLE ragsite")
    power.execute("GRANT ALL ON globex.audit_logs TO ragsite")  # a warning: it has nothing to give

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        power.execute("DELETE FROM globex.audit_logs")


def test_released_for_a_migration_the_tables_come_back_after_it(db, power):
    owner = "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename IN ('audit_logs', 'audit_checkpoints')"

    power.execute("SELECT ragsite_guard.release()")
    assert power.execute(owner).fetchall() == [("ragsite",)]

    power.execute("SET ROLE ragsite")
    power.execute("ALTER TABLE globex.audit_logs ADD COLUMN another text")
    for schema in ("public", "acme", "globex"):
        power.execute("SELECT ragsite_guard.take_over(%s)", [schema])
    assert power.execute(owner).fetchall() == [("ragsite_audit",)]


def test_at_the_start_the_application_gets_the_tables_for_a_migration_that_is_due(db, power):
    owner = "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename = 'audit_logs'"
    provisioning._ensure_audit_owner(power)
    assert power.execute(owner).fetchall() == [("ragsite_audit",)]

    power.execute("DELETE FROM globex.django_migrations WHERE app = 'audit' AND name LIKE '0007%'")
    provisioning._ensure_audit_owner(power)

    assert power.execute(owner).fetchall() == [("ragsite",)]


def test_every_schema_of_the_installation_is_protected(in_acme):
    assert ownership.state() == ownership.State(is_installed=True, unprotected=())
    ownership.check()


def test_triggers_refuse_whom_no_rights_refuse(db, power):
    for statement in ("DELETE FROM globex.audit_logs", "TRUNCATE globex.audit_logs"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), power.transaction():
            power.execute(statement)


def test_log_of_a_removed_company_is_kept(committed):
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA gone")
        cursor.execute("CREATE TABLE gone.audit_logs (LIKE acme.audit_logs INCLUDING ALL)")
    tenant = Tenant.objects.create(name="Gone", schema_name="gone", state="active")
    with context.enter(tenant):
        audit.record_read(verb="something.read")
        count = AuditLog.objects.count()

    ownership.drop_company(schema=tenant.schema_name)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), max(audit_row ->> 'verb') FROM ragsite_guard.closed_audit_logs WHERE schema_name = %s",
            [tenant.schema_name],
        )
        assert cursor.fetchone() == (count, "something.read")


def test_taking_over_again_changes_nothing(row):
    assert ownership.take_over(schema="acme")

    assert ownership.state().unprotected == ()
    assert AuditLog.objects.filter(pk=row.pk).exists()
