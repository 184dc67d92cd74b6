"""The numbers Word shows in front of list items and headings; they are computed, not stored in the text."""

import re
from dataclasses import dataclass

from lxml import etree

from documents.parsing.word.package import child, local, value

_PLACE = re.compile(r"%([1-9])")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"))
_ROMAN_ONES = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_MAX_LEVELS = 9
_MAX_NUMBER = 100_000


@dataclass(frozen=True)
class _Level:
    number_format: str
    pattern: str
    start: int


class Numbering:
    """Counts through the document; ask once per paragraph, in order."""

    def __init__(self, *, root: etree._Element | None) -> None:
        self._abstract_of: dict[str, str] = {}
        self._levels: dict[tuple[str, int], _Level] = {}
        self._counters: dict[str, list[int | None]] = {}
        for element in root if root is not None else ():
            if local(element) == "num":
                self._abstract_of[value(element, "numId") or ""] = value(child(element, "abstractNumId")) or ""
            elif local(element) == "abstractNum":
                self._learn(element)

    def is_list(self, numbering: tuple[str, int] | None) -> bool:
        return numbering is not None and numbering[0] != "0" and numbering[0] in self._abstract_of

    def label(self, numbering: tuple[str, int]) -> str:
        """The number with its punctuation and a space ("2.1 "), or "" for bullets."""
        abstract = self._abstract_of[numbering[0]]
        depth = min(numbering[1], _MAX_LEVELS - 1)
        level = self._levels.get((abstract, depth))
        if level is None:
            return ""
        counters = self._counters.setdefault(abstract, [None] * _MAX_LEVELS)
        previous = counters[depth]
        counters[depth] = level.start if previous is None else min(previous + 1, _MAX_NUMBER)
        counters[depth + 1 :] = [None] * (_MAX_LEVELS - depth - 1)
        if level.number_format in ("bullet", "none") or not level.pattern:
            return ""
        return _PLACE.sub(lambda place: self._number(abstract, int(place.group(1)) - 1), level.pattern).strip() + " "

    def _number(self, abstract: str, depth: int) -> str:
        level = self._levels.get((abstract, depth))
        if level is None:
            return ""
        count = self._counters[abstract][depth]
        return _formatted(level.start if count is None else count, level.number_format)

    def _learn(self, abstract: etree._Element) -> None:
        for element in abstract:
            depth = value(element, "ilvl")
            if local(element) != "lvl" or depth not in tuple("012345678"):
                continue
            start = value(child(element, "start")) or "1"
            self._levels[(value(abstract, "abstractNumId") or "", int(depth or 0))] = _Level(
                number_format=value(child(element, "numFmt")) or "decimal",
                pattern=value(child(element, "lvlText")) or "",
                start=int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1,
            )


def _formatted(number: int, number_format: str) -> str:
    if number_format in ("lowerLetter", "upperLetter") and number >= 1:
        letter = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 10)
        return letter if number_format == "lowerLetter" else letter.upper()
    if number_format in ("lowerRoman", "upperRoman"):
        return _roman(number) if number_format == "lowerRoman" else _roman(number).upper()
    return str(number)


def _roman(number: int) -> str:
    number = min(number, 3999)
    text = ""
    for size, sign in _ROMAN:
        text += sign * (number // size)
        number %= size
    return text + _ROMAN_ONES[number]
