"""Where sentences begin and end in stored text, as character offsets.

Rules, not a model: the texts are handbooks with lists, tables and hard-wrapped lines, and every sentence must be
quotable verbatim, so an offset matters more than a perfect split.
"""

from __future__ import annotations

import dataclasses
import itertools
import re

# Words whose full stop does not end a sentence, lower case and without that stop.
_ABBREVIATION = re.compile(r"e\.g|i\.e|vs|cf|mr|mrs|ms|dr|prof|st|jr|sr|approx|dept|inc|ltd|corp")
# The same, but only before a number: "No. 3", and not "The answer is no. Ask HR."
_NUMBERED = re.compile(r"nos?|art|sec|fig|vol|pp?|ext")

# A line that starts one of these is a new item, whatever the line before ended with.
_ITEM = re.compile(r"[ \t]*(?:[-*+•▪◦‣·–—]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])[ \t]+\S")

_BLANK_LINES = re.compile(r"\n[ \t\r\f\v]*\n\s*")
_STOP = re.compile(r"[.!?…。！？]+[\"'”’)\]*_]*(?=\s|$)|[。！？]")
_LAST_WORD = re.compile(r"[\w.]+$")
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")  # "U.S", "p.m", the "J" of a name
_NUMBER_LABEL = re.compile(r"\(?(?:\d{1,3}|[a-zA-Z])[.)]$")


@dataclasses.dataclass(frozen=True)
class Span:
    """Characters ``start`` (included) to ``end`` (excluded) of a text."""

    start: int
    end: int


def split_sentences(*, text: str) -> list[Span]:
    """Sentences, list items and table rows of a text, in order.

    The spans do not overlap, start and end on a visible character, and together hold every visible character.
    """
    return [span for line in _split_lines(text) for span in _split_line(text, line)]


def split_rows(*, text: str) -> list[Span]:
    """The non-empty lines of a text, without the white space around them: rows of a table, lines of code."""
    return [span for match in re.finditer(r"[^\n]+", text) if (span := _trim(text, match.start(), match.end()))]


def _split_lines(text: str) -> list[Span]:
    """Pieces that no sentence crosses: paragraphs, list items, table rows. A plain line break is a wrapped line."""
    starts = [0]
    starts += [match.end() for match in _BLANK_LINES.finditer(text)]
    starts += [match.end() for match in re.finditer(r"\n", text) if _starts_piece(text, match.end())]
    bounds = [*sorted(set(starts)), len(text)]
    spans = (_trim(text, start, end) for start, end in itertools.pairwise(bounds))
    return [span for span in spans if span]


def _starts_piece(text: str, position: int) -> bool:
    """Whether the line at ``position`` is a list item or a table row, or follows a table row."""
    if _ITEM.match(text, position):
        return True
    before = text[text.rfind("\n", 0, position - 1) + 1 : position - 1]
    end = text.find("\n", position)
    line = text[position : len(text) if end < 0 else end]
    return _is_row(line) or _is_row(before)


def _is_row(line: str) -> bool:
    return " | " in line or line.lstrip().startswith("|")


def _split_line(text: str, line: Span) -> list[Span]:
    spans = []
    start = line.start
    for stop in _STOP.finditer(text, line.start, line.end):
        if not _ends_sentence(text, start, stop, line.end):
            continue
        if span := _trim(text, start, stop.end()):
            spans.append(span)
        start = stop.end()
    if span := _trim(text, start, line.end):
        spans.append(span)
    return spans


def _ends_sentence(text: str, start: int, stop: re.Match[str], end: int) -> bool:
    if stop.end() == end or stop.group()[0] in "!?…。！？":
        return True
    following = text[stop.end() : end].lstrip()[:1]
    if following.islower():
        return False
    sentence = text[start : stop.start()]
    if _NUMBER_LABEL.fullmatch((sentence + ".").strip()):
        return False  # "3." at the start of an item is its number
    word = _LAST_WORD.search(sentence)
    if word is None:
        return True
    last = word.group().lower()
    if _NUMBERED.fullmatch(last):
        return not following.isdigit()
    return not _ABBREVIATION.fullmatch(last) and not _INITIALS.fullmatch(last)


def _trim(text: str, start: int, end: int) -> Span | None:
    """The span without white space around it; None when nothing is left."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    return Span(start + left, start + right) if left < right else None
