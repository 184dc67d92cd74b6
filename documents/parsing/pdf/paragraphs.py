"""Printed lines back to the paragraphs and list items they were broken from."""

import itertools
import re
from collections import Counter
from dataclasses import dataclass

from documents.parsing.pdf.layout import Line, Page, Style, Table

# Bullets of common fonts; the private-use range is how Symbol and Wingdings bullets come out of Word.
_BULLET = re.compile(
    r"^(?:[\u2022\u2023\u25cf\u25cb\u25e6\u25aa\u25ab\u25a0\u25a1\u2043\u2219\u00b7\u27a2\u2713\u2714\u2756\uf000-\uf0ff]|"
    r"[-\u2013*](?=\s)|o(?=\s+\S))\s*"
)
_NUMBER = re.compile(r"^(?:\(?\d{1,2}[.)]|\(?[a-zA-Z][.)]|\(?[ivx]{1,4}[.)])\s+(?=\S)")
_CONTENTS_ENTRY = re.compile(r"(?:\.\s?){5,}\s*(?:\d{1,4}|[ivxl]{1,6})\s*$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"^[^\W\d_]+")
# Line spacing where a document gives no sample; typographers' usual 120 %.
_USUAL_LEADING = 1.2
# More than this times the usual distance between lines starts a paragraph.
_GAP_FACTOR = 1.25
_SAME_LINE_SHARE = 0.35
_INDENT_SHARE = 0.7
# A line that ends this much of the width early, although the next word would have fitted, was ended on purpose.
_SHORT_SHARE = 0.08
_COLUMN_SLACK_POINTS = 40.0


@dataclass
class Paragraph:
    """Lines that belong together; ``text`` is them joined, without a bullet but with a number."""

    lines: list[Line]
    page: int
    is_item: bool = False
    text: str = ""

    @property
    def style(self) -> Style:
        return Style(size=self.lines[0].style.size, bold=all(line.style.bold for line in self.lines))


class Joiner:
    """Knows a document's usual line spacing and its words, which decide doubtful line breaks and hyphens."""

    def __init__(self, *, pages: list[Page]) -> None:
        self._leading = _leading_by_size(pages)
        self._words = _whole_words(pages)

    def paragraphs_of(self, page: Page) -> list[Paragraph | Table]:
        items: list[Paragraph | Table] = []
        rights = _right_edges(page.lines)
        current: Paragraph | None = None
        for item in _merged_lines(page.items):
            if isinstance(item, Table):
                items.append(item)
                current = None
                continue
            if _CONTENTS_ENTRY.search(item.text):
                current = None
                continue
            if current is not None and self._continues(current, item, rights):
                current.lines.append(item)
                continue
            current = Paragraph(lines=[item], page=page.number, is_item=_is_item(item))
            items.append(current)
        for each in items:
            if isinstance(each, Paragraph):
                each.text = self._joined(each)
        return items

    def _continues(self, paragraph: Paragraph, line: Line, rights: list[tuple[float, float]]) -> bool:
        last = paragraph.lines[-1]
        if _is_item(line) or not _same_size(last.style, line.style) or _changes_weight(last, line):
            return False
        gap = line.depth - last.depth
        if gap < 0:  # the next column: only a sentence that runs on continues there
            return not last.text.endswith((".", "!", "?", ":")) and line.text[:1].islower()
        leading = self._leading.get(line.style.size, _USUAL_LEADING * line.style.size)
        if gap > leading * _GAP_FACTOR:
            return False
        if last.ends_hyphenated:
            return True
        indent = line.style.size * _INDENT_SHARE
        if len(paragraph.lines) >= 2 and line.start > last.start + indent:
            return False  # indented first line
        if len(paragraph.lines) >= 2 and paragraph.is_item and line.start < last.start - indent:
            return False  # back at the margin after a hanging item
        return not _ended_on_purpose(last, line, rights)

    def _joined(self, paragraph: Paragraph) -> str:
        text = ""
        hyphenated = False
        for position, line in enumerate(paragraph.lines):
            part = line.text
            if position == 0 and paragraph.is_item:
                part = _BULLET.sub("", part)
            if hyphenated:
                text = self._across_hyphen(text, part)
            elif text.endswith("-") and part[:1].islower():
                text = self._across_hyphen(text[:-1], part)
            else:
                text = f"{text} {part}" if text else part
            hyphenated = line.ends_hyphenated
        return text

    def _across_hyphen(self, before: str, after: str) -> str:
        """Keep the hyphen of cutting-edge where the document writes it so elsewhere; drop that of moni-toring."""
        first, second = _LAST_WORD.search(before), _FIRST_WORD.search(after)
        if not first or not second:
            return f"{before}-{after}"
        closed = self._words[(first.group() + second.group()).lower()]
        open_ = self._words[f"{first.group()}-{second.group()}".lower()]
        if open_ > closed or second.group()[0].isupper():
            return f"{before}-{after}"
        if closed == 0 and self._words[first.group().lower()] and self._words[second.group().lower()]:
            return f"{before}-{after}"  # two words of this document: "cutting-edge", "full-time"
        return before + after


def _merged_lines(items: list[Line | Table]) -> list[Line | Table]:
    """Join pieces of one printed line, such as a bullet and its text."""
    merged: list[Line | Table] = []
    for item in items:
        last = merged[-1] if merged else None
        if isinstance(item, Line) and isinstance(last, Line) and _on_same_line(last, item):
            longer = last if len(last.text) > len(item.text) else item
            merged[-1] = Line(
                text=f"{last.text} {item.text}",
                style=longer.style,
                start=last.start,
                end=item.end,
                depth=longer.depth,
                x=last.x,
                y=longer.y,
                ends_hyphenated=item.ends_hyphenated,
            )
        else:
            merged.append(item)
    return merged


def _on_same_line(left: Line, right: Line) -> bool:
    size = max(left.style.size, right.style.size)
    return abs(left.depth - right.depth) < size * _SAME_LINE_SHARE and right.start >= left.end - size * 0.2


def _is_item(line: Line) -> bool:
    return bool(_BULLET.match(line.text) or _NUMBER.match(line.text))


def _same_size(first: Style, second: Style) -> bool:
    return abs(first.size - second.size) <= max(first.size, second.size) * 0.08


def _changes_weight(last: Line, line: Line) -> bool:
    """A change between bold and normal ends a paragraph, unless the sentence clearly runs on."""
    if last.style.bold == line.style.bold:
        return False
    if last.style.bold:
        return not line.text[:1].islower()
    return last.text.endswith((".", "!", "?", ":"))


def _ended_on_purpose(last: Line, line: Line, rights: list[tuple[float, float]]) -> bool:
    """True if the first word of ``line`` would have fitted after ``last``: the author pressed Enter there."""
    right = max((end for start, end in rights if abs(start - last.start) < _COLUMN_SLACK_POINTS), default=last.end)
    width = right - last.start
    first_word = line.text.split(" ", 1)[0]
    per_char = (line.end - line.start) / max(len(line.text), 1)
    room = right - last.end - per_char * (len(first_word) + 1)
    return room > width * _SHORT_SHARE


def _right_edges(lines: list[Line]) -> list[tuple[float, float]]:
    return [(line.start, line.end) for line in lines]


def _leading_by_size(pages: list[Page]) -> dict[float, float]:
    """The most common distance between lines of each size, in points."""
    seen: dict[float, Counter[float]] = {}
    for page in pages:
        lines = page.lines
        for above, below in itertools.pairwise(lines):
            gap = below.depth - above.depth
            if above.style == below.style and 0.8 * below.style.size < gap < 2.2 * below.style.size:
                seen.setdefault(below.style.size, Counter())[round(gap * 2) / 2] += 1
    return {size: gaps.most_common(1)[0][0] for size, gaps in seen.items()}


def _whole_words(pages: list[Page]) -> Counter[str]:
    """How often each word occurs, not counting the halves on either side of a hyphen at the end of a line."""
    words: Counter[str] = Counter()
    for page in pages:
        after_hyphen = False
        for line in page.lines:
            found = [word.lower() for word in _WORD.findall(line.text)]
            if after_hyphen:
                found = found[1:]
            after_hyphen = line.ends_hyphenated or line.text.endswith("-")
            words.update(found[:-1] if after_hyphen else found)
    return words
