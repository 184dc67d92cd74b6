"""The demo's texts are honest test material: complete, fictional, and different in each company."""

import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

import docx
import pypdfium2
import pytest

from ragsite.demo import catalog

ACME, GLOBEX = catalog.load_catalog()
DOCUMENTS = ACME.documents + GLOBEX.documents

COMPANIES = pytest.mark.parametrize("company", [ACME, GLOBEX], ids=lambda company: company.slug)
EACH_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.external_id)
BUILT = pytest.mark.parametrize(
    "document",
    [document for document in DOCUMENTS if catalog.source_of(document=document)],
    ids=lambda document: document.external_id,
)

MIN_WORDS, MAX_WORDS = 700, 1_800
MAX_FILE_BYTES = 200_000
# Shorter sentences ("Who can help?") may coincide without harm.
SHARED_SENTENCE_CHARS = 60


class _HtmlText(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = False

    def handle_starttag(self, tag, attrs):
        self.hidden = tag in {"style", "title", "script"}
        self.parts.append(" ")

    def handle_endtag(self, tag):
        self.hidden = False
        self.parts.append("\n" if tag in {"p", "li", "td", "th", "h1", "h2", "h3"} else "")

    def handle_data(self, data):
        self.parts.append("" if self.hidden else re.sub(r"\s+", " ", data))


def _pdf_text(path: Path) -> str:
    pdf = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()


def _docx_text(path: Path) -> str:
    file = docx.Document(str(path))
    cells = (cell.text for table in file.tables for row in table.rows for cell in row.cells)
    return "\n".join(chain((paragraph.text for paragraph in file.paragraphs), cells))


def _html_text(path: Path) -> str:
    reader = _HtmlText()
    reader.feed(path.read_text(encoding="utf-8"))
    return "".join(reader.parts)


@cache
def text_of(path: Path) -> str:
    """Text as a reader of the built file sees it."""
    readers = {".pdf": _pdf_text, ".docx": _docx_text, ".html": _html_text}
    if path.suffix in readers:
        return readers[path.suffix](path)
    return path.read_text(encoding="utf-8")


def flat(text: str) -> str:
    """One line, so that a wrapped sentence is found."""
    return re.sub(r"\s+", " ", text)


def letters(text: str) -> str:
    """Letters and digits only: PDF readers treat spaces and hyphens at a line end in their own way."""
    return re.sub(r"[\W_]+", "", text)


def document_named(company: catalog.DemoCompany, external_id: str) -> catalog.DemoDocument:
    return next(document for document in company.documents if document.external_id == external_id)


def sentences_of(document: catalog.DemoDocument) -> set[str]:
    """Lower-case sentences, headings and table cells. A line break alone ends none: TXT files are wrapped."""
    pieces = re.split(
        r"(?<=[.!?:])\s+|\n\s*\n|\n(?=[-*#|\d])|\|", text_of(catalog.source_of(document=document) or document.path)
    )
    return {flat(piece).strip(" -*#").lower() for piece in pieces}


@COMPANIES
def test_each_company_has_at_least_fifteen_documents_in_five_formats(company):
    formats = Counter(document.path.suffix for document in company.documents)

    assert len(company.documents) >= 15
    assert set(formats) == {".md", ".html", ".txt", ".docx", ".pdf"}
    assert min(formats.values()) >= 2


def test_every_file_is_in_the_manifest_and_every_entry_has_its_file():
    on_disk = {path for path in catalog.CONTENT_DIR.glob("*/*") if path.is_file()}

    assert {document.path for document in DOCUMENTS} == on_disk
    assert max(path.stat().st_size for path in on_disk) < MAX_FILE_BYTES


def test_external_ids_are_unique_and_name_their_company():
    ids = [document.external_id for document in DOCUMENTS]

    assert len(set(ids)) == len(ids)
    for company in (ACME, GLOBEX):
        assert all(document.external_id.startswith(f"{company.slug}-") for document in company.documents)


@EACH_DOCUMENT
def test_document_is_as_long_as_a_real_one(document):
    assert MIN_WORDS <= len(text_of(document.path).split()) <= MAX_WORDS


@EACH_DOCUMENT
def test_document_names_only_addresses_that_nobody_owns(document):
    domains = re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)*)", text_of(document.path))

    assert all(domain == f"{document.path.parent.name}.example" for domain in domains)
    assert not re.search(r"https?://|www\.", text_of(document.path))


