"""Rows from before the chain: a migration numbers and hashes them, and what follows goes on behind them."""

import pytest
from django.db import connection, transaction

from audit import services as audit
from audit.chain import existing
from audit.verification import logs
from ragsite.bench.tampers import SCHEMA, log_without_rules

TRIGGERS = """
CREATE FUNCTION tampered.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
CREATE TRIGGER audit_logs_no_change BEFORE UPDATE OR DELETE ON tampered.audit_logs
    FOR EACH ROW EXECUTE FUNCTION tampered.refuse();
"""


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def old(db):
    """A log as it was before: ids with gaps, no numbers, no hashes."""
    with log_without_rules() as tenant:
        run(f"DELETE FROM {SCHEMA}.audit_logs WHERE id IN (3, 17, 18); DELETE FROM {SCHEMA}.audit_checkpoints")
        for column in ("sequence", "previous_hash", "row_hash"):
            run(f"ALTER TABLE {SCHEMA}.audit_logs ALTER {column} DROP NOT NULL")
        run(f"UPDATE {SCHEMA}.audit_logs SET sequence = NULL, previous_hash = NULL, row_hash = NULL")
        run(TRIGGERS)
        yield tenant


def test_existing_rows_are_numbered_in_their_order_and_verify(old, own_files, settings, tmp_path):
    settings.STORAGES = {**settings.STORAGES, "default": _empty(settings, tmp_path)}

    assert existing.chain_rows(connection) == 33

    assert run(f"SELECT array_agg(sequence ORDER BY id) FROM {SCHEMA}.audit_logs")[0][0] == list(range(1, 34))
    assert logs.verify().is_sound
    with pytest.raises(Exception, match="no"), transaction.atomic():
        run(f"UPDATE {SCHEMA}.audit_logs SET reason = 'x'")  # the trigger is back

    with transaction.atomic():
        row = audit.record(verb="x.y")
    assert (row.sequence, row.pk) == (34, 37)
    assert logs.verify().is_sound


def test_empty_log_stays_as_it_is(old):
    run(f"ALTER TABLE {SCHEMA}.audit_logs DISABLE TRIGGER ALL; DELETE FROM {SCHEMA}.audit_logs")

    assert existing.chain_rows(connection) == 0


def _empty(settings, tmp_path):
    """A store without the checkpoints that the log had before its rows were taken away."""
    return {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path / "empty")}}
