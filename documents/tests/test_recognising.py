"""The same bytes once more: never a second copy, never silently open, and a refused file gets another try."""

import io
from typing import Any

import pytest

from audit.models import AuditLog
from documents import services
from documents.models import Document, DocumentVersion, Outbox

TEXT = b"# Salary bands\n\nBand 4 runs from 71,300 to 84,900 euros a year.\n"
UNREADABLE = b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 64


@pytest.fixture(autouse=True)
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documents.services.outbox._try_to_send", lambda rows, now: 0)


def receive(content: bytes = TEXT, name: str = "salaries.md", **kwargs: Any) -> services.Receipt:
    return services.receive(source=io.BytesIO(content), original_name=name, **kwargs)


def refiltered() -> set[Any]:
    return set(Outbox.objects.filter(kind=Outbox.Kind.REFILTER_DOCUMENT).values_list("target_id", flat=True))


@pytest.mark.parametrize("external_id", ["", "bands"])
def test_confidential_upload_of_an_open_documents_bytes_closes_that_document(in_acme: Any, external_id: str) -> None:
    first = receive(external_id=external_id)

    again = receive(is_confidential=True)

    assert (again.recognised, again.note, again.version.pk) == (True, "made_confidential", first.version.pk)
    assert again.version.document.is_confidential
    document = Document.objects.get()
    assert document.is_confidential
    assert refiltered() == {document.pk}
    row = AuditLog.objects.get(verb="document.edit")
    assert (row.target, row.details) == (f"document:{document.pk}", {"confidential": True})


def test_every_open_copy_is_closed(in_acme: Any) -> None:
    receive(external_id="one")
    receive(external_id="two")
    receive(external_id="three", is_confidential=True)

    receive(is_confidential=True)

    assert not Document.objects.filter(is_confidential=False).exists()
    assert Document.objects.count() == 3


def test_a_document_that_once_had_the_bytes_and_moved_on_is_not_touched(in_acme: Any) -> None:
    receive(external_id="bands")
    receive(TEXT.replace(b"71,300", b"72,000"), external_id="bands")

    again = receive(is_confidential=True)

    assert not again.recognised
    assert Document.objects.get(external_id="bands").is_confidential is False


@pytest.mark.parametrize("asked", [False, None])
def test_open_upload_of_a_confidential_documents_bytes_opens_nothing_and_says_so(
    in_acme: Any, asked: bool | None
) -> None:
    receive(is_confidential=True)

    again = receive(is_confidential=asked)

    assert (again.recognised, again.note) == (True, "already_there_confidential")
    assert Document.objects.get().is_confidential
    assert refiltered() == set()


@pytest.mark.parametrize("kwargs", [{}, {"external_id": "bands"}, {"is_confidential": True}])
def test_refused_bytes_again_are_the_same_version_tried_anew(in_acme: Any, kwargs: dict[str, Any]) -> None:
    first = receive(UNREADABLE, "program.pdf", **kwargs)
    for _ in range(2):
        services.process_version(version_id=first.version.pk)
        assert DocumentVersion.objects.get().state == "rejected"

        again = receive(UNREADABLE, "program.pdf", **kwargs)

        assert (again.recognised, again.note, again.version.state) == (True, "tried_again", "received")
        assert again.version.pk == first.version.pk
    assert Document.objects.count() == DocumentVersion.objects.count() == 1


def test_refused_bytes_whose_file_is_gone_are_taken_in_again(in_acme: Any) -> None:
    from documents import files

    first = receive(UNREADABLE, "program.pdf")
    services.process_version(version_id=first.version.pk)
    files.remove(first.version.storage_key)

    assert not receive(UNREADABLE, "program.pdf").recognised
