"""What the demo consists of: two fictional companies, their people, documents and check questions.

Everything is read from ``content/manifest.json`` and ``content/questions.json``. This module knows no database and no
Django; seeding, tests and the document builder all start from :func:`load_catalog`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

CONTENT_DIR = Path(__file__).parent / "content"
# Everybody who works there, as files that can be imported; made-up people.
PEOPLE_DIR = Path(__file__).parent / "people"
# Readable Markdown of the DOCX and PDF files; scripts/build_demo_documents.py renders it.
SOURCES_DIR = Path(__file__).parent / "sources"

OPERATOR_EMAIL = "operator@platform.example"
# Some things take two operators: whoever suspended a company cannot resume it.
SECOND_OPERATOR_EMAIL = "second.operator@platform.example"


@dataclass(frozen=True)
class DemoPerson:
    """An account of a demo company; ``role`` is one of employee, manager, hr, ceo."""

    email: str
    first_name: str
    last_name: str
    role: str


@dataclass(frozen=True)
class DemoDocument:
    """A file to upload, with the values an HR person would type beside it. ``language`` is an ISO 639-1 code."""

    path: Path
    title: str
    external_id: str
    is_confidential: bool
    language: str


@dataclass(frozen=True)
class DemoQuestion:
    """A question whose answer must cite the document ``external_id`` and contain the text ``must_contain``."""

    question: str
    external_id: str
    must_contain: str


@dataclass(frozen=True)
class DemoCompany:
    """One tenant of the demo. ``people`` are those with known accounts; ``people_path`` lists them and all others.

    ``check_questions`` are answerable for every employee and include the suggested ones. ``canary_questions`` ask for
    facts that the other company does not know. ``confidential_questions`` are answerable for hr and ceo only.
    ``abstain_questions`` must not be answered at all.
    """

    slug: str
    name: str
    domain_label: str
    hr_contact_name: str
    hr_contact_email: str
    people: tuple[DemoPerson, ...]
    people_path: Path
    documents: tuple[DemoDocument, ...]
    suggested_questions: tuple[str, ...]
    check_questions: tuple[DemoQuestion, ...]
    canary_questions: tuple[DemoQuestion, ...]
    confidential_questions: tuple[DemoQuestion, ...]
    abstain_questions: tuple[str, ...]


def load_catalog() -> tuple[DemoCompany, ...]:
    """Return the demo companies in manifest order. Reads two small files on each call.

    :raises KeyError: if an entry of the manifest or of the questions lacks a field.
    """
    manifest = _read_json("manifest.json")
    questions = _read_json("questions.json")
    return tuple(_company(entry, questions[entry["slug"]]) for entry in manifest["companies"])


def source_of(*, document: DemoDocument) -> Path | None:
    """Return the Markdown a DOCX or PDF was rendered from; None for files that are written by hand."""
    if document.path.suffix not in {".docx", ".pdf"}:
        return None
    return SOURCES_DIR / document.path.parent.name / f"{document.path.stem}.md"


def _company(entry: dict, questions: dict) -> DemoCompany:
    return DemoCompany(
        slug=entry["slug"],
        name=entry["name"],
        domain_label=entry["domain_label"],
        hr_contact_name=entry["hr_contact"]["name"],
        hr_contact_email=entry["hr_contact"]["email"],
        people=tuple(DemoPerson(**person) for person in entry["people"]),
        people_path=PEOPLE_DIR / f"{entry['slug']}.csv",
        documents=tuple(_document(document) for document in entry["documents"]),
        suggested_questions=tuple(entry["suggested_questions"]),
        check_questions=tuple(DemoQuestion(**question) for question in questions["answerable"]),
        canary_questions=tuple(DemoQuestion(**question) for question in questions["canaries"]),
        confidential_questions=tuple(DemoQuestion(**question) for question in questions["confidential"]),
        abstain_questions=tuple(questions["unanswerable"]),
    )


def _document(entry: dict) -> DemoDocument:
    return DemoDocument(
        path=CONTENT_DIR / entry["file"],
        title=entry["title"],
        external_id=entry["external_id"],
        is_confidential=entry["is_confidential"],
        language=entry["language"],
    )


def _read_json(name: str) -> dict:
    return json.loads((CONTENT_DIR / name).read_text(encoding="utf-8"))
