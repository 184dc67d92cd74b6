"""Stored text laid out for a reader: headings, lists and tables again, with one passage marked by its offsets.

Computes from values. All positions are character offsets into VersionText.text.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# A document up to this length is shown whole; a longer one in parts, so that a phone need not lay out a thousand pages.
WHOLE_CHARS = 200_000
PART_CHARS = 60_000
_CELL = re.compile(r" \| ")
# Column names that documents.parsing.tables repeats in every row; longer ones are sentences.
_LABEL = re.compile(r"([^:\n]{1,60}): (?=\S)")


@dataclass(frozen=True)
class Span:
    """Characters `start` (included) to `end` (excluded)."""

    start: int
    end: int


@dataclass(frozen=True)
class Piece:
    """A run of text inside an element. `is_first_cited` is where a link to the passage leads."""

    text: str
    is_cited: bool = False
    is_first_cited: bool = False


Line = tuple[Piece, ...]


@dataclass(frozen=True)
class Element:
    """What the template prints: kind is heading, paragraph, code, list, table or page.

    `lines` holds one line for a heading or paragraph and one per item of a list; `rows` the cells of a table; `header`
    its column names, when it has some; `page` the number at which a new page begins.
    """

    kind: str
    level: int = 0
    lines: tuple[Line, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    page: int | None = None

    @property
    def heading_rank(self) -> int:
        """The rank of its HTML heading: the page's own title is the only h1."""
        return min(max(self.level, 1) + 1, 6)


@dataclass(frozen=True)
class Part:
    """Blocks `first` (included) to `last` (excluded) of a document."""

    first: int
    last: int


def cut_into_parts(*, blocks: Sequence[Mapping[str, Any]]) -> list[Part]:
    """The whole document as one part, or parts of about PART_CHARS that never cut a block. At least one."""
    if not blocks or blocks[-1]["end"] - blocks[0]["start"] <= WHOLE_CHARS:
        return [Part(0, len(blocks))]
    parts, first = [], 0
    for index, block in enumerate(blocks):
        if block["end"] - blocks[first]["start"] > PART_CHARS and index > first:
            parts.append(Part(first, index))
            first = index
    parts.append(Part(first, len(blocks)))
    return parts


def part_with(*, parts: Sequence[Part], blocks: Sequence[Mapping[str, Any]], position: int) -> int:
    """Which part (counted from 0) holds the character at `position`; the last one for a position behind the end."""
    for number, part in enumerate(parts):
        if part.last and position < blocks[part.last - 1]["end"]:
            return number
    return len(parts) - 1


def lay_out(*, text: str, blocks: Sequence[Mapping[str, Any]], cited: Span | None, title: str = "") -> list[Element]:
    """The elements of these blocks, with `cited` marked wherever it runs.

    A document that begins with its own `title` as a heading does not say it twice: the page shows it above.
    """
    marker = _Marker(text, cited)
    if blocks and _is_title(blocks[0], text, title) and not marker.touches(_span(blocks[0])):
        blocks = blocks[1:]
    elements: list[Element] = []
    page = None
    for kind, group in itertools.groupby(blocks, key=lambda block: (block["kind"], block["page"])):
        if kind[1] is not None and kind[1] != page:
            page = kind[1]
            elements.append(Element(kind="page", page=page))
        elements += _elements(kind[0], list(group), marker)
    return elements


def _span(block: Mapping[str, Any]) -> Span:
    return Span(block["start"], block["end"])


def _is_title(block: Mapping[str, Any], text: str, title: str) -> bool:
    return block["kind"] == "heading" and text[block["start"] : block["end"]].casefold() == title.casefold()


def _elements(kind: str, blocks: Sequence[Mapping[str, Any]], marker: "_Marker") -> list[Element]:
    spans = [_span(block) for block in blocks]
    if kind == "list_item":
        return [Element(kind="list", lines=tuple(marker.line(span) for span in spans))]
    if kind == "table":
        return [_table(span, marker) for span in spans]
    if kind == "heading":
        return [
            Element(kind="heading", level=block["level"] or 1, lines=(marker.line(span),))
            for block, span in zip(blocks, spans, strict=True)
        ]
    return [Element(kind="code" if kind == "code" else "paragraph", lines=(marker.line(span),)) for span in spans]


def _table(span: Span, marker: "_Marker") -> Element:
    rows = [_cells(line, marker.text) for line in _split(span, marker.text, re.compile(r"\n"))]
    header = _labels(rows, marker.text)
    if not header:
        return Element(kind="table", rows=tuple(tuple(marker.line(cell) for cell in row) for row in rows))
    body: list[tuple[Line, ...]] = []
    for row in rows:
        by_label = {label: Span(start, cell.end) for cell in row for label, start in [_label(cell, marker.text)]}
        if None in by_label:  # a caption for the rows below it
            body.append((marker.line(by_label[None]),))
            continue
        body.append(tuple(marker.line(by_label[label]) if label in by_label else () for label in header))
    return Element(kind="table", header=header, rows=tuple(body))


def _labels(rows: Sequence[Sequence[Span]], text: str) -> tuple[str, ...]:
    """The column names, when every row names them; empty otherwise."""
    labels: dict[str, None] = {}
    for row in rows:
        found = [_label(cell, text)[0] for cell in row]
        named = [label for label in found if label is not None]
        if len(set(named)) != len(named) or (len(named) != len(row) and len(row) > 1):
            return ()
        labels.update(dict.fromkeys(named))
    # Sentences with colons are no columns: real ones come back in the rows.
    return tuple(labels) if 2 <= len(labels) <= max(len(row) for row in rows) + 1 else ()


def _label(cell: Span, text: str) -> tuple[str | None, int]:
    """A cell's column name and where its value begins."""
    match = _LABEL.match(text, cell.start, cell.end)
    return (match.group(1), match.end()) if match else (None, cell.start)


def _cells(line: Span, text: str) -> list[Span]:
    return _split(line, text, _CELL)


def _split(span: Span, text: str, separator: re.Pattern[str]) -> list[Span]:
    found = list(separator.finditer(text, span.start, span.end))
    starts = [span.start, *(match.end() for match in found)]
    ends = [*(match.start() for match in found), span.end]
    return [Span(start, end) for start, end in zip(starts, ends, strict=True) if end > start]


class _Marker:
    """Cuts spans at the borders of the cited passage; remembers whether its beginning was passed."""

    def __init__(self, text: str, cited: Span | None) -> None:
        self.text = text
        self._cited = cited
        self._is_found = False

    def touches(self, span: Span) -> bool:
        return self._cited is not None and span.start < self._cited.end and self._cited.start < span.end

    def line(self, span: Span) -> Line:
        cited = self._cited
        if cited is None or not self.touches(span):
            return (Piece(self.text[span.start : span.end]),)
        start, end = max(cited.start, span.start), min(cited.end, span.end)
        marked = Piece(self.text[start:end], is_cited=True, is_first_cited=not self._is_found)
        self._is_found = True
        around = (Piece(self.text[span.start : start]), marked, Piece(self.text[end : span.end]))
        return tuple(piece for piece in around if piece.text)
