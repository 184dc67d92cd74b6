"""Question sets on disk: corpus.jsonl {id, title, text, tenant?}, queries.jsonl {id, text, tenant?}, qrels.tsv."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class QuestionSetInvalid(ValueError):
    """The folder is not a question set; the message names the file and line."""


@dataclasses.dataclass(frozen=True)
class CorpusDocument:
    """``group`` is the set's own "tenant" column: questions are asked within their group. Empty when it has none."""

    id: str
    title: str
    text: str
    group: str


@dataclasses.dataclass(frozen=True)
class TestQuestion:
    """A question with the grades of its judged documents."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    id: str
    text: str
    group: str
    relevance: Mapping[str, int]


@dataclasses.dataclass(frozen=True)
class QuestionSet:
    """Questions without a relevant document are left out: they have no right ranking.

    ``ingest`` is the folder of original files when the set has one (document ids are then ``group:path below group``).
    """

    name: str
    documents: tuple[CorpusDocument, ...]
    questions: tuple[TestQuestion, ...]
    ingest: Path | None

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(sorted({document.group for document in self.documents}))


def load_question_set(*, folder: Path) -> QuestionSet:
    """:raises QuestionSetInvalid: if a file is missing or a line cannot be read."""
    relevance = _read_relevance(folder / "qrels.tsv")
    documents = tuple(
        CorpusDocument(id=row["id"], title=row.get("title", ""), text=row["text"], group=row.get("tenant", ""))
        for row in _read_rows(folder / "corpus.jsonl")
    )
    questions = tuple(
        TestQuestion(id=row["id"], text=row["text"], group=row.get("tenant", ""), relevance=relevance[row["id"]])
        for row in _read_rows(folder / "queries.jsonl")
        if any(grade > 0 for grade in relevance.get(row["id"], {}).values())
    )
    ingest = folder / "ingest"
    return QuestionSet(
        name=folder.resolve().name,
        documents=documents,
        questions=questions,
        ingest=ingest if ingest.is_dir() else None,
    )


def _read_rows(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in _numbered_lines(path):
        try:
            row = json.loads(line)
            if not isinstance(row["id"], str) or not isinstance(row["text"], str):
                raise TypeError("id and text must be strings")
        except (ValueError, KeyError, TypeError) as error:
            raise QuestionSetInvalid(f"{path.name}, line {number}: {error!r}") from error
        yield row


def _read_relevance(path: Path) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    for number, line in _numbered_lines(path):
        try:
            question, document, grade = line.split("\t")
            grades.setdefault(question, {})[document] = int(grade)
        except ValueError as error:
            raise QuestionSetInvalid(f"{path.name}, line {number}: {error}") from error
    return grades


def _numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionSetInvalid(f"{path.name}: {error}") from error
