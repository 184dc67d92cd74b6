"""Rows for page tests, made by hand: a document that was read, and answers that cite it."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from documents.models import Document, DocumentVersion, VersionText
from hr.models import Employee
from retrieval.models import Citation, Conversation, Query

HANDBOOK = (
    ("heading", 1, "Parental leave"),
    ("paragraph", 0, "Valid from 1 January 2026."),
    ("heading", 2, "Length"),
    ("paragraph", 0, "Parents receive 16 weeks of paid parental leave. It is taken within a year of the birth."),
    ("list_item", 0, "Twins: 20 weeks."),
    ("list_item", 0, "Adoption: the same as birth."),
    ("table", 0, "Parent: Mother | Weeks: 16\nParent: Father | Weeks: 12"),
)


def make_document(
    *,
    title: str = "Parental leave",
    blocks: tuple[tuple[str, int, str], ...] = HANDBOOK,
    is_confidential: bool = False,
    page: int | None = 3,
    storage_key: str = "",
) -> Document:
    """A ready document in the current tenant, serving its first version."""
    document = Document.objects.create(title=title, is_confidential=is_confidential, created_by="employee:1")
    document.serving_version = make_version(
        document=document, number=1, blocks=blocks, page=page, storage_key=storage_key
    )
    document.save()
    return document


def make_version(
    *,
    document: Document,
    number: int,
    blocks: tuple[tuple[str, int, str], ...] = HANDBOOK,
    page: int | None = 3,
    storage_key: str = "",
) -> DocumentVersion:
    """A ready version with its text, in force since the first day of year 2019 + `number`; it does not serve yet."""
    first_day = date(2019 + number, 1, 1)
    document.versions.filter(effective_to=None).update(effective_to=first_day - timedelta(days=1))
    version = DocumentVersion.objects.create(
        document=document,
        number=number,
        state=DocumentVersion.State.READY,
        sha256="0" * 64,
        size_bytes=1,
        original_name=f"{document.title}.pdf",
        media_type="application/pdf",
        storage_key=storage_key,
        uploaded_by="employee:1",
        effective_from=first_day,
    )
    rows: list[dict[str, Any]] = []
    position, path = 0, []
    for kind, level, text in blocks:
        if kind == "heading":
            path = [*path[: level - 1], text]
        row = {"kind": kind, "level": level, "page": page, "heading_path": path}
        rows.append(row | {"start": position, "end": position + len(text)})
        position += len(text) + 2
    VersionText.objects.create(version=version, text="\n\n".join(text for *_, text in blocks), blocks=rows)
    return version


def make_answer(
    *,
    employee: Employee,
    quotes: tuple[tuple[Document, str], ...] = (),
    sentences: list[dict[str, Any]] | None = None,
    question: str = "How many weeks of parental leave do I get?",
    outcome: str = "answered",
    confidence: float = 0.9,
    generator: str = "extractive",
    conversation: Conversation | None = None,
) -> Query:
    """A stored answer; each quote is a citation of its document's serving version, and by default one sentence."""
    now = timezone.now()
    if conversation is None:
        conversation = Conversation.objects.create(employee=employee, title=question[:200], updated_at=now)
    if sentences is None:
        sentences = [{"text": quote, "citations": [n]} for n, (_, quote) in enumerate(quotes, start=1)]
    query = Query.objects.create(
        conversation=conversation,
        employee=employee,
        asked_at=now,
        question=question,
        outcome=outcome,
        answer=" ".join(sentence["text"] for sentence in sentences),
        sentences=sentences if outcome == "answered" else [],
        generator=generator,
        confidence=confidence,
        threshold=0.5,
        prompt_version="test",
        embed_model="test",
    )
    for n, (document, quote) in enumerate(quotes, start=1):
        _cite(query, n, document, quote)
    return query


def _cite(query: Query, n: int, document: Document, quote: str) -> None:
    version = document.serving_version
    assert version is not None
    start = version.parsed.text.find(quote)
    assert start >= 0, f"{quote!r} is not in the document"
    block = next(block for block in version.parsed.blocks if block["end"] > start)
    Citation.objects.create(
        query=query,
        n=n,
        chunk_id=uuid.uuid4(),
        document_id=document.pk,
        version_id=version.pk,
        title=document.title,
        heading=" > ".join(block["heading_path"]),
        page=block["page"],
        quote=quote,
        start=start,
        end=start + len(quote),
        is_source=query.outcome == "answered",
    )
