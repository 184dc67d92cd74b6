"""Which paragraphs of a PDF are headings, and of what level: by its outline if it has one, else by their looks."""

import re
from collections import Counter, defaultdict

from documents.parsing.pdf.layout import Style, Table
from documents.parsing.pdf.paragraphs import Paragraph

_SPACES = re.compile(r"\W+")
_MIN_LARGER = 1.09
_MAX_CHARS = 200
_MAX_BOLD_CHARS = 120
_MAX_LINES = 4
_MAX_BOLD_LINES = 2
# Headings that look like text are guessed from words, so only from short lines: a sentence has its longer ones.
_MAX_TITLED_CHARS = 60
_MIN_RUNNING_CHARS = 60
# Times the size of the letters: lines of one paragraph are 1.2 apart, sometimes 1.5.
_MIN_GAP = 1.6
_SECTION = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){1,3}\.?|[A-Z][a-z]+ \d{1,2}[:.])\s+")  # "3.2 ", "Step 2: "
_WORDS = re.compile(r"[^\s/&()\-\u2013]+")
_SMALL_WORDS = frozenset("a an and as at by for from in into of on or our the this to under vs with your".split())
# An outline that names less than this of its entries in the text was made for something else.
_MATCHED_SHARE = 0.6
_MIN_MATCHED = 3


def heading_levels(*, items: list[Paragraph | Table], bookmarks: list[tuple[str, int]]) -> dict[int, int]:
    """Level from 1 to 6 by the index of the paragraph in ``items``; the others are not headings."""
    paragraphs = {index: item for index, item in enumerate(items) if isinstance(item, Paragraph)}
    levels = _by_outline(paragraphs, bookmarks) or _by_looks(paragraphs)
    return dict(sorted({**levels, **_by_wording(items, levels)}.items())) if levels else levels


def _by_outline(paragraphs: dict[int, Paragraph], bookmarks: list[tuple[str, int]]) -> dict[int, int]:
    """Paragraphs that the outline names, and those that look like them and nothing else does."""
    depths: dict[str, list[int]] = defaultdict(list)
    for title, depth in bookmarks:
        if key := _key(title):
            depths[key].append(depth)
    body = _body_style(paragraphs)
    levels: dict[int, int] = {}
    for index, paragraph in paragraphs.items():
        waiting = depths.get(_key(paragraph.text))
        if waiting and paragraph.style != body:
            levels[index] = min(waiting[0], 6)
            if len(waiting) > 1:
                waiting.pop(0)
    if len(levels) < _MIN_MATCHED or len(levels) < len(bookmarks) * _MATCHED_SHARE:
        return {}
    styles: dict[Style, Counter[int]] = defaultdict(Counter)
    for index, level in levels.items():
        styles[paragraphs[index].style][level] += 1
    for index, paragraph in paragraphs.items():
        if index not in levels and paragraph.style in styles and _could_be_heading(paragraph, body):
            # Outlines stop at some depth, so what looks like their last level and is not listed lies below it.
            levels[index] = min(styles[paragraph.style].most_common(1)[0][0] + 1, 6)
    return dict(sorted(levels.items()))


def _by_looks(paragraphs: dict[int, Paragraph]) -> dict[int, int]:
    """Larger than the body text, or bold and alone; one level for each look, the largest first."""
    body = _body_style(paragraphs)
    if body is None:
        return {}
    found = [index for index, paragraph in paragraphs.items() if _could_be_heading(paragraph, body)]
    looks = sorted({paragraphs[index].style for index in found}, key=lambda style: (-style.size, not style.bold))
    return {index: min(looks.index(paragraphs[index].style) + 1, 6) for index in found}


def _by_wording(items: list[Paragraph | Table], levels: dict[int, int]) -> dict[int, int]:
    """Lines in the body's own look that still head what follows: titled or numbered, alone, above running text.

    They lie below the last heading that stands out; one that only says that heading again takes its place.
    """
    paragraphs = {index: item for index, item in enumerate(items) if isinstance(item, Paragraph)}
    body = _body_style(paragraphs)
    found: dict[int, int] = {}
    above = (0, "")
    for index, item in enumerate(items):
        if index in levels:
            above = (levels[index], _key(item.text) if isinstance(item, Paragraph) else "")
        elif (
            above[0]
            and isinstance(item, Paragraph)
            and item.style == body
            and _is_titled(item)
            and _stands_apart(item, items[index - 1])
            and index + 1 not in levels
            and _begins_text(items[index + 1 : index + 2])
        ):
            found[index] = above[0] if _key(item.text) == above[1] else min(above[0] + 1, 6)
    return found


def _is_titled(paragraph: Paragraph) -> bool:
    """One short line without an end: every word that is not small begins with a capital, or the line is numbered."""
    text = paragraph.text
    if len(paragraph.lines) > 1 or len(text) > _MAX_TITLED_CHARS or "," in text or not text[-1:].isalnum():
        return False
    numbered = _SECTION.match(text)
    if paragraph.is_item and not numbered:
        return False
    words = _WORDS.findall(text[numbered.end() :] if numbered else text)
    # A digit anywhere else is a date, an amount or an address.
    if not words or not words[0][0].isupper() or any(char.isdigit() for word in words for char in word):
        return False
    return all(word[0].isupper() or word in _SMALL_WORDS for word in words)


def _stands_apart(paragraph: Paragraph, before: Paragraph | Table) -> bool:
    """With more room above than between two lines, or first on its page."""
    if not isinstance(before, Paragraph) or before.page != paragraph.page:
        return True
    gap = paragraph.lines[0].depth - before.lines[-1].depth
    return gap < 0 or gap > paragraph.style.size * _MIN_GAP


def _begins_text(following: list[Paragraph | Table]) -> bool:
    """Whether running text comes next: not another short line, as in an address or a form."""
    return any(isinstance(item, Paragraph) and not item.is_item and _is_running_text(item) for item in following)


def _is_running_text(paragraph: Paragraph) -> bool:
    return len(paragraph.text) >= _MIN_RUNNING_CHARS and (
        len(paragraph.lines) > 1 or paragraph.text.endswith((".", "!", "?", ":"))
    )


def _body_style(paragraphs: dict[int, Paragraph]) -> Style | None:
    sizes: Counter[Style] = Counter()
    for paragraph in paragraphs.values():
        sizes[paragraph.style] += len(paragraph.text)
    return sizes.most_common(1)[0][0] if sizes else None


def _could_be_heading(paragraph: Paragraph, body: Style | None) -> bool:
    text, style = paragraph.text, paragraph.style
    if body is None or (paragraph.is_item and not style.bold and style.size <= body.size):
        return False
    if not any(char.isalpha() for char in text) or text.endswith((",", ";")):
        return False
    if style.size >= body.size * _MIN_LARGER:
        return len(text) <= _MAX_CHARS and len(paragraph.lines) <= _MAX_LINES
    is_label = style.bold and not body.bold and style.size >= body.size * 0.95
    return (
        is_label and len(text) <= _MAX_BOLD_CHARS and len(paragraph.lines) <= _MAX_BOLD_LINES and not text.endswith(".")
    )


def _key(text: str) -> str:
    return _SPACES.sub("", text).casefold()
