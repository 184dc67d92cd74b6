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
# An outline that names less than this of its entries in the text was made for something else.
_MATCHED_SHARE = 0.6
_MIN_MATCHED = 3


def heading_levels(*, items: list[Paragraph | Table], bookmarks: list[tuple[str, int]]) -> dict[int, int]:
    """Level from 1 to 6 by the index of the paragraph in ``items``; the others are not headings."""
    paragraphs = {index: item for index, item in enumerate(items) if isinstance(item, Paragraph)}
    return _by_outline(paragraphs, bookmarks) or _by_looks(paragraphs)


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
