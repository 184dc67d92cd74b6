"""Which files are taken in, and what people are told about the others."""

from pathlib import Path

import pytest

from documents.parsing import CODES, Limits, ParseFailed, Rejected, advice_for
from documents.tests.samples import WORD, docx, line, paragraph, parse, pdf, texts, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
A_PDF = pdf(line("Leave is granted.", y=700))
A_DOCX = docx(paragraph("Leave is granted."))


def code_of(folder: Path, *, name: str, content: bytes | str, limits: Limits | None = None) -> str:
    with pytest.raises((Rejected, ParseFailed)) as refusal:
        parse(folder, name=name, content=content, limits=limits)
    assert refusal.value.message == advice_for(code=refusal.value.code)
    return refusal.value.code


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", A_PDF, "application/pdf"),
        ("A.PDF", A_PDF, "application/pdf"),
        ("a", A_PDF, "application/pdf"),
        ("a.docx", A_DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.html", "<p>Leave is granted.</p>", "text/html"),
        ("a.htm", "Leave is granted.", "text/html"),
        ("a", "<!DOCTYPE html><p>Leave is granted.</p>", "text/html"),
        ("a.md", "Leave is granted.", "text/markdown"),
        ("a.md", "<p>Leave is granted.</p>", "text/markdown"),
        ("a.txt", "Leave is granted.", "text/plain"),
        ("../../etc/passwd.txt", "Leave is granted.", "text/plain"),
        ("Stra\udcdfe \u202e.txt", "Leave is granted.", "text/plain"),
        ("x" * 5000 + ".txt", "Leave is granted.", "text/plain"),
    ],
)
def test_content_decides_the_type_and_names_only_choose_among_texts(
    tmp_path: Path, name: str, content: bytes | str, media_type: str
) -> None:
    parsed = parse(tmp_path, name=name, content=content)

    assert parsed.media_type == media_type
    assert texts(parsed) == ["Leave is granted."]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\r\n", "empty"),
        ("a.docx", A_PDF, "type_mismatch"),
        ("a.pdf", A_DOCX, "type_mismatch"),
        ("a.pdf", b"just text", "type_mismatch"),
        ("a.exe", A_PDF, "type_mismatch"),
        ("a.txt", bytes(range(256)) * 20, "type_mismatch"),
        ("a.docx", zipped({"xl/workbook.xml": "<a/>"}), "type_mismatch"),
        ("a.zip", zipped({"notes.txt": "hello"}), "unsupported_type"),
        ("a.doc", OLE, "unsupported_type"),
        ("a.rtf", b"{\\rtf1 hello}", "unsupported_type"),
        ("a.csv", b"name,days\nbob,3\n", "unsupported_type"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "unsupported_type"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("a.docx", zipped({"word/document.xml": "<a/>", "word/vbaProject.bin": b"x"}), "macro"),
        ("a.docx", A_DOCX[:-30], "malformed"),
        ("a.docx", zipped({"word/document.xml": "<w:document"}), "malformed"),
        ("a.pdf", b"%PDF-1.7\nnothing that is a PDF", "malformed"),
        ("a.docx", docx(paragraph("")), "no_text"),
        ("a.pdf", pdf(""), "no_text"),
        ("a.html", "<script>let x = 1</script>", "no_text"),
    ],
)
def test_unacceptable_files_end_with_a_code_that_says_why(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    assert code_of(tmp_path, name=name, content=content) == code


def test_archive_that_unpacks_to_far_more_than_it_weighs_is_too_large(tmp_path: Path) -> None:
    bomb = zipped({"word/document.xml": bytes(60_000_000)})

    assert len(bomb) < 100_000
    assert code_of(tmp_path, name="a.docx", content=bomb) == "too_large"


def test_archive_with_too_many_entries_is_too_large(tmp_path: Path) -> None:
    crowd = zipped({f"word/{number}.xml": b"" for number in range(20)})

    assert code_of(tmp_path, name="a.docx", content=crowd, limits=Limits(max_entries=10)) == "too_large"


def test_bytes_pages_and_characters_have_limits(tmp_path: Path) -> None:
    assert code_of(tmp_path, name="a.txt", content="a" * 101, limits=Limits(max_bytes=100)) == "too_large"
    assert code_of(tmp_path, name="a.txt", content="a" * 101, limits=Limits(max_text_chars=100)) == "too_large"
    assert code_of(tmp_path, name="a.html", content="a" * 101, limits=Limits(max_text_chars=100)) == "too_large"
    two_pages = pdf(line("One", y=700), line("Two", y=700))
    assert code_of(tmp_path, name="a.pdf", content=two_pages, limits=Limits(max_pages=1)) == "too_many_pages"


def test_entities_in_word_files_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    run = "<w:p><w:r><w:t>&x;</w:t></w:r></w:p>"
    for entity in (f'<!ENTITY x SYSTEM "file://{secret}">', '<!ENTITY x "aaaa">'):
        part = f"<!DOCTYPE w:document [{entity}]><w:document {WORD}><w:body>{run}</w:body></w:document>"
        attack = zipped({"word/document.xml": part})
        assert code_of(tmp_path, name="a.docx", content=attack) == "malformed"


def test_every_code_tells_a_person_what_to_do() -> None:
    assert set(CODES) == {
        *("unsupported_type", "type_mismatch", "encrypted", "too_large", "too_many_pages", "empty", "no_text"),
        *("malformed", "timeout", "memory", "macro"),
    }
    for code in CODES:
        problem_and_remedy = advice_for(code=code)
        assert len(problem_and_remedy) > 40
        assert problem_and_remedy.endswith(".")
