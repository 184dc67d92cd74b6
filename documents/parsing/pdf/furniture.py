"""Running headers, footers and page numbers: printed on every page, part of none."""

import re
from collections import Counter

from documents.parsing.pdf.layout import Line, Page, Table

_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"^(?:[-\u2013\u2014|]\s*)?(?:(?:page|seite|p\.)\s*)?(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|/|von|\|)\s*\d{1,4})?(?:\s*[-\u2013\u2014|])?$",
    re.IGNORECASE,
)
# How many lines at the top and at the bottom may be running ones.
_EDGE_LINES = 3
# A body set with margins of one inch begins and ends just inside.
_MARGIN_SHARE = 0.1
_MIN_REPEATS = 3
# Left and right pages often differ, so a third of all pages is enough.
_REPEAT_SHARE = 0.3
_MAX_EMPTIED_SHARE = 0.5


def remove_furniture(*, pages: list[Page]) -> None:
    """Drop, in place, lines in the margins that repeat across pages up to their numbers, and bare page numbers."""
    counts = Counter(key for page in pages for key in {_key(line) for line in _edge_lines(page)})
    needed = max(_MIN_REPEATS, len(pages) * _REPEAT_SHARE)
    kept: list[list[Line | Table]] = []
    for page in pages:
        running = {
            id(line)
            for line in _edge_lines(page)
            if counts[_key(line)] >= needed or (len(pages) > 1 and _PAGE_NUMBER.match(line.text))
        }
        kept.append([item for item in page.items if id(item) not in running])
    emptied = sum(bool(page.items) and not items for page, items in zip(pages, kept, strict=True))
    if emptied > len(pages) * _MAX_EMPTIED_SHARE:
        return  # forms, cards and slides: what repeats is the content
    for page, items in zip(pages, kept, strict=True):
        page.items = items


def _key(line: Line) -> str:
    """What repeats: the text without its numbers."""
    return _DIGITS.sub("#", line.text).casefold()


def _edge_lines(page: Page) -> list[Line]:
    ordered = sorted(page.lines, key=lambda line: -line.y)
    if not ordered:
        return []
    top = [line for line in ordered[:_EDGE_LINES] if line.y > page.bottom + page.height * (1 - _MARGIN_SHARE)]
    bottom = [line for line in ordered[-_EDGE_LINES:] if line.y < page.bottom + page.height * _MARGIN_SHARE]
    return top + [line for line in bottom if line not in top]
