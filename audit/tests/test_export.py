"""Exports: rows and a signed manifest in one file, in which no byte can be changed unseen; audited, for a reason."""

import gzip
import io
import json
import random
import zipfile
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from audit import export
from audit import services as audit
from audit.chain import keys
from audit.export import archives
from audit.models import AuditLog


@pytest.fixture
def rows(in_acme):
    with transaction.atomic():
        for number in range(6):
            audit.record(
                verb="leave.approve",
                target=f"leave:{number}",
                reason='of "three", ,"details": {} reasons',
                confidence=number / 7,
                details={"n": number, "share": 1.50, "large": 1e22, "small": 1.5e-7, "text": "Grüße €", "none": None},
            )
    return AuditLog.objects.filter(verb="leave.approve").order_by("pk")


@pytest.fixture
def archive(rows, tmp_path):
    path = tmp_path / "export.zip"
    with path.open("wb") as out:
        export.write_archive(out=out, reason="asked by the auditor")
    return path


def test_export_holds_every_row_and_is_sound(rows, tmp_path):
    path = tmp_path / "export.zip"
    with path.open("wb") as out:
        written = export.write_archive(out=out, reason="asked by the auditor")

    checked = export.check_file(path)

    assert (checked.problems, checked.rows) == ((), written.rows)
    assert written.rows == AuditLog.objects.count() - 1  # but for its own row
    assert (checked.manifest.last_sequence, checked.manifest.reason) == (written.rows, "asked by the auditor")
    row = AuditLog.objects.get(verb="audit.export")
    assert (row.reason, row.digest, row.details["rows"]) == ("asked by the auditor", written.sha256, written.rows)


def test_any_changed_byte_is_seen(archive, tmp_path):
    content = archive.read_bytes()
    changed = tmp_path / "changed.zip"
    places = {*range(60), *range(len(content) - 60, len(content))} | set(random.sample(range(len(content)), 400))

    for place in places:
        one = content[place] ^ (1 << random.randrange(8))
        changed.write_bytes(content[:place] + bytes([one]) + content[place + 1 :])
        assert export.check_file(changed).problems, place


@pytest.mark.parametrize("compressed", [True, False])
def test_any_changed_byte_of_lines_and_manifest_is_seen(rows, tmp_path, compressed):
    path, manifest = tmp_path / "rows.jsonl", tmp_path / "rows.jsonl.manifest.json"
    with path.open("wb") as out:
        manifest.write_bytes(export.write_lines(out=out, reason="why", compressed=compressed).manifest)
    assert export.check_file(path).is_sound
    assert export.check_file(manifest).is_sound

    for file in (path, manifest):
        content = file.read_bytes()
        for place in {0, 1, 9, len(content) - 1, *random.sample(range(len(content)), min(150, len(content)))}:
            one = bytes([content[place] ^ 1 << random.randrange(8)])
            file.write_bytes(content[:place] + one + content[place + 1 :])
            assert not export.check_file(path).is_sound, (file, place)
        file.write_bytes(content + b"\n")
        assert not export.check_file(path).is_sound
        file.write_bytes(content)


def test_whole_rows_left_out_are_seen_by_who_signs_nothing(archive):
    """Somebody outside has the public key only; he sees the signature, the digest and the links."""
    public = keys.current().public

    assert export.check_file(archive, public_key=public).is_sound
    assert not export.check_file(archive, public_key=keys.derived("another " * 8).public).is_sound


def test_under_another_key_nothing_verifies(archive, settings):
    settings.AUDIT_CHAIN_KEY = "another-key-" + "k" * 40
    assert "not configured" in export.check_file(archive).problems[0]

    settings.AUDIT_CHAIN_KEYS_OLD = ()
    assert not export.check_file(archive).is_sound


def test_after_a_rotation_what_was_exported_before_still_verifies(archive, settings):
    settings.AUDIT_CHAIN_KEYS_OLD = (settings.AUDIT_CHAIN_KEY,)
    settings.AUDIT_CHAIN_KEY = "another-key-" + "k" * 40

    assert export.check_file(archive).is_sound


