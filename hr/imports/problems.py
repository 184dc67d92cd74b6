"""What is wrong with one cell."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """`line` as the spreadsheet shows it, `column` as in hr.imports.columns, `reason` for people."""

    line: int
    column: str
    reason: str
