"""What paragraph and character styles mean: headings, lists, hidden text, tables of contents."""

import re
from dataclasses import dataclass

from lxml import etree

from documents.parsing.word.package import child, is_on, local, value

_HEADING_NAME = re.compile(r"^heading ?([1-9])$", re.IGNORECASE)
_CONTENTS_NAME = re.compile(r"^(?:toc ?[1-9]|table of (?:figures|authorities)|index ?[1-9])$", re.IGNORECASE)
# basedOn chains are a handful long; a loop in a damaged file must end.
_MAX_CHAIN = 20


@dataclass(frozen=True)
class Style:
    """``level`` is 1 to 6 for headings, else 0. ``numbering`` is (numId, ilvl) as written in the file."""

    level: int = 0
    is_contents: bool = False
    is_hidden: bool = False
    is_bold: bool = False
    numbering: tuple[str, int] | None = None


class Styles:
    """The style sheet of one document; unknown ids are judged by their name."""

    def __init__(self, *, root: etree._Element | None) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._resolved: dict[str, Style] = {}
        for element in root if root is not None else ():
            if local(element) == "style" and (style_id := value(element, "styleId")):
                self._elements[style_id] = element

    def get(self, style_id: str | None) -> Style:
        if not style_id:
            return Style()
        if style_id not in self._resolved:
            self._resolved[style_id] = self._resolve(style_id)
        return self._resolved[style_id]

    def _resolve(self, style_id: str) -> Style:
        chain: list[etree._Element] = []
        current: str | None = style_id
        while current in self._elements and len(chain) < _MAX_CHAIN:
            chain.append(self._elements[current])
            current = value(child(chain[-1], "basedOn"))
        names = [value(child(element, "name")) or "" for element in chain] or [style_id]
        return Style(
            level=_heading_level(names=names, chain=chain),
            is_contents=bool(_CONTENTS_NAME.match(names[0])),
            is_hidden=_first_toggle(chain, "vanish"),
            is_bold=_first_toggle(chain, "b"),
            numbering=next((found for element in chain if (found := numbering_of(child(element, "pPr")))), None),
        )


def numbering_of(properties: etree._Element | None) -> tuple[str, int] | None:
    number = child(properties, "numPr")
    number_id = value(child(number, "numId"))
    return (number_id, _integer(value(child(number, "ilvl")))) if number_id else None


def outline_level(properties: etree._Element | None) -> int:
    """1 to 6 for a paragraph given an outline level, else 0; Word's 9 means body text."""
    written = value(child(properties, "outlineLvl"))
    if written is None or not written.isascii() or not written.isdigit():
        return 0
    return min(int(written) + 1, 6) if int(written) < 9 else 0


def _heading_level(*, names: list[str], chain: list[etree._Element]) -> int:
    for name in names:
        if match := _HEADING_NAME.match(name):
            return min(int(match.group(1)), 6)
        if name.lower() == "title":
            return 1
    return next((level for element in chain if (level := outline_level(child(element, "pPr")))), 0)


def _first_toggle(chain: list[etree._Element], name: str) -> bool:
    for element in chain:
        toggle = child(element, "rPr", name)
        if toggle is not None:
            return is_on(toggle)
    return False


def _integer(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0
