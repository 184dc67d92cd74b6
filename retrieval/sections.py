"""From blocks to units (sentences, items, rows) and from units to sections: what may stand in one passage."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from retrieval.sentences import Span, split_rows, split_sentences

if TYPE_CHECKING:
    from retrieval.chunking import Block

_SEPARATOR_CHARS = 2  # the blank line between two blocks of the stored text
_RULE_ROW = re.compile(r"[\s|:+-]*")


@dataclasses.dataclass(frozen=True)
class Unit:
    """The smallest piece that is never cut: a sentence, a list item, a table row, a heading.

    ``start`` and ``end`` are offsets into the stored text. ``table_header`` is the table's first row when this unit
    is a later row of it, else empty. ``path`` is the heading path of the text (for a heading: the headings above and
    itself).
    """

    start: int
    end: int
    tokens: int
    page: int | None
    path: tuple[str, ...]
    is_heading: bool = False
    table_header: str = ""


@dataclasses.dataclass(frozen=True)
class Section:
    """Units that may share a passage, and the heading path they have in common."""

    path: tuple[str, ...]
    units: tuple[Unit, ...]


def units_of(*, blocks: Sequence[Block], count_tokens: Callable[[str], int], limit_tokens: int) -> list[Unit]:
    """Every visible character of the blocks in units of at most ``limit_tokens``, in reading order."""
    units: list[Unit] = []
    offset = 0
    for block in blocks:
        units.extend(_units_of_block(block, offset, count_tokens, limit_tokens))
        offset += len(block.text) + _SEPARATOR_CHARS
    return units


def group_sections(*, units: Iterable[Unit], limit_tokens: int) -> list[Section]:
    """Sections by page and heading; neighbours that belong together are joined while both fit in ``limit_tokens``.

    A section's own heading is not part of its text (it is in the path), unless sections were joined: then the headings
    between and before them are, because the common path no longer names them.
    """
    merged: list[_Draft] = []
    for section in _drafts(units):
        if merged and merged[-1].joins(section, limit_tokens=limit_tokens):
            merged[-1] = merged[-1].joined(section)
        else:
            merged.append(section)
    return [draft.finished() for draft in merged]


def _units_of_block(block: Block, offset: int, count_tokens: Callable[[str], int], limit_tokens: int) -> Iterator[Unit]:
    is_heading = block.kind == "heading"
    is_table = block.kind == "table"
    path = tuple(block.heading_path)
    if is_heading and (not path or path[-1] != block.text):
        path = (*path, block.text)
    rows = split_rows(text=block.text) if block.kind in ("table", "code") else split_sentences(text=block.text)
    first = block.text[rows[0].start : rows[0].end] if rows and is_table else ""
    for number, row in enumerate(rows):
        for span in _fitting(block.text, row, count_tokens, limit_tokens):
            yield Unit(
                start=offset + span.start,
                end=offset + span.end,
                tokens=count_tokens(block.text[span.start : span.end]),
                page=block.page,
                path=path,
                is_heading=is_heading,
                table_header=first if is_table and number else "",
            )


def _fitting(text: str, span: Span, count_tokens: Callable[[str], int], limit_tokens: int) -> Iterator[Span]:
    """The span, or pieces of it between words (inside a word when a word is too long), each within the limit."""
    if count_tokens(text[span.start : span.end]) <= limit_tokens or span.end - span.start == 1:
        yield span
        return
    middle = _cut_position(text, span)
    left = text[span.start : middle].rstrip()
    right = text[middle : span.end].lstrip()
    yield from _fitting(text, Span(span.start, span.start + len(left)), count_tokens, limit_tokens)
    yield from _fitting(text, Span(span.end - len(right), span.end), count_tokens, limit_tokens)


def _cut_position(text: str, span: Span) -> int:
    """The white space nearest to the middle of the span, else the middle."""
    middle = (span.start + span.end) // 2
    gaps = [match.start() for match in re.finditer(r"\s+", text[span.start : span.end])]
    if not gaps:
        return middle
    return span.start + min(gaps, key=lambda gap: abs(span.start + gap - middle))


@dataclasses.dataclass(frozen=True)
class _Draft:
    """A section while sections are being joined: its headings are kept apart from its body."""

    path: tuple[str, ...]
    headings: tuple[Unit, ...]
    body: tuple[Unit, ...]
    parts: int = 1

    @property
    def page(self) -> int | None:
        return self.body[0].page

    @property
    def tokens(self) -> int:
        return sum(unit.tokens for unit in (*self.headings, *self.body))

    def joins(self, other: _Draft, *, limit_tokens: int) -> bool:
        return (
            self.page == other.page and self.tokens + other.tokens <= limit_tokens and _are_close(self.path, other.path)
        )

    def joined(self, other: _Draft) -> _Draft:
        body = (*self.body, *other.headings, *other.body)
        return _Draft(_common(self.path, other.path), self.headings, body, self.parts + 1)

    def finished(self) -> Section:
        units = (*self.headings, *self.body) if self.parts > 1 else self.body
        return Section(path=self.path, units=units)


def _drafts(units: Iterable[Unit]) -> Iterator[_Draft]:
    """Maximal runs of body units of one page and path, each with the headings right before it."""
    headings: list[Unit] = []
    body: list[Unit] = []
    for unit in units:
        if body and (unit.is_heading or (unit.page, unit.path) != (body[0].page, body[0].path)):
            yield _with_headings(headings, body)
            headings, body = [], []
        if unit.is_heading:
            headings.append(unit)
            continue
        if not body:
            lone = [number for number, heading in enumerate(headings, start=1) if not _is_above(heading, unit)]
            yield from _heading_drafts(headings[: max(lone, default=0)])
            headings = headings[max(lone, default=0) :]
        body.append(unit)
    if body:
        yield _with_headings(headings, body)
    else:
        yield from _heading_drafts(headings)


def _with_headings(headings: Sequence[Unit], body: Sequence[Unit]) -> _Draft:
    on_page = tuple(heading for heading in headings if heading.page == body[0].page)
    return _Draft(body[0].path, on_page, tuple(body))


def _heading_drafts(headings: Sequence[Unit]) -> Iterator[_Draft]:
    """Headings with nothing below them: no path names them, so they are text, one section per page."""
    for _, group in itertools.groupby(headings, key=lambda heading: heading.page):
        body = tuple(group)
        yield _Draft(body[0].path[:-1], (), body)


def _is_above(heading: Unit, unit: Unit) -> bool:
    """Whether the text's path names the heading; else the heading must stand in a passage itself."""
    return heading.path == unit.path[: len(heading.path)]


def _are_close(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Same section, siblings under one parent, or one inside the other."""
    shared = len(_common(first, second))
    return shared >= max(len(first), len(second)) - 1 or shared == min(len(first), len(second))


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    shared = 0
    while shared < min(len(first), len(second)) and first[shared] == second[shared]:
        shared += 1
    return first[:shared]