def test_period_takes_the_rows_between_and_none_lost_in_the_middle(rows):
    first, *_, last = rows
    out = io.BytesIO()

    written = export.write_archive(out=out, reason="why", start=first.at, end=last.at + timedelta(microseconds=1))

    assert (written.first_sequence, written.last_sequence) == (first.sequence, last.sequence)


def test_period_without_rows_is_an_empty_export(rows, tmp_path):
    path = tmp_path / "empty.zip"
    with path.open("wb") as out:
        written = export.write_archive(out=out, reason="why", start=timezone.now() + timedelta(days=1))

    assert written.rows == 0
    assert export.check_file(path).is_sound


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_there_is_no_export(rows, reason):
    with pytest.raises(export.ReasonMissing):
        export.write_archive(out=io.BytesIO(), reason=reason)


def test_period_that_ends_before_it_begins_is_refused(rows):
    now = timezone.now()
    for start, end in ((now, now), (now, now - timedelta(days=1)), (now.replace(tzinfo=None), None)):
        with pytest.raises(export.BadPeriod):
            export.write_archive(out=io.BytesIO(), reason="why", start=start, end=end)


def test_sealed_content_is_in_no_export(in_acme, bob, tmp_path):
    with transaction.atomic():
        audit.record(verb="x.y", content={"note": "very private"}, subject=bob.actor_label)
    path = tmp_path / "export.zip"
    with path.open("wb") as out:
        export.write_archive(out=out, reason="why")

    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["audit.jsonl.gz", "manifest.json"]
    assert export.check_file(path).is_sound


def test_what_is_no_export_is_said_to_be_none(tmp_path):
    for name, content in (("a.zip", b"PK"), ("b.jsonl", b"{}\n"), ("c.zip", b"")):
        (tmp_path / name).write_bytes(content)
        assert not export.check_file(tmp_path / name).is_sound
    assert not export.check_file(tmp_path / "missing.zip").is_sound


def _zipped(path, entries):
    with zipfile.ZipFile(path, "w") as out:
        for name, content in entries:
            out.writestr(name, content)
    return path


def _entries(archive):
    with zipfile.ZipFile(archive) as source:
        return {name: source.read(name) for name in source.namelist()}


def test_each_kind_of_wrong_file_has_its_own_words(archive, tmp_path):
    good = _entries(archive)
    content = archive.read_bytes()
    lines = gzip.decompress(good["audit.jsonl.gz"]).splitlines(keepends=True)
    lines[2] = lines[2].replace(b"leave:", b"leavf:")
    changed_row = gzip.compress(b"".join(lines))
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("audit.jsonl.gz", bytes(5_000_000))
        out.writestr("manifest.json", good["manifest.json"])
    none, cut = tmp_path / "none.zip", tmp_path / "cut.zip"
    none.write_bytes(b"a letter")
    cut.write_bytes(content[: len(content) // 2])
    names = tmp_path / "a.zip"

    def first_of(path):
        return export.check_file(path).problems[0]

    assert "not an archive" in first_of(none)
    assert "bytes of the archive were changed" in first_of(cut)
    assert "too large entries" in first_of(bomb)
    assert first_of(_zipped(names, [("audit.jsonl.gz", b"x")])) == "the manifest is missing"
    assert "too many entries: 3" in first_of(_zipped(names, [*good.items(), ("more", b"")]))
    assert "none of an audit export" in first_of(_zipped(names, [("letter.txt", b"x"), ("photo.png", b"y")]))
    out = io.BytesIO()
    archives.pack(out=out, data=io.BytesIO(changed_row), manifest=good["manifest.json"])
    names.write_bytes(out.getvalue())
    assert first_of(names) == "row 3 was changed"


def test_a_manifest_with_values_of_another_kind_is_none(archive, tmp_path):
    good = _entries(archive)
    values = {**json.loads(good["manifest.json"]), "first_sequence": [], "owner": 7}
    out = io.BytesIO()
    forged = (json.dumps(values, indent=2, sort_keys=True) + "\n").encode()
    archives.pack(out=out, data=io.BytesIO(good["audit.jsonl.gz"]), manifest=forged)
    path = tmp_path / "forged.zip"
    path.write_bytes(out.getvalue())

    assert "no manifest" in export.check_file(path).problems[0]
