"""manage.py ingest_path: a folder of handbooks becomes documents, again and again without doubles."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from documents import services
from documents.models import Document, DocumentVersion
from tenants import context
from tenants.models import Tenant


def _ingest(path: Path, *options: str, tenant: str = "acme") -> list[str]:
    printed = io.StringIO()
    call_command("ingest_path", str(path), "--tenant", tenant, *options, stdout=printed)
    return printed.getvalue().splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leave").mkdir()
    (tmp_path / "leave" / "parental.md").write_text("# Parental leave\n\nSixteen weeks.\n")
    (tmp_path / "parking.txt").write_text("The garage is open from six.\n")
    (tmp_path / "logo.png").write_bytes(b"not a document")
    return tmp_path


def test_all_documents_below_a_folder_are_read_and_nothing_else(acme: Tenant, folder: Path) -> None:
    lines = _ingest(folder, "--wait")

    assert lines == ["leave/parental.md: ready", "parking.txt: ready"]
    with context.enter(acme):
        assert set(Document.objects.values_list("external_id", flat=True)) == {"leave/parental.md", "parking.txt"}


def test_a_second_run_makes_versions_of_what_changed_only(acme: Tenant, folder: Path) -> None:
    _ingest(folder, "--wait")
    (folder / "parking.txt").write_text("The garage is open from seven.\n")

    lines = _ingest(folder, "--wait")

    assert lines == ["leave/parental.md: already there", "parking.txt: ready"]
    with context.enter(acme):
        assert Document.objects.count() == 2
        assert Document.objects.get(external_id="parking.txt").serving_version.number == 2


def test_a_refused_file_is_named_with_its_code(acme: Tenant, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and then nothing")

    [line] = _ingest(tmp_path / "broken.pdf", "--wait")

    assert line in ("broken.pdf: rejected malformed", "broken.pdf: rejected empty")


def test_wait_also_waits_for_a_worker_that_was_faster(
    acme: Tenant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, looks = services.process_version, []

    def held_by_a_worker(*, version_id: object) -> None:
        DocumentVersion.objects.filter(pk=version_id).update(state=DocumentVersion.State.PARSING)

    def worker_ends(_seconds: float) -> None:
        looks.append(1)
        version = DocumentVersion.objects.get(state=DocumentVersion.State.PARSING)
        DocumentVersion.objects.filter(pk=version.pk).update(state=DocumentVersion.State.RECEIVED)
        process(version_id=version.pk)

    monkeypatch.setattr("documents.services.process_version", held_by_a_worker)
    monkeypatch.setattr("time.sleep", worker_ends)

    assert _ingest(folder / "parking.txt", "--wait") == ["parking.txt: ready"]
    assert looks == [1]


def test_confidential_documents_are_marked(acme: Tenant, folder: Path) -> None:
    _ingest(folder / "parking.txt", "--confidential")

    with context.enter(acme):
        assert Document.objects.get().is_confidential is True


def test_nothing_is_guessed(acme: Tenant, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no company 'initech'"):
        _ingest(tmp_path, tenant="initech")
    with pytest.raises(CommandError, match="does not exist"):
        _ingest(tmp_path / "nowhere")
    with pytest.raises(CommandError, match="There are no PDF"):
        _ingest(tmp_path)


def test_another_company_gets_nothing_of_it(globex: Tenant, acme: Tenant, folder: Path) -> None:
    _ingest(folder, "--wait")

    with context.enter(globex):
        assert not Document.objects.exists()


def test_days_people_readers_and_drafts_are_given_as_options(acme, tmp_path):
    (tmp_path / "travel.md").write_text("# Travel\n\nFirst class.")

    _ingest(
        tmp_path,
        *"--from 2030-01-01 --to 2030-12-31 --applies-countries DE AT --audience-roles manager --draft".split(),
    )

    with context.enter(acme):
        version = DocumentVersion.objects.select_related("document").get()
        assert (str(version.effective_from), str(version.effective_to)) == ("2030-01-01", "2030-12-31")
        assert (version.publication, version.applies_countries) == ("draft", ["at", "de"])
        assert version.document.audience_roles == ["manager"]


@pytest.mark.parametrize("options", ["--from 2030-01-02 --to 2030-01-01", "--applies-countries XX"])
def test_impossible_days_and_people_are_refused(acme, tmp_path, options):
    (tmp_path / "travel.md").write_text("# Travel\n\nFirst class.")

    with pytest.raises(CommandError):
        _ingest(tmp_path, *options.split())
