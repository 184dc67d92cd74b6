"""From an uploaded file to a found passage, on the real parser, encoder, PostgreSQL and vector store."""

import io

import pytest

from documents import services as documents
from documents.models import Document, DocumentVersion
from hr import access
from retrieval import search as searching
from retrieval.models import Chunk
from retrieval.stores import WrongTenantScope
from tenants import context

LEAVE = b"""# Leave

## Parental leave

Employees receive 80 working days of paid parental leave per child.

## Sick leave

A doctor's note is needed from the fourth day of illness on.
"""
SALARIES = b"# Salary bands\n\nBand 4 runs from 71,300 to 84,900 euros a year.\n"


def ingest(content: bytes, name: str, **kwargs) -> Document:
    receipt = documents.receive(source=io.BytesIO(content), original_name=name, **kwargs)
    documents.process_version(version_id=receipt.version.pk)
    version = DocumentVersion.objects.get(pk=receipt.version.pk)
    assert version.state == "ready", (version.error_code, version.error_message)
    return Document.objects.get(pk=version.document_id)


def found(question: str, employee) -> list[str]:
    result = searching.search(question=question, scope=access.scope_of(employee))
    return [passage.text for passage in result.passages]


def test_uploaded_handbook_is_found(in_acme, alice):
    document = ingest(LEAVE, "leave.md")

    result = searching.search(question="How long is parental leave?", scope=access.scope_of(alice))

    best = result.passages[0]
    assert "80 working days" in best.text
    assert best.document_id == document.pk
    assert document.serving_version.parsed.text[best.start : best.end] == best.text


def test_confidential_passage_is_found_by_hr_only(in_acme, alice, bob):
    ingest(LEAVE, "leave.md")
    ingest(SALARIES, "salaries.md", is_confidential=True)

    assert any("71,300" in text for text in found("salary band 4", alice))
    assert not any("71,300" in text for text in found("salary band 4", bob))


def test_nothing_is_found_in_another_company(in_acme, globex, charlie):
    ingest(LEAVE, "leave.md")

    with context.enter(globex):
        assert found("How long is parental leave?", charlie) == []


def test_scope_of_another_company_is_refused(in_acme, globex, charlie):
    with context.enter(globex):
        foreign = access.scope_of(charlie)

    with pytest.raises(WrongTenantScope):
        searching.search(question="leave", scope=foreign)


def test_new_version_takes_over_and_the_old_one_is_never_found(in_acme, bob):
    ingest(LEAVE, "leave.md", external_id="leave")
    ingest(LEAVE.replace(b"80", b"90"), "leave.md", external_id="leave")

    texts = found("How long is parental leave?", bob)

    assert any("90 working days" in text for text in texts)
    assert not any("80 working days" in text for text in texts)


def test_deleted_document_is_gone_from_rows_files_and_vectors(in_acme, bob):
    from documents import files
    from retrieval import generations
    from retrieval.stores import get_store

    document = ingest(LEAVE, "leave.md")
    version = document.serving_version

    documents.delete_document(document=document)
    assert found("How long is parental leave?", bob) == []
    documents.remove_document(document_id=document.pk)

    assert not Document.objects.filter(pk=document.pk).exists()
    assert not Chunk.objects.filter(version_id=version.pk).exists()
    assert not files.exists(version.storage_key)
    assert get_store().count(space=generations.space_of(generations.live()), version_id=version.pk) == 0


def test_same_bytes_are_recognised(in_acme, alice):
    first = documents.receive(source=io.BytesIO(LEAVE), original_name="leave.md")
    again = documents.receive(source=io.BytesIO(LEAVE), original_name="copy of leave.md")

    assert not first.recognised
    assert again.recognised
    assert again.version.pk == first.version.pk


def test_passage_that_was_embedded_before_is_not_embedded_again(in_acme, bob, monkeypatch):
    from retrieval.encoders import get_encoder

    ingest(LEAVE, "leave.md", external_id="leave")
    embedded = []
    encoder = get_encoder()
    encode = encoder.encode_passages
    monkeypatch.setattr(encoder, "encode_passages", lambda texts: embedded.extend(texts) or encode(texts))

    changed = LEAVE + b"\n# Travel\n\n" + b"First class is for journeys above four hours by train. " * 20
    ingest(changed, "leave.md", external_id="leave")

    assert embedded
    assert not any("parental leave" in text.lower() for text in embedded)
    assert any("80 working days" in text for text in found("How long is parental leave?", bob))


def test_vectors_of_another_company_are_never_used(in_acme, globex, monkeypatch):
    from retrieval.encoders import get_encoder

    ingest(LEAVE, "leave.md")
    embedded = []
    encoder = get_encoder()
    encode = encoder.encode_passages
    monkeypatch.setattr(encoder, "encode_passages", lambda texts: embedded.extend(texts) or encode(texts))

    with context.enter(globex):
        ingest(LEAVE, "leave.md")

    assert any("parental leave" in text.lower() for text in embedded)
