"""Pay sheets: CSV with one row for each line of each paystub. Reading them says what is wrong, with line and column.

Reasons never repeat what stands in a cell: they are shown on pages, and cells hold amounts.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from hr.pay import amounts
from hr.pay.cells import WrongCell, read_cell
from hr.pay.lines import AmountsDisagree, Kind, PayLine, check_sums

MAX_BYTES = 10 * 1024 * 1024
# About a year of monthly paystubs of 400 people, with ten lines each.
MAX_ROWS = 50_000

COLUMNS = (
    "employee_number",
    "period_start",
    "period_end",
    "pay_date",
    "currency",
    "gross",
    "net",
    "code",
    "label",
    "kind",
    "amount",
)
OPTIONAL_COLUMNS = ("correction", "explanation")
# The columns that are the same in every row of one paystub.
_SHARED = ("pay_date", "currency", "gross", "net", "correction")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `line` counts from 1, the header included; 0 is the file as a whole."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class SheetPaystub:
    """One paystub of a sheet. `line` is that of its first row."""

    line: int
    employee_number: str
    period_start_date: date
    period_end_date: date
    pay_date: date
    currency: str
    gross: Decimal
    net: Decimal
    is_correction: bool
    lines: tuple[PayLine, ...]

    def __repr__(self) -> str:
        return f"SheetPaystub(line {self.line})"


@dataclass(frozen=True)
class Sheet:
    """What was read. With any problem nothing of it may be written."""

    paystubs: tuple[SheetPaystub, ...]
    problems: tuple[Problem, ...]
    row_count: int
    # Where each employee number stands first, also when its paystub has problems of its own.
    named: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class _Row:
    line: int
    values: dict[str, object]

    @property
    def period(self) -> tuple[object, ...]:
        return self.values["employee_number"], self.values["period_start"], self.values["period_end"]


def read_sheet(source: bytes) -> Sheet:
    """Read a pay sheet. Never raises for its content: what is wrong is in `problems`, in the order of lines."""
    try:
        rows = list(_rows(source))
    except WrongCell as error:
        return Sheet(paystubs=(), problems=(Problem(0, "", str(error)),), row_count=0)
    problems: list[Problem] = []
    good: list[_Row] = []
    for line, cells in rows:
        read = _read_row(line, cells, problems)
        if read is not None:
            good.append(read)
    paystubs = list(_paystubs(good, problems))
    problems.sort(key=lambda problem: problem.line)
    named: dict[str, int] = {}
    for line, cells in rows:
        named.setdefault(cells.get("employee_number", "").strip(), line)
    return Sheet(
        paystubs=tuple(paystubs),
        problems=tuple(problems),
        row_count=len(rows),
        named=tuple((line, number) for number, line in named.items() if number),
    )


def _rows(source: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    text = _text(source)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [_name(cell) for cell in next(reader, [])]
        _check_header(names)
        for count, cells in enumerate(reader):
            if count >= MAX_ROWS:
                raise WrongCell(f"has more than {MAX_ROWS} rows: split it")
            if any(cell.strip() for cell in cells):
                filled = [*cells, *[""] * (len(names) - len(cells))]
                extra = {"": "more cells than the header"} if len(cells) > len(names) else {}
                yield reader.line_num, {**dict(zip(names, filled, strict=False)), **extra}
    except csv.Error:
        raise WrongCell(f"cannot be read from line {reader.line_num} on: a quotation mark is not closed") from None


def _text(source: bytes) -> str:
    if not source.strip():
        raise WrongCell("is empty")
    if len(source) > MAX_BYTES:
        raise WrongCell(f"is larger than {MAX_BYTES // 1024 // 1024} MB: split it")
    if source[:2] in (b"PK", b"%P", b"\xd0\xcf") or b"\x00" in source:
        raise WrongCell("is not CSV; in a spreadsheet program choose 'Save as: CSV UTF-8'")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes where it is not told to write UTF-8; every byte means something in it.
        return source.decode("cp1252", errors="replace")


def _name(cell: str) -> str:
    return "_".join(cell.strip().casefold().replace("_", " ").split())


def _check_header(names: list[str]) -> None:
    if missing := [name for name in COLUMNS if name not in names]:
        raise WrongCell(f"has no column {', '.join(missing)} in its first line")
    if len(set(names)) != len(names):
        raise WrongCell("has two columns of the same name")
    if unknown := [name for name in names if name not in (*COLUMNS, *OPTIONAL_COLUMNS)]:
        raise WrongCell(f"has columns that are not known: {', '.join(name[:40] or '(empty)' for name in unknown[:5])}")


def _read_row(line: int, cells: dict[str, str], problems: list[Problem]) -> _Row | None:
    """The row's values by column; None after its problems were noted."""
    before = len(problems)
    values: dict[str, object] = {}
    currency = cells.get("currency", "").strip().upper()
    if "" in cells:
        problems.append(Problem(line, "", "has more cells than the header has columns"))
    for column in (*COLUMNS, *OPTIONAL_COLUMNS):
        try:
            values[column] = read_cell(column, cells.get(column, "").strip(), currency=currency)
        except (WrongCell, amounts.BadAmount) as error:
            problems.append(Problem(line, column, str(error)))
    return _Row(line, values) if len(problems) == before else None


def _paystubs(rows: list[_Row], problems: list[Problem]) -> Iterator[SheetPaystub]:
    groups: dict[tuple[object, ...], list[_Row]] = {}
    for row in rows:
        groups.setdefault(row.period, []).append(row)
    for group in groups.values():
        first, before = group[0], len(problems)
        for row in group[1:]:
            for column in _SHARED:
                if row.values[column] != first.values[column]:
                    problems.append(
                        Problem(row.line, column, f"differs from line {first.line}, which is of the same paystub")
                    )
        if cast(date, first.values["period_end"]) < cast(date, first.values["period_start"]):
            problems.append(Problem(first.line, "period_end", "is before the period starts"))
        if len(problems) > before:
            continue
        paystub = _paystub(group)
        try:
            check_sums(gross=paystub.gross, net=paystub.net, lines=paystub.lines)
        except AmountsDisagree as error:
            column = "net" if "is not net" in str(error) else "gross"
            problems.append(Problem(first.line, column, str(error)))
            continue
        yield paystub


def _paystub(group: list[_Row]) -> SheetPaystub:
    head = group[0].values
    return SheetPaystub(
        line=group[0].line,
        employee_number=cast(str, head["employee_number"]),
        period_start_date=cast(date, head["period_start"]),
        period_end_date=cast(date, head["period_end"]),
        pay_date=cast(date, head["pay_date"]),
        currency=cast(str, head["currency"]),
        gross=cast(Decimal, head["gross"]),
        net=cast(Decimal, head["net"]),
        is_correction=cast(bool, head["correction"]),
        lines=tuple(
            PayLine(
                code=cast(str, row.values["code"]),
                label=cast(str, row.values["label"]),
                kind=cast(Kind, row.values["kind"]),
                amount=cast(Decimal, row.values["amount"]),
                explanation=cast(str, row.values["explanation"]),
            )
            for row in group
        ),
    )
