"""HTML tables: data or page layout, and the rows of the former."""

from selectolax.lexbor import LexborNode

from documents.parsing.concealment import HiddenElements

# A cell with more text than this holds a page, not a value.
_MAX_CELL_CHARS = 2000
_MAX_SPAN = 200
_CELL_BREAKS = frozenset(["br", "p", "div", "li", "dt", "dd", "tr", "td", "h1", "h2", "h3", "h4", "h5", "h6"])


def is_layout_table(table: LexborNode) -> bool:
    """Tables that only place things on a page are read as running text."""
    if (table.attributes.get("role") or "") in ("presentation", "none"):
        return True
    if table.css_first("table table, h1, h2, h3, h4, pre") is not None:
        return True
    cells = table.css("td, th")
    widest = max((len(row.css("td, th")) for row in table.css("tr")), default=0)
    return widest <= 1 or any(len(cell.text()) > _MAX_CELL_CHARS for cell in cells)


def table_rows(
    *, table: LexborNode, hidden: HiddenElements, dropped: frozenset[str]
) -> tuple[list[list[str]], bool, bool]:
    """Rows of cell texts with spans filled in, whether the first is a header, and whether hidden text was left out."""
    rows: list[list[str]] = []
    hid_text = False
    has_header = False
    carried: dict[int, tuple[str, int]] = {}  # column -> (text, rows still to fill)
    for row_node in table.css("tr"):
        if hidden.hides(row_node):
            hid_text = hid_text or bool(row_node.text().strip())
            continue
        cells = [cell for cell in row_node.iter() if cell.tag in ("td", "th")]
        row: list[str] = []
        for cell in cells:
            _fill_from_above(row, carried)
            text, hid = _cell_text(cell, hidden=hidden, dropped=dropped)
            hid_text = hid_text or hid
            column, width, height = len(row), _span(cell, "colspan"), _span(cell, "rowspan")
            row.extend([text] + [""] * (width - 1))
            if height > 1:
                carried[column] = (text, height - 1)
        _fill_from_above(row, carried)
        if not rows and len(cells) > 1:
            has_header = all(cell.tag == "th" for cell in cells) or _is_in_thead(row_node)
        rows.append(row)
    return rows, has_header, hid_text


def _fill_from_above(row: list[str], carried: dict[int, tuple[str, int]]) -> None:
    while len(row) in carried:
        column = len(row)
        text, remaining = carried[column]
        row.append(text)
        if remaining > 1:
            carried[column] = (text, remaining - 1)
        else:
            del carried[column]


def _is_in_thead(row: LexborNode) -> bool:
    return row.parent is not None and row.parent.tag == "thead"


def _span(cell: LexborNode, name: str) -> int:
    value = (cell.attributes.get(name) or "1").strip()
    return min(max(int(value), 1), _MAX_SPAN) if value.isascii() and value.isdigit() and len(value) < 7 else 1


def _cell_text(cell: LexborNode, *, hidden: HiddenElements, dropped: frozenset[str]) -> tuple[str, bool]:
    parts: list[str] = []
    hid = False
    todo = [cell]
    while todo:
        node = todo.pop()
        tag = node.tag or ""
        if tag == "-text":
            parts.append(node.text_content or "")
            continue
        if tag in dropped:
            continue
        if node is not cell and hidden.hides(node):
            hid = hid or bool(node.text().strip())
            continue
        if tag in _CELL_BREAKS:
            parts.append(" ")
        todo.extend(reversed(list(node.iter(include_text=True))))
    return " ".join("".join(parts).split()), hid
