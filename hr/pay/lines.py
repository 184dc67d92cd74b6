"""A paystub as plain values, and the rule by which it must add up."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, cast

from hr.pay import amounts

Kind = Literal["earning", "deduction", "employer"]
KINDS: tuple[Kind, ...] = ("earning", "deduction", "employer")


# Not strftime's: its names follow the locale of the process, and the same paystub must be the same file.
_MONTHS = "January February March April May June July August September October November December".split()
_DAY = timedelta(days=1)


class AmountsDisagree(ValueError):
    """Lines, gross and net do not add up. The message says which and never repeats an amount."""


@dataclass(frozen=True)
class PayLine:
    """One line. Amounts of deductions are positive; a refunded deduction is negative. `employer` lines are on top and
    count neither for gross nor for net. An empty `explanation` means that of the company's pay code."""

    code: str
    label: str
    kind: Kind
    amount: Decimal
    explanation: str = ""


@dataclass(frozen=True)
class PayslipHeading:
    """What a list shows of a paystub: no amounts."""

    id: uuid.UUID
    employee_id: int
    period_start_date: date
    period_end_date: date
    pay_date: date
    currency: str
    number: int
    corrects_id: uuid.UUID | None
    corrected_by_id: uuid.UUID | None

    @property
    def month(self) -> str:
        """How people call it: October 2026, or its first and last day where it is no month."""
        first, last = self.period_start_date, self.period_end_date
        if first.day == 1 and (first.year, first.month) == (last.year, last.month) and (last + _DAY).day == 1:
            return f"{_MONTHS[first.month - 1]} {first.year}"
        return f"{day_name(first)} to {day_name(last)}"

    @property
    def is_correction(self) -> bool:
        return self.corrects_id is not None

    @property
    def is_replaced(self) -> bool:
        """Whether a correction took its place."""
        return self.corrected_by_id is not None


@dataclass(frozen=True)
class Payslip(PayslipHeading):
    """One opened paystub. Its text form shows no amounts, so that none lands in a log by accident."""

    gross: Decimal
    net: Decimal
    lines: tuple[PayLine, ...]
    digest: str

    def __repr__(self) -> str:
        return f"Payslip({self.id})"

    def of_kind(self, kind: str) -> tuple[PayLine, ...]:
        return tuple(line for line in self.lines if line.kind == kind)

    def total_of(self, kind: str) -> Decimal:
        return sum((line.amount for line in self.of_kind(kind)), Decimal(0))

    @property
    def net_written(self) -> str:
        return self.written(self.net)

    @property
    def gross_written(self) -> str:
        return self.written(self.gross)

    def written(self, amount: Decimal) -> str:
        """An amount with the digits of this paystub's currency."""
        return amounts.written(amount, currency=self.currency)


def day_name(day: date) -> str:
    """28 October 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def check_sums(*, gross: Decimal, net: Decimal, lines: Sequence[PayLine]) -> None:
    """Earnings add up to gross, and gross less deductions is net.

    :raises AmountsDisagree: when they do not.
    """
    if sum((line.amount for line in lines if line.kind == "earning"), Decimal(0)) != gross:
        raise AmountsDisagree("the earnings do not add up to gross")
    if gross - sum((line.amount for line in lines if line.kind == "deduction"), Decimal(0)) != net:
        raise AmountsDisagree("gross less the deductions is not net")


def as_json(lines: Sequence[PayLine]) -> list[dict[str, str]]:
    """What is sealed. Amounts are texts: JSON's numbers are not decimal."""
    return [
        {
            "code": line.code,
            "label": line.label,
            "kind": line.kind,
            "amount": format(line.amount, "f"),
            "explanation": line.explanation,
        }
        for line in lines
    ]


def from_json(rows: Sequence[dict[str, Any]]) -> tuple[PayLine, ...]:
    """The lines of what was sealed."""
    return tuple(
        PayLine(
            code=row["code"],
            label=row["label"],
            kind=cast(Kind, row["kind"]),
            amount=Decimal(row["amount"]),
            explanation=row.get("explanation", ""),
        )
        for row in rows
    )
