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

# A line without a full stop is a heading or an introduction only when it is short.
_MAX_LEAD_CHARS = 120

_ITEM = re.compile(r"(?:[-*+•▪◦‣·–—]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s")
_CLOSED = re.compile(r"[.!?…。！？][\"'”’)\]*_]*$")


@dataclasses.dataclass(frozen=True)
class Piece:
    """A sentence, item or row of a passage; all spans are offsets into the passage.

    ``quote`` is what to show when the piece is chosen, ``context`` the text that it continues (None for the first
    piece), ``is_lead`` marks a heading or an introduction, which says nothing by itself.
    """

    span: Span
    quote: Span
    context: Span | None
    is_lead: bool


def pieces_of(*, text: str) -> list[Piece]:
    """The pieces of a passage in reading order; their spans hold every visible character."""
    spans = split_sentences(text=text)
    leads = [_is_lead(text, spans, number) for number in range(len(spans))]
    pieces = []
    head: int | None = None  # the introduction or header row that the current piece hangs on
    for number, span in enumerate(spans):
        hangs = head is not None and not leads[number] and (number == head + 1 or _is_member(text, spans, number))
        if not hangs:
            head = number if leads[number] or _is_row(text, span) else None
        owner = head if hangs else None
        pieces.append(
            Piece(
                span=span,
                quote=_quote(text, spans, leads, number, owner),
                context=spans[owner] if owner is not None else (spans[number - 1] if number else None),
                is_lead=leads[number],
            )
        )
    return pieces


def _quote(text: str, spans: Sequence[Span], leads: Sequence[bool], number: int, owner: int | None) -> Span:
    span = spans[number]
    if owner is not None:
        start = spans[owner].start
        return Span(start, span.end) if span.end - start <= _MAX_REACH_CHARS else span
    if not leads[number]:
        return span
    end = span.end
    takes_all = text[span.end - 1] == ":"
    for position, follower in enumerate(spans[number + 1 :], start=number + 1):
        belongs = position == number + 1 or (takes_all and not leads[position] and _is_member(text, spans, position))
        if not belongs or follower.end - span.start > MAX_QUOTE_CHARS:
            break
        end = follower.end
    return Span(span.start, end)


def _is_lead(text: str, spans: Sequence[Span], number: int) -> bool:
    """Whether the piece introduces what follows: it ends with a colon, or is a short line without a full stop."""
    span = spans[number]
    piece = text[span.start : span.end]
    if number == len(spans) - 1 or _is_row(text, span):
        return False
    if piece.endswith(":"):
        return True
    gap = text[span.end : spans[number + 1].start]
    return (
        "\n" in gap
        and "\n" not in piece
        and len(piece) <= _MAX_LEAD_CHARS
        and not _ITEM.match(piece)
        and not _CLOSED.search(piece)
    )


def _is_member(text: str, spans: Sequence[Span], number: int) -> bool:
    """Whether the piece can be an item or row below an introduction; some formats lose the items' marks."""
    span, before = spans[number], spans[number - 1]
    piece = text[span.start : span.end]
    starts_line = "\n" in text[before.end : span.start]
    return starts_line and (bool(_ITEM.match(piece)) or _is_row(text, span) or len(piece) <= _MAX_ITEM_CHARS)


def _is_row(text: str, span: Span) -> bool:
    return " | " in text[span.start : span.end]
