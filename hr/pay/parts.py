"""A paystub as tables to show: the same on the person's page and on HR's."""

from collections.abc import Sequence
from dataclasses import dataclass

from hr.pay.lines import PayLine, Payslip

_PARTS = (
    ("earning", "Earnings", "Gross"),
    ("deduction", "Deductions", "All deductions"),
    ("employer", "Paid by the employer on top", "In total"),
)


@dataclass(frozen=True)
class Row:
    """A line as it is written."""

    code: str
    label: str
    amount: str
    explanation: str

    def __repr__(self) -> str:
        return f"Row({self.code})"


@dataclass(frozen=True)
class Part:
    """One table: its lines, and what they add up to."""

    title: str
    total_label: str
    total: str
    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        return f"Part({self.title})"


def parts_of(*, payslip: Payslip, explained: Sequence[tuple[PayLine, str]]) -> tuple[Part, ...]:
    """Earnings, deductions and what the employer pays on top; kinds without a line are left out."""
    return tuple(
        Part(
            title=title,
            total_label=total_label,
            total=payslip.written(payslip.total_of(kind)),
            rows=tuple(
                Row(code=line.code, label=line.label, amount=payslip.written(line.amount), explanation=explanation)
                for line, explanation in explained
                if line.kind == kind
            ),
        )
        for kind, title, total_label in _PARTS
        if payslip.of_kind(kind)
    )
