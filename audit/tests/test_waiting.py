"""Rows wait for the end of their transaction, go with what is rolled back, and take along what they belong to."""

import os
import threading

import psycopg
import pytest
from django.db import IntegrityError, connection, connections, transaction

from audit import services as audit
from audit.chain import head, keys, remembered
from audit.models import AuditLog
from audit.verification import logs
from tenants import context
from tenants.models import Domain, Tenant


@pytest.fixture
def initech(committed):
    """A company of which only the log is there: onboarding one takes seconds."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA initech")
        cursor.execute("CREATE TABLE initech.audit_logs (LIKE acme.audit_logs INCLUDING ALL)")
        cursor.execute("CREATE TABLE initech.audit_checkpoints (LIKE acme.audit_checkpoints INCLUDING ALL)")
    tenant = Tenant.objects.create(name="Initech", schema_name="initech", state="active")
    Domain.objects.create(tenant=tenant, domain="initech.localhost", is_primary=True)
    return tenant


@pytest.fixture
def inside(initech):
    with context.enter(initech):
        yield initech


def verbs():
    return list(AuditLog.objects.order_by("sequence").values_list("verb", flat=True))


def test_rows_of_rolled_back_savepoints_do_not_appear(inside):
    with transaction.atomic():
        audit.record(verb="t.first")
        for verb in ("t.lost", "t.kept"):
            with pytest.raises(ZeroDivisionError) if verb == "t.lost" else transaction.atomic(), transaction.atomic():
                audit.record(verb=verb)
                if verb == "t.lost":
                    audit.record(verb="t.lost")
                    raise ZeroDivisionError
        manual = transaction.savepoint()
        audit.record(verb="t.lost")
        transaction.savepoint_rollback(manual)
        audit.record(verb="t.last")

    assert verbs()[-3:] == ["t.first", "t.kept", "t.last"]
    assert "t.lost" not in verbs()
    assert logs.verify().is_sound


def test_rows_of_a_rolled_back_transaction_leave_no_gap(inside):
    audit.record_read(verb="t.before")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(verb="t.lost")
        raise ZeroDivisionError
    audit.record_read(verb="t.after")

    before, after = AuditLog.objects.order_by("-sequence")[:2][::-1]
    assert (before.verb, after.verb, after.sequence) == ("t.before", "t.after", before.sequence + 1)


def test_recorded_row_knows_its_place_after_the_commit(inside):
    with transaction.atomic():
        row = audit.record(verb="t.done")
        assert row.pk is None

    assert AuditLog.objects.get(verb="t.done") == row
    assert (row.sequence, bytes(row.row_hash)) == (row.pk, bytes(AuditLog.objects.get(pk=row.pk).row_hash))


def test_rows_of_two_logs_in_one_transaction(inside):
    with transaction.atomic():
        audit.record(verb="t.company")
        with context.enter_platform():
            audit.record(verb="t.platform")

    assert verbs()[-1] == "t.company"
    with context.enter_platform():
        assert AuditLog.objects.latest("sequence").verb == "t.platform"


def test_connection_that_is_lost_takes_its_rows_along(inside):
    with pytest.raises(Exception, match="closed"), transaction.atomic():
        audit.record(verb="t.lost")
        connection.connection.close()
        Domain.objects.exists()
    connection.close()

    audit.record_read(verb="t.after")
    assert "t.lost" not in verbs()


def test_rule_that_is_checked_at_the_commit_says_so_itself(inside):
    """It is the action that is wrong, not the log."""
    with pytest.raises(IntegrityError), transaction.atomic():
        audit.record(verb="t.lost")
        Domain.objects.filter(domain="initech.localhost").update(tenant_id=999_999)

    assert "t.lost" not in verbs()


def test_refusal_inside_the_refused_work_is_a_mistake(inside):
    with pytest.raises(RuntimeError, match="rolled back"), transaction.atomic():
        audit.record_refusal(verb="t.refused", reason="why")


@pytest.fixture
def power():
    """A superuser of the tests' database."""
    url = os.environ["TEST_SUPERUSER_URL"].rpartition("/")[0] + "/" + os.environ["DATABASE_URL"].rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


