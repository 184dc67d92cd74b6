"""Cut a parsed document into passages: token-aware, heading-aware, on sentence boundaries, with exact offsets.

A passage is a slice of the stored text and nothing else, so that a citation can be highlighted. What is embedded has
more: title and heading path in front, and the header row when a table was cut.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from retrieval.sections import Section, Unit, group_sections, units_of

CountTokens = Callable[[str], int]

# Recorded with an index generation: passages of two chunkers do not mix. Raise it when the same input is cut
# differently.
CHUNKER_VERSION = "1"

# Measured with all-MiniLM-L6-v2 on real handbooks whose authors marked the answering passage (67 questions): share of
# its words in the first five passages .70 here, .60 at 150/30, .71 at 240/40; nDCG@10 of documents .817, .804, .800.
CHUNK_SIZE_TOKENS = 200
CHUNK_OVERLAP_TOKENS = 40

# Title and heading path in front of what is embedded; more would crowd out the text.
HEADER_TOKENS = 48

# What a 256-token model reads besides its two markers.
EMBED_TOKENS = 254

HEADING_SEPARATOR = " > "

# In what is embedded the headings read like sentences: the model was trained on prose (.817 against .809 with " > ").
_HEADER_SEPARATOR = ". "


class Block(Protocol):
    """What the chunker needs of a parsed block (documents.parsing makes them)."""

    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def page(self) -> int | None: ...
    @property
    def heading_path(self) -> tuple[str, ...]: ...


@dataclasses.dataclass(frozen=True)
class ChunkDraft:
    """One passage. ``start`` and ``end`` are character offsets into the stored text, ``text`` is exactly that slice.

    ``heading`` is the path of headings, outermost first; ``token_count`` counts ``text`` without special tokens;
    ``embed_text`` is what encoders and BM25 read.
    """

    ordinal: int
    text: str
    heading: str
    page_from: int | None
    page_to: int | None
    start: int
    end: int
    token_count: int
    embed_text: str


class ChunkSizeInvalid(ValueError):
    """Size and overlap do not make sense together."""


def stored_text(*, blocks: Sequence[Block]) -> str:
    """The text of a version, which all offsets refer to: its blocks, a blank line between them."""
    return "\n\n".join(block.text for block in blocks)


def chunk_blocks(
    *,
    blocks: Sequence[Block],
    title: str,
    count_tokens: CountTokens,
    size_tokens: int = CHUNK_SIZE_TOKENS,
    overlap_tokens: int = CHUNK_OVERLAP_TOKENS,
    embed_tokens: int = EMBED_TOKENS,
) -> list[ChunkDraft]:
    """Passages of a document in reading order; the same input gives the same passages.

    A passage stays within one page and one section, except that neighbouring small sections under one parent heading
    share a passage while they fit: alone they say too little to be found or to answer. It never exceeds
    ``size_tokens`` (less where title and headings need the room), and its ``embed_text`` never exceeds
    ``embed_tokens``, so the model cuts nothing off.

    :param count_tokens: the encoder's own count for bare text.
    :param embed_tokens: the encoder's ``max_tokens - special_tokens``.
    :raises ChunkSizeInvalid: if ``size_tokens`` < 8, or the overlap is negative or more than half of it.
    """
    if size_tokens < 8 or not 0 <= overlap_tokens <= size_tokens // 2:
        raise ChunkSizeInvalid(f"size {size_tokens}, overlap {overlap_tokens}")
    text = stored_text(blocks=blocks)
    count_tokens = functools.cache(count_tokens)  # a heading and a table's first row are asked for again and again
    cutter = _Cutter(text, title, count_tokens, size_tokens, overlap_tokens, embed_tokens)
    units = units_of(blocks=blocks, count_tokens=count_tokens, limit_tokens=cutter.unit_tokens)
    sections = group_sections(units=units, limit_tokens=cutter.unit_tokens)
    drafts = (draft for section in sections for draft in cutter.cut(section))
    return [dataclasses.replace(draft, ordinal=ordinal) for ordinal, draft in enumerate(drafts)]


class _Cutter:
    """The settings of one document, so that the steps below do not pass six arguments around."""

    def __init__(
        self, text: str, title: str, count_tokens: CountTokens, size_tokens: int, overlap_tokens: int, embed_tokens: int
    ) -> None:
        self.text = text
        self.title = " ".join(title.split())
        self.count = count_tokens
        self.header_tokens = min(HEADER_TOKENS, embed_tokens // 4)
        self.size_tokens = min(size_tokens, embed_tokens)
        self.overlap_tokens = overlap_tokens
        self.embed_tokens = embed_tokens
        # A single unit (sentence, row) must fit beside the longest header.
        self.unit_tokens = max(1, min(self.size_tokens, embed_tokens - self.header_tokens))

    def cut(self, section: Section) -> Iterator[ChunkDraft]:
        header = self._header(section.path)
        room = min(self.size_tokens, self.embed_tokens - self.count(header))
        for units in pack(units=section.units, size_tokens=room, overlap_tokens=self.overlap_tokens):
            yield self._draft(units, section.path, header)

    def _draft(self, units: Sequence[Unit], path: tuple[str, ...], header: str) -> ChunkDraft:
        start, end = units[0].start, units[-1].end
        text = self.text[start:end]
        pages = [unit.page for unit in units if unit.page is not None]
        return ChunkDraft(
            ordinal=0,
            text=text,
            heading=HEADING_SEPARATOR.join(path),
            page_from=min(pages, default=None),
            page_to=max(pages, default=None),
            start=start,
            end=end,
            token_count=self.count(text),
            embed_text=self._embed_text(header, units[0].table_header, text),
        )

    def _embed_text(self, header: str, table_header: str, text: str) -> str:
        """Header, table header and text; what does not fit is left out, the table's header first, never the text."""
        for parts in ((header, table_header, text), (header, text)):
            present = [part for part in parts if part]
            joined = "\n".join(present)
            # Counting is most of the cutter's work. A seam adds at most two tokens in any tokenizer: the line break,
            # and a word that is read differently at the start of a line.
            at_most = sum(self.count(part) for part in present) + 2 * (len(present) - 1)
            if at_most <= self.embed_tokens or self.count(joined) <= self.embed_tokens:
                return joined
        return text

    def _header(self, path: tuple[str, ...]) -> str:
        """Title and headings on one line; when too long, outer headings go first, then words at the end."""
        headings = [" ".join(part.split()) for part in path]
        if headings and headings[0].casefold() == self.title.casefold():
            headings = headings[1:]
        while True:
            header = _HEADER_SEPARATOR.join(part for part in (self.title, *headings) if part)
            if self.count(header) <= self.header_tokens:
                return header
            if len(headings) <= 1:
                return self._first_words(header)
            headings = headings[1:]

    def _first_words(self, header: str) -> str:
        words = header.split()
        while words and self.count(" ".join(words)) > self.header_tokens:
            words.pop()
        return " ".join(words)


