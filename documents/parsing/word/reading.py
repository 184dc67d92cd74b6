"""The body of a Word file, block by block."""

from collections.abc import Iterator

from lxml import etree

from documents.parsing import blocks, codes, tables
from documents.parsing.blocks import Extract
from documents.parsing.cleaning import Collector
from documents.parsing.limits import Limits
from documents.parsing.word.numbering import Numbering
from documents.parsing.word.package import Package, child, is_on, local, value
from documents.parsing.word.runs import Line, LineReader
from documents.parsing.word.styles import Styles, numbering_of, outline_level

_CONTAINERS = frozenset(
    [
        "body",
        "sdt",
        "sdtContent",
        "ins",
        "moveTo",
        "customXml",
        "smartTag",
        "txbxContent",
        "hdr",
        "ftr",
        "footnote",
        "endnote",
    ]
)
_MAX_SPAN = 200
# Text boxes within text boxes: Word allows none; a crafted file must not recurse.
_MAX_BOX_DEPTH = 3


def read(*, content: bytes, limits: Limits) -> Extract:
    """Parse the document; headers and footers only count where the body has no text at all."""
    package = Package(content=content, limits=limits)
    main_part = package.main_part()
    root = package.tree(main_part)
    body = child(root, "body")
    if body is None:
        raise codes.Rejected(code=codes.MALFORMED, detail="no document body")
    folder = main_part.rpartition("/")[0]
    reader = _BodyReader(package=package, folder=folder, limits=limits)
    reader.read(body)
    if not reader.collector.pieces:
        for name in package.names_below(f"{folder}/header") + package.names_below(f"{folder}/footer"):
            part = package.optional_tree(name)
            if part is not None:
                reader.read(part)
    if package.has_entry_below(f"{folder}/embeddings/", f"{folder}/afchunk"):
        reader.collector.flag(blocks.FLAG_ATTACHMENTS)
    return reader.collector.finish(title=_stated_title(package))


def _stated_title(package: Package) -> str | None:
    """Never the core property: it keeps the title of the file somebody copied from."""
    return None


class _BodyReader:
    def __init__(self, *, package: Package, folder: str, limits: Limits) -> None:
        self.collector = Collector(limits=limits)
        self._styles = Styles(root=package.optional_tree(f"{folder}/styles.xml"))
        self._numbering = Numbering(root=package.optional_tree(f"{folder}/numbering.xml"))
        self._lines = LineReader(styles=self._styles, collector=self.collector)
        self._notes = {
            kind: {value(note, "id") or "": note for note in _children(package.optional_tree(f"{folder}/{kind}s.xml"))}
            for kind in ("footnote", "endnote")
        }
        self._box_depth = 0

    def read(self, container: etree._Element) -> None:
        for element in self._blocks(container):
            if local(element) == "p":
                self._paragraph(element)
            else:
                self._table(element)

    def _blocks(self, container: etree._Element) -> Iterator[etree._Element]:
        """Paragraphs and tables, through the wrappers around them; generated tables of contents are skipped."""
        for element in container:
            name = local(element)
            if name in ("p", "tbl"):
                yield element
            elif name in ("del", "moveFrom"):
                self.collector.flag(blocks.FLAG_DELETED_REVISIONS)
            elif name == "sdt" and _is_contents(element):
                continue
            elif name in _CONTAINERS:
                yield from self._blocks(element)
            elif name == "AlternateContent":
                choice = child(element, "Choice")
                yield from self._blocks(choice if choice is not None else element)
            elif name == "altChunk":
                self.collector.flag(blocks.FLAG_ATTACHMENTS)

    def _paragraph(self, paragraph: etree._Element) -> None:
        properties = child(paragraph, "pPr")
        style = self._styles.get(value(child(properties, "pStyle")))
        if style.is_contents:
            return
        line = self._lines.read(paragraph, on_white=True)
        numbering = numbering_of(properties) or style.numbering
        in_list = self._numbering.is_list(numbering) and bool(line.text.strip())
        label = self._numbering.label(numbering) if numbering and in_list else ""
        level = style.level or outline_level(properties)
        if level:
            self.collector.heading(label + line.text, level=level)
        elif in_list:
            self.collector.list_item(label + line.text)
        elif line.is_bold:
            self.collector.bold_paragraph(line.text)
        else:
            self.collector.paragraph(line.text)
        self._anchored(line)

    def _anchored(self, line: Line) -> None:
        """Text boxes and notes follow the paragraph they hang on."""
        if self._box_depth >= _MAX_BOX_DEPTH:
            return
        self._box_depth += 1
        for box in line.boxes:
            self.read(box)
        for kind, note_id in line.notes:
            note = self._notes[kind].pop(note_id, None)
            if note is not None:
                self.read(note)
        self._box_depth -= 1

    def _table(self, table: etree._Element) -> None:
        row_elements = [row for row in _through(table, "tr") if not _is_deleted_row(row)]
        cells = [list(_through(row, "tc")) for row in row_elements]
        if max((len(row) for row in cells), default=0) <= 1:
            for row in cells:
                for cell in row:
                    self.read(cell)  # a frame around running text
            return
        rows: list[list[str]] = []
        above: dict[int, str] = {}
        for row in cells:
            rows.append(self._row(row, above))
        has_header = is_on(child(row_elements[0], "trPr", "tblHeader")) or self._has_bold_header(cells)
        self.collector.table(tables.render(rows=rows, has_header=has_header))

    def _has_bold_header(self, rows: list[list[etree._Element]]) -> bool:
        """Only the first row is bold throughout."""
        first, *others = rows
        return self._is_bold_row(first) and bool(others) and not any(map(self._is_bold_row, others))

    def _is_bold_row(self, row: list[etree._Element]) -> bool:
        read = [self._lines.read(part, on_white=False) for cell in row for part in cell.iter() if local(part) == "p"]
        written = [line for line in read if line.text.strip()]
        return bool(written) and all(line.is_bold for line in written)

    def _row(self, cells: list[etree._Element], above: dict[int, str]) -> list[str]:
        row: list[str] = []
        for cell in cells:
            properties = child(cell, "tcPr")
            merge = child(properties, "vMerge")
            column = len(row)
            continues = merge is not None and (value(merge) or "continue") == "continue"
            text = above.get(column, "") if continues else self._cell_text(cell)
            above[column] = text
            span = value(child(properties, "gridSpan")) or "1"
            width = min(int(span), _MAX_SPAN) if span.isascii() and span.isdigit() and len(span) < 6 else 1
            row.extend([text] + [""] * (width - 1))
        return row

    def _cell_text(self, cell: etree._Element) -> str:
        # White text in tables usually stands on a table style's dark header row.
        lines = [self._lines.read(element, on_white=False) for element in cell.iter() if local(element) == "p"]
        texts = (self.collector.clean(line.text) for line in lines)
        return " ".join(text for text in texts if text)


def _children(root: etree._Element | None) -> list[etree._Element]:
    return [] if root is None else list(root)


def _through(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Children of one kind, also inside content controls and custom XML."""
    for part in element:
        if local(part) == name:
            yield part
        elif local(part) in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _through(part, name)


def _is_deleted_row(row: etree._Element) -> bool:
    return child(row, "trPr", "del") is not None


def _is_contents(control: etree._Element) -> bool:
    gallery = value(child(control, "sdtPr", "docPartObj", "docPartGallery")) or ""
    return gallery.lower() == "table of contents"
