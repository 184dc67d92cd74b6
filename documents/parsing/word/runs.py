"""The text of one paragraph as its reader sees it, without what was deleted, hidden or only commented."""

from dataclasses import dataclass, field

from lxml import etree

from documents.parsing import blocks
from documents.parsing.cleaning import Collector
from documents.parsing.word.package import child, is_on, local, value
from documents.parsing.word.styles import Styles

_TRANSPARENT = frozenset(
    [
        "ins",
        "moveTo",
        "hyperlink",
        "smartTag",
        "sdt",
        "sdtContent",
        "fldSimple",
        "bdo",
        "dir",
        "customXml",
        "oMath",
        "oMathPara",
        "r",
        "ruby",
        "rubyBase",
    ]
)
_DELETED = frozenset({"del", "moveFrom", "delText"})
_BREAKS = frozenset({"tab", "br", "cr", "ptab"})
# Half-points; nobody reads text of 2 points or less.
_TINY_HALF_POINTS = 4


@dataclass
class Line:
    """A paragraph's text, the text boxes anchored in it and the notes it refers to."""

    parts: list[str] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    bold_chars: int = 0
    plain_chars: int = 0

    @property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def is_bold(self) -> bool:
        return self.bold_chars > 0 and self.plain_chars == 0


class LineReader:
    """Reads paragraphs with one document's styles; remembers in the collector's flags what it left out."""

    def __init__(self, *, styles: Styles, collector: Collector) -> None:
        self._styles = styles
        self._collector = collector

    def read(self, paragraph: etree._Element, *, on_white: bool) -> Line:
        line = Line()
        properties = child(paragraph, "pPr")
        style = self._styles.get(value(child(properties, "pStyle")))
        if style.is_hidden:
            if any(local(each) == "t" for each in paragraph.iter()):
                self._collector.flag(blocks.FLAG_HIDDEN_TEXT)
            return line
        on_white = on_white and child(properties, "shd") is None
        self._visit(paragraph, line, bold=style.is_bold, on_white=on_white)
        return line

    def _visit(self, element: etree._Element, line: Line, *, bold: bool, on_white: bool) -> None:
        for part in element:
            name = local(part)
            if name in _DELETED:
                self._collector.flag(blocks.FLAG_DELETED_REVISIONS)
            elif name == "r" and self._is_run(part):
                self._run(part, line, bold=bold, on_white=on_white)
            elif name in _TRANSPARENT:
                self._visit(part, line, bold=bold, on_white=on_white)
            else:
                self._leaf(part, name, line, bold=bold)

    def _is_run(self, element: etree._Element) -> bool:
        return not str(element.tag).endswith("/math}r")

    def _run(self, run: etree._Element, line: Line, *, bold: bool, on_white: bool) -> None:
        properties = child(run, "rPr")
        if self._is_hidden(properties, on_white=on_white):
            if any(local(part) == "t" and (part.text or "").strip() for part in run):
                self._collector.flag(blocks.FLAG_HIDDEN_TEXT)
            return
        own = child(properties, "b")
        style = self._styles.get(value(child(properties, "rStyle")))
        self._visit(run, line, bold=is_on(own) if own is not None else bold or style.is_bold, on_white=on_white)

    def _is_hidden(self, properties: etree._Element | None, *, on_white: bool) -> bool:
        if properties is None:
            return False
        vanish = child(properties, "vanish")
        if is_on(vanish) or (vanish is None and self._styles.get(value(child(properties, "rStyle"))).is_hidden):
            return True
        size = value(child(properties, "sz")) or ""
        if size.isascii() and size.isdigit() and int(size[:6]) <= _TINY_HALF_POINTS:
            return True
        is_white = (value(child(properties, "color")) or "").upper() == "FFFFFF"
        unshaded = child(properties, "shd") is None and child(properties, "highlight") is None
        return is_white and on_white and unshaded

    def _leaf(self, part: etree._Element, name: str, line: Line, *, bold: bool) -> None:
        if name == "t":
            text = part.text or ""
            line.parts.append(text)
            if bold:
                line.bold_chars += len(text.strip())
            else:
                line.plain_chars += len(text.strip())
        elif name in _BREAKS:
            line.parts.append(" ")
        elif name == "noBreakHyphen":
            line.parts.append("-")
        elif name in ("footnoteReference", "endnoteReference"):
            line.notes.append((name.removesuffix("Reference"), value(part, "id") or ""))
        elif name == "commentReference":
            self._collector.flag(blocks.FLAG_COMMENTS)
        elif name in ("drawing", "pict", "object", "AlternateContent"):
            line.boxes.extend(_text_boxes(part))
        elif name in (
            "f",
            "num",
            "den",
            "e",
            "sup",
            "sub",
            "sSup",
            "sSub",
            "rad",
            "nary",
            "d",
            "deg",
            "func",
            "fName",
            "m",
            "mr",
        ):
            self._visit(part, line, bold=bold, on_white=True)  # parts of a formula


def _text_boxes(holder: etree._Element) -> list[etree._Element]:
    """Outermost text boxes. AlternateContent holds each twice, as drawing and as VML fallback: the first wins."""
    boxes: list[etree._Element] = []
    todo = [holder]
    while todo:
        element = todo.pop()
        name = local(element)
        if name == "txbxContent":
            boxes.append(element)
            continue
        parts = list(element)
        if name == "AlternateContent":
            choices = [part for part in parts if local(part) == "Choice"]
            parts = [part for part in choices if _holds_text(part)][:1] or [p for p in parts if local(p) == "Fallback"]
        todo.extend(reversed(parts))
    return boxes


def _holds_text(element: etree._Element) -> bool:
    return any(local(each) == "txbxContent" for each in element.iter())
