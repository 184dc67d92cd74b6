"""Rows of a table as lines that can be read, searched and cut alone.

A row far below its header says nothing by itself ("16 | 12"), so a table with a header repeats it in every row:
``Leave: Parental | Weeks: 16``. A table without one becomes ``Parental | 16``.
"""

import re
from collections.abc import Sequence

Row = Sequence[str]
# Longer first cells are sentences, not column names.
MAX_HEADER_CHARS = 60
_HAS_DIGIT = re.compile(r"\d")


def render(*, rows: Sequence[Row], has_header: bool) -> list[str]:
    """One line per row; empty cells and empty rows vanish. Without a marked header, one is guessed."""
    rows = [[cell.strip() for cell in row] for row in rows]
    rows = [row for row in rows if any(row)]
    if not rows:
        return []
    if len(rows) == 1 or not (has_header or _looks_like_header(rows)):
        return [" | ".join(cell for cell in row if cell) for row in rows]
    header, *body = rows
    return [_labelled(header=header, row=row) for row in body]


def _labelled(*, header: Row, row: Row) -> str:
    filled = [cell for cell in row if cell]
    if len(filled) == 1 and len(header) > 1:
        return filled[0]  # a row that spans the table is a caption for the rows below it
    cells = []
    for index, cell in enumerate(row):
        if cell:
            label = header[index].rstrip(":") if index < len(header) else ""
            cells.append(f"{label}: {cell}" if label and label != cell else cell)
    return " | ".join(cells)


def _looks_like_header(rows: Sequence[Row]) -> bool:
    """Without markup: a full row of short labels, all different, above rows of at least two columns.

    Two-column tables of terms and texts ("Notice period | 4 weeks") have no header; there, digits or long cells in the
    first row give it away, and so does a first row that looks just like the others in a table of only two rows.
    """
    first = rows[0]
    return (
        len(first) >= 2
        and len(rows) >= 3
        and all(first)
        and len(set(first)) == len(first)
        and all(len(cell) <= MAX_HEADER_CHARS and not _HAS_DIGIT.search(cell) for cell in first)
        and not any(cell.endswith((".", "!", "?")) for cell in first)
        and not all(row[0].endswith(":") for row in rows)  # "Hours: | 40 a week": terms and what they are
    )
