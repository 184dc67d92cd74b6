"""Checkpoints in the file store: written when there is something new, never again, and missed when they are gone."""

import json
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from audit import checkpoints
from audit import services as audit
from audit.models import AuditCheckpoint, AuditLog
from audit.verification import logs, services
from audit.verification.findings import Kind
from hr import keys, subject_keys
from ragsite.bench.tampers import SCHEMA, cut, log_without_rules, set_back
from tenants import audit_logs, context


@pytest.fixture
def log(db):
    """36 rows, checkpoints 1 to 5 at rows 6, 12, ... 30."""
    with log_without_rules() as tenant:
        yield tenant


def write():
    return checkpoints.write(now=timezone.now())


def record(count=1):
    with transaction.atomic():
        for _ in range(count):
            audit.record(verb="x.y")


def kinds():
    return [one.kind for one in logs.verify().findings]


def key_of(number):
    return f"audit-checkpoints/{context.tenant_id()}/000000000/{number:012d}.json"


def test_checkpoint_is_written_when_there_is_something_new_and_only_then(log):
    made = write()

    assert (made.number, made.sequence, made.schema, made.owner) == (6, 36, SCHEMA, str(log.uuid))
    assert made.row_hash == bytes(AuditLog.objects.get(sequence=36).row_hash).hex()
    assert write() is None
    record()
    assert write().sequence == 37
    assert kinds() == []


def test_empty_log_has_no_checkpoint(log):
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {SCHEMA}.audit_logs; DELETE FROM {SCHEMA}.audit_checkpoints")
    for number in range(1, 6):
        default_storage.delete(key_of(number))

    assert write() is None
    assert kinds() == []


@pytest.mark.parametrize("change", ["sequence", "row_hash", "at", "owner", "signature", "format", "spaces", "text"])
def test_forged_checkpoint_is_found(log, change):
    with default_storage.open(key_of(3)) as source:
        content = source.read()
    values = json.loads(content)
    default_storage.delete(key_of(3))
    if change == "text":
        content = b"nothing of the kind"
    elif change == "spaces":
        content = json.dumps(values).encode()
    else:
        old = values[change]
        values[change] = old + 1 if isinstance(old, int) else ("1" if old[0] == "0" else "0") + old[1:]
        content = json.dumps(values, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    default_storage.save(key_of(3), ContentFile(content))

    (found,) = logs.verify().findings
    assert (found.kind, found.sequence) == (Kind.CHECKPOINT_FORGED, 18)


def test_checkpoint_of_another_company_is_forged_here(log):
    with default_storage.open(key_of(3)) as source:
        content = source.read()
    default_storage.delete(key_of(2))
    default_storage.save(key_of(2), ContentFile(content))

    assert kinds() == [Kind.CHECKPOINT_FORGED]


@pytest.mark.parametrize("number", [1, 3, 5])
def test_missing_checkpoint_is_found_the_last_one_too(log, number):
    default_storage.delete(key_of(number))

    (found,) = logs.verify().findings
    assert (found.kind, found.sequence) == (Kind.CHECKPOINT_MISSING, number * 6)


def test_store_that_cannot_be_read_is_a_finding(log, monkeypatch):
    def away(*args):
        raise OSError("away")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.listdir", away)

    assert kinds() == [Kind.CHECKPOINT_MISSING]


def test_next_checkpoint_notices_a_database_that_was_set_back_and_covers_what_comes(log):
    set_back(20)

    with pytest.raises(checkpoints.CheckpointRefused, match="checkpoint 5"):
        write()

    record()
    assert write().number == 7
    assert kinds() == [Kind.ROLLED_BACK]


def test_file_whose_row_was_not_committed_is_taken_on(log):
    """Its writer ended between the file and the COMMIT."""
    AuditCheckpoint.objects.filter(number=5).delete()

    assert write().number == 6

    assert AuditCheckpoint.objects.get(number=5).sequence == 30
    assert kinds() == []


def test_restore_can_be_accepted_by_name_and_everything_else_still_counts(log):
    set_back(20)
    record(30)

    report = services.accept_restore(reason="restored the backup of the 19th")

    assert report.is_sound
    assert "given up" in report.notes[0]
    assert AuditLog.objects.get(verb="audit.accept_restore").reason == "restored the backup of the 19th"
    record(3)
    write()
    cut(53)
    assert kinds() == [Kind.CUT_TAIL]


def test_other_changes_are_not_accepted_with_a_restore(log):
    set_back(20)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {SCHEMA}.audit_logs SET reason = 'x' WHERE sequence = 7")

    with pytest.raises(services.NothingToAccept, match="no restore"):
        services.accept_restore(reason="why")


def test_every_minute_each_log_gets_one_and_trouble_of_one_keeps_no_other(log):
    set_back(20)
    now = timezone.now()

    audit_logs.write_checkpoints(now=now)

    for place in audit_logs.places():
        with audit_logs.enter(place):
            newest = AuditCheckpoint.objects.order_by("number").last()
            assert newest is None or newest.at >= now - timedelta(minutes=5)
            assert (newest is None) == (not AuditLog.objects.exists())


def test_daily_verification_tells_in_the_log_what_it_found(log):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {SCHEMA}.audit_logs SET reason = 'x' WHERE sequence = 7")

    audit_logs.verify_all()

    row = AuditLog.objects.get(verb="audit.verify")
    assert (row.outcome, row.reason) == ("failed", "changed at row 7: its content does not fit its hash")
    standing = audit_logs.standing(now=timezone.now())
    assert (standing.unsound, standing.unverified) == (1, 0)


def test_rows_under_a_key_that_is_not_configured_are_not_called_forged(log, settings):
    settings.AUDIT_CHAIN_KEY, settings.AUDIT_CHAIN_KEYS_OLD = "another-key-" + "k" * 40, ()

    first = logs.verify().first

    assert (first.kind, first.sequence) == (Kind.UNKNOWN_KEY, 1)


def test_after_a_change_of_the_key_everything_verifies(log, settings):
    settings.AUDIT_CHAIN_KEYS_OLD = (settings.AUDIT_CHAIN_KEY,)
    settings.AUDIT_CHAIN_KEY = "another-key-" + "k" * 40
    record(3)
    write()

    assert kinds() == []


def test_personal_content_is_sealed_and_gone_with_its_key_while_the_chain_verifies(in_acme, bob):
    with transaction.atomic():
        row = audit.record(verb="x.y", content={"note": "very private"}, subject=bob.actor_label)
    stored = AuditLog.objects.get(pk=row.pk)
    assert b"private" not in bytes(stored.sealed_content)
    assert audit.read_content(stored) == {"note": "very private"}

    subject_keys.destroy(employee=bob)

    with pytest.raises(keys.KeyUnavailable):
        audit.read_content(stored)
    assert logs.verify().is_sound


def test_row_without_personal_content_has_none(in_acme):
    record()

    assert audit.read_content(AuditLog.objects.latest("sequence")) == {}


def test_subject_has_to_be_a_person_of_the_company(in_acme):
    for subject in ("employee:999999", "operator:1", "employee:x"):
        with pytest.raises(ValueError, match="no employee"), transaction.atomic():
            audit.record(verb="x.y", content={"note": "n"}, subject=subject)
