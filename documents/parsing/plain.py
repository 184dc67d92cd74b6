"""Plain text to pieces: paragraphs, list items, and the few headings that are certain."""

import re
from collections.abc import Sequence

from documents.parsing import charsets, columns, tables
from documents.parsing.blocks import Extract
from documents.parsing.cleaning import Collector
from documents.parsing.limits import Limits

_UNDERLINE = re.compile(r"^\s*(={3,}|-{3,}|~{3,}|\*{3,})\s*$")
# A row of signs, or the rule below a table's header.
_RULE = re.compile(r"^(?:\s*([-=_*#~+.])\1{3,}\s*|[|+:\s]*[-=_]{2,}(?:[|+:\s]+[-=_]{2,})+[|+:\s]*)$")
_BULLET = re.compile(r"^\s*(?:[-*+\u2022\u25cf\u25aa\u25e6\u2013]|o(?=\s{2,}))\s+(?=\S)")
_NUMBERED_ITEM = re.compile(r"^\s*(?:\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(?=\S)")
_SECTION_NUMBER = re.compile(
    r"^(?:(?:section|chapter|article|part)\s+)?(\d{1,2}(?:\.\d{1,2}){0,3})[.:)]?\s+(?=[^\W\d_])", re.I
)
_MAX_HEADING_CHARS = 80
_MIN_CAPITALS = 4


def read(*, content: bytes, limits: Limits) -> Extract:
    """Parse text of any encoding; blank lines separate paragraphs."""
    collector = Collector(limits=limits)
    text = (
        charsets.decode_prose(content=content, limits=limits)
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\f", "\n\n")
    )
    paragraph: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            paragraph.append(line)
        elif paragraph:
            _add_paragraph(paragraph, collector=collector)
            paragraph = []
    return collector.finish(title=None)


def _add_paragraph(lines: list[str], *, collector: Collector) -> None:
    plain_lines = [line for line in lines if not _RULE.match(line)]
    groups = columns.group_lines(lines=plain_lines, is_item=_is_item)
    is_ruled = len(lines) >= 2 and bool(_RULE.match(lines[1]))
    begins_with_table = bool(groups and groups[0].rows)
    if not begins_with_table and _is_underlined(lines):
        collector.heading(lines[0], level=1 if lines[1].strip()[0] in "=*" else 2)
        plain_lines = [line for line in lines[2:] if not _RULE.match(line)]
        groups = columns.group_lines(lines=plain_lines, is_item=_is_item)
    if len(plain_lines) == 1 and (level := _heading_level(plain_lines[0].strip())):
        collector.heading(plain_lines[0], level=level)
        return
    for number, group in enumerate(groups):
        if group.rows:
            # A rule below the first row makes it a header.
            has_header = is_ruled and begins_with_table and number == 0
            collector.table(tables.render(rows=group.rows, has_header=has_header))
        else:
            _add_text(group.lines, collector=collector)


def _is_underlined(lines: list[str]) -> bool:
    return len(lines) >= 2 and bool(_UNDERLINE.match(lines[1])) and len(lines[0].strip()) <= _MAX_HEADING_CHARS


def _add_text(lines: Sequence[str], *, collector: Collector) -> None:
    run: list[str] = []
    in_item = False
    for line in lines:
        if _is_item(line):
            _flush(run, in_item=in_item, collector=collector)
            run, in_item = [_BULLET.sub("", line)], True
        else:
            run.append(line)
    _flush(run, in_item=in_item, collector=collector)


def _is_item(line: str) -> bool:
    return bool(_BULLET.match(line) or _NUMBERED_ITEM.match(line))


def _flush(run: list[str], *, in_item: bool, collector: Collector) -> None:
    if not run:
        return
    if in_item:
        collector.list_item(" ".join(run))
    else:
        collector.paragraph(" ".join(run))


def _heading_level(line: str) -> int:
    """0 unless a line that stands alone is numbered like a section or written in capitals."""
    if len(line) > _MAX_HEADING_CHARS or line.endswith((".", ",", ";", "!")):
        return 0
    number = _SECTION_NUMBER.match(line)
    if number:
        return min(number.group(1).count(".") + 2, 6)
    letters = [char for char in line if char.isalpha()]
    shouted = len(letters) >= _MIN_CAPITALS and all(char.isupper() for char in letters)
    return 2 if shouted else 0
