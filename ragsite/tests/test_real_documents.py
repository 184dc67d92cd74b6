"""Real handbooks, hostile files and our own demo go through the whole product."""

import io
import json
from pathlib import Path

import pytest

from documents import services as documents
from documents.models import Document, DocumentVersion
from hr.models import Employee
from ragsite.demo import catalog
from retrieval import services
from retrieval.models import Chunk

DOCUMENTED_CODES = {
    "unsupported_type", "type_mismatch", "encrypted", "too_large", "too_many_pages", "empty",
    "no_text", "malformed", "timeout", "memory", "macro",
}  # fmt: skip


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def take_in(path: Path, **kwargs) -> DocumentVersion:
    with path.open("rb") as source:
        receipt = documents.receive(source=source, original_name=path.name, **kwargs)
    documents.process_version(version_id=receipt.version.pk)
    return DocumentVersion.objects.get(pk=receipt.version.pk)


@pytest.mark.hr_data
def test_question_about_a_real_pdf_is_answered_with_the_right_page(in_acme, bob, hr_data):
    version = take_in(hr_data / "handbooks" / "contoso" / "Northwind_Standard_Benefits_Details.pdf")
    assert version.state == "ready"

    rows = rows_of(hr_data / "questions" / "contoso" / "corpus.jsonl")
    assert version.page_count == sum(row["id"].startswith("Northwind_Standard_Benefits_Details") for row in rows)
    answer = services.ask(question="Does Northwind Standard cover emergency services?", employee=bob)

    assert answer.outcome == "answered"
    parsed = version.parsed
    for citation in answer.citations:
        assert citation.page is not None
        block = next(b for b in parsed.blocks if b["start"] <= citation.start < b["end"])
        assert block["page"] == citation.page
        assert parsed.text[citation.start : citation.end] == citation.quote


@pytest.mark.hr_data
@pytest.mark.slow
def test_every_hostile_file_ends_in_a_final_state_with_a_documented_code(in_acme, hr_data):
    rows = rows_of(hr_data / "hostile" / "files.jsonl")
    wanted_in = wanted_out = taken_in = kept_out = 0
    for row in rows:
        version = take_in(hr_data / "hostile" / "files" / row["file"])
        assert version.state in DocumentVersion.FINAL, row["file"]
        if version.state != "ready":
            assert version.error_code in DOCUMENTED_CODES, (row["file"], version.error_code)
        wanted_in += row["must"] == "ingest"
        wanted_out += row["must"] == "reject"
        taken_in += row["must"] == "ingest" and version.state == "ready"
        kept_out += row["must"] == "reject" and version.state != "ready"

    assert taken_in / wanted_in >= 0.98
    assert kept_out == wanted_out


@pytest.mark.slow
@pytest.mark.parametrize("company", catalog.load_catalog(), ids=lambda company: company.slug)
def test_demo_company_answers_its_own_questions(in_acme, bob, alice, company):
    for document in company.documents:
        version = take_in(
            document.path,
            title=document.title,
            external_id=document.external_id,
            is_confidential=document.is_confidential,
        )
        assert version.state == "ready", (document.path.name, version.error_code)
    names = dict(Document.objects.values_list("pk", "external_id"))

    asked = [*company.check_questions, *company.canary_questions]
    missed = [q.question for q in asked if not _is_answered(q, bob, names)]
    withheld = [q for q in company.confidential_questions if _is_answered(q, bob, names)]
    told = [q for q in company.confidential_questions if _is_answered(q, alice, names)]

    assert missed == []
    assert withheld == []
    assert told == list(company.confidential_questions)
    assert Chunk.objects.count() > 100


def _is_answered(question: catalog.DemoQuestion, employee: Employee, names: dict) -> bool:
    answer = services.ask(question=question.question, employee=employee)
    cited = {names[citation.document_id] for citation in answer.citations}
    return question.must_contain.lower() in answer.text.lower() and question.external_id in cited


def test_file_of_a_company_is_read_back_as_it_was_uploaded(in_acme):
    from documents import files

    content = bytes(range(256)) * 100
    receipt = documents.receive(source=io.BytesIO(content), original_name="odd.bin")

    with files.open_stored(receipt.version.storage_key) as stored:
        assert stored.read() == content