BROKEN = {
    "trigger raises": (
        "CREATE FUNCTION initech.broken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'; "
        "CREATE TRIGGER broken BEFORE INSERT ON initech.audit_logs FOR EACH ROW EXECUTE FUNCTION initech.broken()",
        "DROP FUNCTION initech.broken() CASCADE",
    ),
    "role revoked": (
        "REVOKE INSERT ON initech.audit_logs FROM ragsite",
        "GRANT INSERT ON initech.audit_logs TO ragsite",
    ),
    "table missing": (
        "ALTER TABLE initech.audit_logs RENAME TO away",
        "ALTER TABLE initech.away RENAME TO audit_logs",
    ),
    "lock time-out": ("BEGIN; LOCK TABLE initech.audit_logs IN ACCESS EXCLUSIVE MODE", "ROLLBACK"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_without_its_row_the_action_is_refused(inside, power, monkeypatch, how):
    monkeypatch.setattr(head, "LOCK_TIMEOUT_MS", 100)
    breaking, mending = BROKEN[how]
    count = AuditLog.objects.count()
    power.execute(breaking)
    try:
        with pytest.raises(audit.AuditUnavailable), transaction.atomic():
            Domain.objects.create(domain="other.localhost", tenant=inside, is_primary=False)
            audit.record(verb="t.change")
        with pytest.raises(audit.AuditUnavailable):
            audit.record_read(verb="t.read")
        with pytest.raises(audit.AuditUnavailable):
            audit.record_refusal(verb="t.refused", reason="why")
    finally:
        power.execute(mending)

    assert not Domain.objects.filter(domain="other.localhost").exists()
    assert AuditLog.objects.count() == count
    audit.record_read(verb="t.after")
    assert logs.verify().is_sound


def test_without_a_key_nothing_is_done(inside, settings):
    settings.AUDIT_CHAIN_KEY = ""

    with pytest.raises(keys.NoChainKey), transaction.atomic():
        Domain.objects.create(domain="other.localhost", tenant=inside, is_primary=False)
        audit.record(verb="t.change")
    with pytest.raises(keys.NoChainKey):
        audit.record_read(verb="t.read")

    assert not Domain.objects.filter(domain="other.localhost").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"verb": "v" * 65},
        {"target": "t" * 121},
        {"digest": "d" * 65},
        {"confidence": 1.5},
        {"confidence": float("nan")},
        {"outcome": "perhaps"},
        {"details": {"n": float("inf")}},
        {"details": {"s": "\0"}},
        {"details": {"s": ["\ud800"]}},
        {"details": {"o": object()}},
        {"target": "\0"},
        {"reason": "\ud800"},
        {"content": {"text": "without a subject"}},
    ],
)
def test_value_that_cannot_be_kept_is_refused_where_it_is_recorded(in_acme, wrong):
    with transaction.atomic():
        with pytest.raises(audit.BadAuditRow):
            audit.record(**{"verb": "x.y", **wrong})
        audit.record(verb="x.after")

    assert AuditLog.objects.latest("sequence").verb == "x.after"


def test_many_writers_leave_one_unbroken_chain(initech):
    """Reads alone, changes that hold a row lock, changes in two logs: 8 threads; 50 with 200 rows each in the bench."""
    errors = []

    def work(number):
        try:
            for turn in range(12):
                with context.enter(initech):
                    if (number + turn) % 3 == 0:
                        audit.record_read(verb="t.read", target=f"{number}:{turn}")
                        continue
                    with transaction.atomic():
                        audit.record(verb="t.change", target=f"{number}:{turn}")
                        Domain.objects.select_for_update().get(domain="initech.localhost")
                        if turn % 4 == 0:
                            with context.enter_platform():
                                audit.record(verb="t.platform", target=f"{number}:{turn}")
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    with context.enter(initech):
        assert AuditLog.objects.filter(verb__in=("t.read", "t.change")).count() == 8 * 12
        assert logs.verify().is_sound
    assert AuditLog.objects.filter(verb="t.platform").exists()
    assert logs.verify().is_sound


def test_what_goes_along_is_done_at_the_end_and_goes_with_its_savepoint(inside):
    insert = "INSERT INTO initech.audit_checkpoints SELECT * FROM initech.audit_checkpoints WHERE %s"
    with transaction.atomic():
        audit.record(verb="t.kept")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            audit.send_along(sql="SELECT 1/0 WHERE %s", parameters=[True])
            raise ZeroDivisionError
        audit.send_along(sql=insert, parameters=[False])

    assert verbs()[-1] == "t.kept"


def test_an_action_fails_with_what_goes_along(inside):
    before = verbs()
    with pytest.raises(audit.AuditUnavailable), transaction.atomic():
        audit.record(verb="t.lost")
        audit.send_along(sql="SELECT 1/0 WHERE %s", parameters=[True])

    assert verbs() == before


class _Messages:
    """Counts what is sent below Django's cursors, where several statements travel in one message."""

    def __init__(self, monkeypatch):
        self.sent = []
        execute = psycopg.Cursor.execute
        monkeypatch.setattr(
            psycopg.ClientCursor,
            "execute",
            lambda *a, **k: self.sent.append(str(a[1])) or execute(*a, **k),
            raising=False,
        )

    def count(self):
        seen, self.sent = self.sent, []
        return sum("pg_advisory_xact_lock" in sql or sql.startswith("INSERT") for sql in seen)


def test_a_row_alone_is_one_message_once_the_head_is_known(inside, monkeypatch):
    remembered._places.clear()
    messages = _Messages(monkeypatch)
    audit.record_read(verb="t.first")
    messages.count()

    audit.record_read(verb="t.second")
    assert messages.count() == 1
    with transaction.atomic():
        audit.record(verb="t.third")
    messages.count()
    audit.record_read(verb="t.fourth")
    assert messages.count() == 1

    assert verbs()[-4:] == ["t.first", "t.second", "t.third", "t.fourth"]
    assert logs.verify().is_sound


def test_a_head_that_others_moved_is_looked_up_again(inside, monkeypatch):
    audit.record_read(verb="t.ours")
    for number in range(3):
        _write_unseen(f"t.theirs{number}")
        audit.record_read(verb=f"t.ours{number}")

    assert verbs()[-6:] == [f"t.{who}{number}" for number in range(3) for who in ("theirs", "ours")]
    assert logs.verify().is_sound


def test_what_goes_along_with_a_row_alone_fails_with_it(inside):
    audit.record_read(verb="t.known")
    before = verbs()
    with pytest.raises(audit.AuditUnavailable):
        audit.record_read(verb="t.lost", along=[("SELECT 1/0 WHERE %s", [True])])

    assert verbs() == before
    audit.record_read(verb="t.next")
    assert verbs() == [*before, "t.next"]
    assert logs.verify().is_sound


def _write_unseen(verb):
    """As another process would: this one's memory of the head stays what it was."""
    place = remembered._places[connection.settings_dict["NAME"], "initech"]
    last = place.head
    with transaction.atomic():
        audit.record(verb=verb)
    place.head, place.to_skip = last, 0