def pack(*, units: Sequence[Unit], size_tokens: int, overlap_tokens: int) -> Iterator[list[Unit]]:
    """Runs of units of about equal size, none above ``size_tokens``; each repeats the end of the one before.

    Equal runs rather than full ones: a last passage of one sentence is hard to find and answers little. The repeated
    part is whole units of at most ``overlap_tokens`` together.
    """
    total = sum(unit.tokens for unit in units)
    if total <= size_tokens:
        yield list(units)
        return
    runs = -(-(total - overlap_tokens) // max(1, size_tokens - overlap_tokens))
    target = min(size_tokens, -(-(total + (runs - 1) * overlap_tokens) // runs))
    run: list[Unit] = []
    held = 0
    for unit in units:
        if run and (held + unit.tokens > size_tokens or held >= target):
            yield run
            run = _tail(run, min(overlap_tokens, size_tokens - unit.tokens))
            held = sum(kept.tokens for kept in run)
        run.append(unit)
        held += unit.tokens
    yield run


def _tail(run: Sequence[Unit], limit_tokens: int) -> list[Unit]:
    """The last units, fewer than all, that together have at most ``limit_tokens``."""
    kept: list[Unit] = []
    for unit in reversed(run[1:]):
        limit_tokens -= unit.tokens
        if limit_tokens < 0:
            break
        kept.append(unit)
    return kept[::-1]