@BUILT
def test_built_file_says_what_its_source_says(document):
    source = catalog.source_of(document=document).read_text(encoding="utf-8")
    without_footers = re.sub(r"[^\n]*Page \d of \d", "", text_of(document.path))

    pieces = re.split(r"[\n|]", re.sub(r"^(#+|-|\d\.) ", "", source, flags=re.MULTILINE))
    missing = [piece for piece in pieces if letters(piece) not in letters(without_footers)]

    assert missing == []


def test_companies_share_no_sentence():
    acme = set().union(*(sentences_of(document) for document in ACME.documents))
    globex = set().union(*(sentences_of(document) for document in GLOBEX.documents))

    assert {each for each in acme & globex if len(each) > SHARED_SENTENCE_CHARS} == set()


@COMPANIES
def test_no_document_mentions_the_other_company(company):
    other = "globex" if company is ACME else "acme"

    assert [each.external_id for each in company.documents if other in text_of(each.path).lower()] == []


@COMPANIES
def test_expected_text_stands_in_the_expected_document(company):
    questions = company.check_questions + company.canary_questions + company.confidential_questions
    missing = [
        question.question
        for question in questions
        if question.must_contain not in flat(text_of(document_named(company, question.external_id).path))
    ]

    assert missing == []


@COMPANIES
def test_suggested_questions_are_answerable(company):
    assert len(company.suggested_questions) == 6
    assert set(company.suggested_questions) <= {question.question for question in company.check_questions}


@COMPANIES
def test_check_questions_ask_only_documents_open_to_employees(company):
    open_ids = {document.external_id for document in company.documents if not document.is_confidential}
    questions = company.check_questions + company.canary_questions

    assert len(company.check_questions) >= 12
    assert len(company.abstain_questions) == 3
    assert {question.external_id for question in questions} <= open_ids


@COMPANIES
def test_confidential_figures_stand_in_no_other_document(company):
    confidential_ids = {document.external_id for document in company.documents if document.is_confidential}

    assert len(confidential_ids) == 1
    for question in company.confidential_questions:
        assert question.external_id in confidential_ids
        figure = re.search(r"\d[\d,.]*", question.must_contain)[0]
        others = [each for each in DOCUMENTS if each.external_id != question.external_id]
        found = [each.external_id for each in others if re.search(rf"\b{figure}\b", text_of(each.path))]
        assert found == []


@COMPANIES
def test_canary_facts_are_unknown_to_the_other_company(company):
    other = GLOBEX if company is ACME else ACME
    other_text = flat(" ".join(text_of(document.path) for document in other.documents))

    assert [each.question for each in company.canary_questions if each.must_contain in other_text] == []


def test_parental_leave_is_one_sentence_with_a_different_figure_in_each_company():
    acme = flat(text_of(document_named(ACME, "acme-parental-leave").path))
    globex = flat(text_of(document_named(GLOBEX, "globex-parental-leave").path))

    assert "Employees receive 80 working days of paid parental leave per child." in acme
    assert "Employees receive 65 working days of paid parental leave per child." in globex


@COMPANIES
def test_accounts_cover_each_role_once(company):
    accounts = {person.role: person.email for person in company.people}

    assert accounts == {role: f"{role}@{company.slug}.example" for role in ("hr", "manager", "employee", "ceo")}
    assert company.hr_contact_email == accounts["hr"]


@BUILT
def test_built_file_carries_no_trace_of_the_machine_that_built_it(document):
    content = document.path.read_bytes()

    assert not re.search(rb"/(tmp|work|home|root)/|file://|Chrome/", content)
