"""verify_audit, audit_tail, audit_export, audit_verify, audit_owner."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from audit import checkpoints, standing
from audit import services as audit
from audit.models import AuditCheckpoint, AuditLog
from tenants import audit_logs, context


def run(*args):
    output = StringIO()
    try:
        call_command(*args, stdout=output, stderr=output)
        code = 0
    except SystemExit as ended:
        code = ended.code
    return code, output.getvalue()


@pytest.fixture
def rows(in_acme):
    with transaction.atomic():
        for number in range(5):
            audit.record(verb="leave.approve", target=f"leave:{number}", reason="why not")


@pytest.fixture
def forged(rows, monkeypatch):
    """A row that only somebody without the key could have written."""
    with monkeypatch.context() as patched, transaction.atomic():
        patched.setattr("audit.chain.canonical.hmac.digest", lambda *args: b"x" * 32)
        audit.record(verb="leave.approve", target="leave:6")
    return AuditLog.objects.latest("sequence").sequence


def test_sound_logs_end_with_zero_and_say_how_far_they_were_read(rows):
    code, said = run("verify_audit", "--all-tenants")

    assert code == 0, said
    assert {line.partition(":")[0] for line in said.splitlines()} >= {"platform", "acme", "globex"}
    row = AuditLog.objects.get(verb="audit.verify")
    assert (row.outcome, row.details["findings"]) == ("success", [])


def test_unsound_log_ends_with_one_and_names_the_row(forged):
    code, said = run("verify_audit", "--tenant", "acme")

    assert code == 1
    assert f"NOT SOUND, changed at row {forged}" in said
    assert AuditLog.objects.get(verb="audit.verify").outcome == "failed"
    assert audit_logs.standing(now=timezone.now()).unsound == 1


def test_verification_can_leave_no_trace(rows):
    run("verify_audit", "--tenant", "acme", "--quiet-run", "--all-checkpoints")

    assert not AuditLog.objects.filter(verb="audit.verify").exists()


def test_sound_says_which_rows_could_still_be_cut_unseen(rows):
    assert "no row is yet protected against a cut" in run("verify_audit", "--tenant", "acme")[1]

    run("verify_audit", "--tenant", "acme", "--checkpoint", "--quiet-run")
    covered = AuditCheckpoint.objects.latest("number")
    assert "not yet protected" not in run("verify_audit", "--tenant", "acme")[1]

    said = run("verify_audit", "--tenant", "acme")[1]
    moment = f"{covered.at:%H:%M:%S} UTC"
    expected = f"rows after {covered.sequence} (the last checkpoint, {moment}) are not yet protected against a cut"
    assert expected in said
    assert expected in standing.of_current_schema().sentence


def test_checkpoint_at_once(rows):
    assert run("verify_audit", "--tenant", "acme", "--checkpoint")[0] == 0

    with context.enter(context.current_tenant()):
        assert len(checkpoints.numbers(owner=context.tenant_id())) == 1


def test_nothing_to_accept_is_said(rows):
    with pytest.raises(CommandError, match="needs --reason"):
        run("verify_audit", "--tenant", "acme", "--accept-restore")
    with pytest.raises(CommandError, match="Nothing was accepted"):
        run("verify_audit", "--tenant", "acme", "--accept-restore", "--reason", "restored")


def test_tail_is_newest_first_limited_and_audited(rows):
    code, said = run("audit_tail", "--tenant", "acme", "-n", "3", "--reason", "looking into it")

    lines = said.splitlines()
    assert (code, [line.split()[6] for line in lines]) == (0, ["leave:4", "leave:3", "leave:2"])
    row = AuditLog.objects.get(verb="audit.read")
    assert (row.reason, row.actor, row.details) == ("looking into it", "operator:shell", {"rows": 3})


def test_tail_of_one_verb_or_actor(rows):
    audit.record_read(verb="search.run")

    assert len(run("audit_tail", "--tenant", "acme", "--verb", "search.run")[1].splitlines()) == 1
    assert run("audit_tail", "--tenant", "acme", "--actor", "employee:999")[1] == ""


@pytest.mark.parametrize("count", ["0", "many", "-1", "10001"])
def test_tail_of_no_number_is_refused(rows, count):
    with pytest.raises(CommandError):
        run("audit_tail", "--tenant", "acme", "-n", count)


@pytest.mark.parametrize("name", ["evidence.zip", "evidence.jsonl", "evidence.jsonl.gz"])
def test_export_and_verification_of_the_file(rows, tmp_path, name):
    path = tmp_path / name

    code, said = run("audit_export", "--tenant", "acme", "--reason", "asked by the auditor", "--out", str(path))
    assert code == 0, said
    assert run("audit_verify", str(path))[0] == 0
    assert {one.name for one in tmp_path.iterdir()} <= {name, f"{name}.manifest.json"}

    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert run("audit_verify", str(path))[0] == 1


def test_export_of_a_period_and_of_the_platform(rows, tmp_path):
    today = f"{timezone.now():%Y-%m-%d}"
    path = tmp_path / "platform.zip"

    code, said = run(
        "audit_export", "--platform", "--reason", "why", "--from", today, "--to", today, "--out", str(path)
    )

    assert code == 0, said
    assert "platform" in run("audit_verify", str(path))[1]


def test_export_of_a_broken_chain_is_written_and_ends_with_one(forged, tmp_path):
    path = tmp_path / "evidence.zip"

    code, said = run("audit_export", "--tenant", "acme", "--reason", "why", "--out", str(path))

    assert code == 1
    assert f"changed at row {forged}" in said
    assert run("audit_verify", str(path))[0] == 1


def test_export_overwrites_nothing_and_needs_a_reason_and_a_period(rows, tmp_path):
    path = tmp_path / "evidence.zip"
    path.write_bytes(b"mine")
    given = ("audit_export", "--tenant", "acme", "--out")

    for wrong in (
        (str(path), "--reason", "why"),
        (str(tmp_path / "a.zip"), "--reason", " "),
        (str(tmp_path / "a.zip"), "--reason", "why", "--from", "soon"),
        (str(tmp_path / "a.zip"), "--reason", "why", "--from", "2026-02-01", "--to", "2026-01-01"),
        (str(tmp_path / "none" / "a.zip"), "--reason", "why"),
        (str(tmp_path / "a.zip"),),
    ):
        with pytest.raises(CommandError):
            run(*given, *wrong)

    assert [one.name for one in tmp_path.iterdir()] == ["evidence.zip"]
    assert path.read_bytes() == b"mine"


def test_public_key_can_be_shown_and_used(rows, tmp_path):
    path = tmp_path / "evidence.zip"
    run("audit_export", "--tenant", "acme", "--reason", "why", "--out", str(path))
    public = run("audit_verify", "--show-public-key")[1].strip()

    assert run("audit_verify", str(path), "--public-key", public)[0] == 0
    assert run("audit_verify", str(path), "--public-key", "00" * 32)[0] == 1


def test_owner_says_that_everything_is_protected(rows):
    assert run("audit_owner")[0] == 0
    assert run("audit_owner", "--take-over")[0] == 0
    sql = run("audit_owner", "--sql")[1]
    assert 'GRANT "ragsite" TO ragsite_audit' in sql
    assert "ragsite_guard.release" in run("audit_owner", "--release-sql")[1]
