"""Reads one spreadsheet from standard input, in a process of its own: no database, no network, bounded in every way.

Run as a script by hr.imports.sheets. Writes one JSON object: {"rows": [[line, [cell, ...]], ...]} with every cell as
text, or {"refused": [code, message]}. Standard library and openpyxl only.
"""

import csv
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

# A sheet of 20,000 people unpacks to about 30 MB; openpyxl takes some ten times that while it reads.
MAX_MEMORY_BYTES = 1024**3
MAX_UNPACKED_BYTES = 256 * 1024**2
MAX_ENTRIES = 2000
MAX_CPU_SECONDS = 60
MAX_COLUMNS = 100
# Longer than any of our columns, so that the row can be refused with its place.
MAX_CELL_CHARS = 1000
_TOO_LARGE: dict[str, Any] = {"refused": ["too_large", "The file is too large to be read."]}
_DELIMITERS = ",;\t"

Row = tuple[int, list[str]]


class Refused(Exception):
    """(code, message): what is wrong with the file as a whole."""


def main() -> None:
    max_rows = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        answer: dict[str, Any] = {"rows": _bounded(read(sys.stdin.buffer.read()), max_rows)}
    except Refused as refusal:
        answer = {"refused": list(refusal.args)}
    except MemoryError:
        answer = _TOO_LARGE
    try:
        written = json.dumps(answer)
    except MemoryError:
        written = json.dumps(_TOO_LARGE)
    sys.stdout.write(written)


def read(content: bytes) -> Iterator[Row]:
    """Rows with their line numbers, blank ones left out. What the file is called does not matter, its content does.

    :raises Refused: when it is no table that can be read.
    """
    if not content.strip():
        raise Refused("empty", "The file is empty: it has no rows.")
    if content.startswith(b"%PDF"):
        raise Refused("not_a_table", "This is a PDF, whatever it is called. Send a .xlsx or .csv file.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("not_a_table", "This is an old or password-protected Excel file. Save it as .xlsx without one.")
    if content.startswith(b"PK"):
        return _workbook(content)
    return _text_table(_decoded(content))


def _bounded(rows: Iterator[Row], max_rows: int) -> list[Row]:
    kept: list[Row] = []
    for line, cells in rows:
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > MAX_COLUMNS:
            raise Refused("too_many_columns", f"Line {line} has more than {MAX_COLUMNS} columns.")
        kept.append((line, [cell[: MAX_CELL_CHARS + 1] for cell in cells]))
        if len(kept) > max_rows + 1:  # the first is the heading
            raise Refused("too_many_rows", f"More than {max_rows:,} rows, the limit. Split the file.")
    return kept


def _decoded(content: bytes) -> str:
    """UTF-8, with or without a mark, or UTF-16 with one. Other encodings look alike; guessing would garble names."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(
            "wrong_encoding",
            f"Neither a spreadsheet nor text in UTF-8 (line {line}). In Excel choose .xlsx or “CSV UTF-8”.",
        ) from None
    if "\0" in text:
        raise Refused("not_a_table", "This is neither a spreadsheet nor text. Send a .xlsx or .csv file.")
    return text


def _text_table(text: str) -> Iterator[Row]:
    # A byte order mark, no-break spaces or line separators alone are no row either.
    heading = next((line for line in text.splitlines() if line.strip()), None)
    if heading is None:
        raise Refused("empty", "The file has no rows.")
    delimiter = max(_DELIMITERS, key=heading.count)
    csv.field_size_limit(64 * 1024)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise Refused("not_a_table", f"Line {line} cannot be read as CSV: {error}.") from None


def _workbook(content: bytes) -> Iterator[Row]:
    _check_archive(content)
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        if not sheets:
            raise Refused("empty", "The workbook has no sheet.")
        # What the file says of its own size may be wrong.
        sheets[0].reset_dimensions()
        for line, cells in enumerate(sheets[0].iter_rows(), 1):
            yield line, [_text_of(cell) for cell in cells]
    except (Refused, MemoryError):
        raise
    except Exception:  # openpyxl raises whatever a broken file makes it stumble over
        raise Refused("not_a_table", "This spreadsheet cannot be read. Open it and save it as .xlsx again.") from None


def _check_archive(content: bytes) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Refused("not_a_table", "This spreadsheet is damaged.") from None
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise Refused("not_a_table", "This is no Excel file, whatever it is called. Send a .xlsx or .csv file.")
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise Refused("too_large", "The spreadsheet unpacks to more than is allowed.")


def _text_of(cell: Any) -> str:
    """As a person would type it: dates in ISO 8601, whole numbers without a point. Formulas keep their `=`."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return "=" + str(value).lstrip("=")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


if __name__ == "__main__":
    main()
