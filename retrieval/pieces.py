"""The quotable pieces of a passage, each with the neighbour that gives it sense: an introduction, a header row."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from retrieval.sentences import Span, split_sentences

# An introduction ("You need:") takes the items below it along, up to this many characters in all.
MAX_QUOTE_CHARS = 700

# An item or row takes its introduction or header row along when both are this close; else it stands alone.
_MAX_REACH_CHARS = 300

# A line below an introduction that is longer than this is a paragraph, not an item, unless it carries a mark.
_MAX_ITEM_CHARS = 200

# A line without a full stop is a heading only when it is short.
_MAX_TITLE_CHARS = 120

# The last line of a passage is taken for a heading only when it is this short: nothing below it confirms it.
_MAX_LAST_TITLE_CHARS = 60

# Rows of a table in one quote, beside its header row.
MAX_ROWS = 2

_ITEM = re.compile(r"(?:[-*+•▪◦‣·–—]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s")
_DIGIT = re.compile(r"\d")
_LABELLED = re.compile(r"[^:|]{1,80}: \S")
_CLOSED = re.compile(r"[.!?…。！？][\"'”’)\]*_]*$")


@dataclasses.dataclass(frozen=True)
class Piece:
    """A sentence, item or row of a passage; all spans are offsets into the passage.

    ``quote`` is what to show when the piece is chosen, ``context`` the text that it continues (None for the first
    piece), ``is_lead`` marks an introduction, which says nothing by itself. ``is_title`` marks a heading line: it
    gives sense to what is below it and is no part of any other piece's quote. ``is_row`` marks a row of a table.
    """

    span: Span
    quote: Span
    context: Span | None
    is_lead: bool
    is_title: bool = False
    is_row: bool = False


def pieces_of(*, text: str) -> list[Piece]:
    """The pieces of a passage in reading order; their spans hold every visible character."""
    spans = split_sentences(text=text)
    leads = [_is_lead(text, spans, number) for number in range(len(spans))]
    titles: list[bool] = []
    for number in range(len(spans)):
        titles.append(not leads[number] and _is_title(text, spans, leads, titles))
    pieces = []
    head: int | None = None  # the introduction or header row that the current piece hangs on
    title: int | None = None  # the heading line that it stands below
    for number, span in enumerate(spans):
        stands = leads[number] or titles[number]
        hangs = head is not None and not stands and (number == head + 1 or _is_member(text, spans, number))
        if not hangs:
            head = number if leads[number] or _is_header_row(text, spans, number) else None
        owner = head if hangs else None
        if titles[number] or (title is not None and number > title + 1 and not _is_member(text, spans, number)):
            title = number if titles[number] else None
        above = title if title is not None and title < number else (number - 1 if number else None)
        pieces.append(
            Piece(
                span=span,
                quote=_quote(text, spans, leads, titles, number, owner),
                context=spans[owner] if owner is not None else (spans[above] if above is not None else None),
                is_lead=leads[number],
                is_title=titles[number],
                is_row=_is_row(text, span),
            )
        )
    return pieces


def _quote(
    text: str, spans: Sequence[Span], leads: Sequence[bool], titles: Sequence[bool], number: int, owner: int | None
) -> Span:
    span = spans[number]
    if owner is not None:
        far = _is_row(text, span) and sum(_is_row(text, other) for other in spans[owner + 1 : number + 1]) > MAX_ROWS
        start = spans[owner].start
        return span if far or span.end - start > _MAX_REACH_CHARS else Span(start, span.end)
    if not leads[number]:
        return span
    end, rows = span.end, 0
    for position, follower in enumerate(spans[number + 1 :], start=number + 1):
        rows += _is_row(text, follower)
        belongs = position == number + 1 or _is_member(text, spans, position)
        if titles[position] or leads[position] or not belongs or rows > MAX_ROWS:
            break
        if follower.end - span.start > MAX_QUOTE_CHARS:
            break
        end = follower.end
    return Span(span.start, end)


def _is_lead(text: str, spans: Sequence[Span], number: int) -> bool:
    """Whether the piece introduces what follows: it ends with a colon."""
    span = spans[number]
    return number < len(spans) - 1 and not _is_row(text, span) and text[span.end - 1] == ":"


def _is_title(text: str, spans: Sequence[Span], leads: Sequence[bool], titles: Sequence[bool]) -> bool:
    """Whether the next piece is a heading: a short line of its own without a full stop, above something else.

    ``titles`` says it of all the pieces before. Below an introduction such a line is an item, unless a whole sentence
    follows.
    """
    number = len(titles)
    span = spans[number]
    piece = text[span.start : span.end]
    starts_line = number == 0 or "\n" in text[spans[number - 1].end : span.start]
    if not starts_line or "\n" in piece or len(piece) > _MAX_TITLE_CHARS or _is_row(text, span):
        return False
    if _ITEM.match(piece) or _CLOSED.search(piece) or piece[0].islower() or piece[-1] in ":;,":
        return False
    if number == len(spans) - 1:
        before = text[spans[number - 1].start : spans[number - 1].end] if number else ""
        return bool(_CLOSED.search(before)) and len(piece) <= _MAX_LAST_TITLE_CHARS and not _DIGIT.search(piece)
    if "\n" not in text[span.end : spans[number + 1].start]:
        return False
    return not _in_list(text, spans, leads, titles, number) or _is_closed(text, spans[number + 1])


def _in_list(text: str, spans: Sequence[Span], leads: Sequence[bool], titles: Sequence[bool], number: int) -> bool:
    """Whether only short lines stand between the piece and an introduction above it."""
    for position in range(number - 1, -1, -1):
        if leads[position]:
            return True
        if titles[position] or _is_closed(text, spans[position]) or _is_row(text, spans[position]):
            return False
    return False


def _is_closed(text: str, span: Span) -> bool:
    return bool(_CLOSED.search(text[span.start : span.end]))


def _is_member(text: str, spans: Sequence[Span], number: int) -> bool:
    """Whether the piece can be an item or row below an introduction; some formats lose the items' marks."""
    span, before = spans[number], spans[number - 1]
    piece = text[span.start : span.end]
    starts_line = "\n" in text[before.end : span.start]
    return starts_line and (bool(_ITEM.match(piece)) or _is_row(text, span) or len(piece) <= _MAX_ITEM_CHARS)


def _is_row(text: str, span: Span) -> bool:
    return " | " in text[span.start : span.end]


def _is_header_row(text: str, spans: Sequence[Span], number: int) -> bool:
    """Whether rows below need this one to be understood; a row whose cells carry their labels heads nothing."""
    span = spans[number]
    if not _is_row(text, span):
        return False
    return not all(_LABELLED.match(cell) for cell in text[span.start : span.end].split(" | "))
