"""Which days of a request count: working days of the person, without public holidays, to half a day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hr.leave.values import ZERO

# What a person works on each weekday, Monday first: 0, a half or 1.
Week = tuple[Decimal, ...]

_DAY, _HALF = Decimal(1), Decimal("0.5")


@dataclass(frozen=True)
class Span:
    """What is asked for. A half first day begins at noon, a half last day ends at noon."""

    first: date
    last: date
    is_first_half: bool = False
    is_last_half: bool = False


@dataclass(frozen=True)
class Counted:
    """The working days of a span with their amounts, the holidays that would have been ones, and all other days."""

    days: tuple[tuple[date, Decimal], ...]
    holidays: tuple[tuple[date, str], ...]
    free_days: int

    @property
    def total(self) -> Decimal:
        return sum((amount for _, amount in self.days), ZERO)

    def by_year(self) -> dict[int, Decimal]:
        """The total, split over calendar years."""
        split: dict[int, Decimal] = {}
        for day, amount in self.days:
            split[day.year] = split.get(day.year, ZERO) + amount
        return split


def usual_week(*, days_per_week: Decimal, weekend: Collection[int] = (5, 6)) -> Week:
    """The first days of the working week, when nothing else is on record: three days are Monday to Wednesday.

    A half day comes after the whole ones; a sixth and seventh day are on the weekend.
    """
    # The week begins after the weekend: on Sunday where people rest on Friday and Saturday.
    begins = next((day for day in range(7) if day not in weekend and (day - 1) % 7 in weekend), 0)
    order = [(begins + offset) % 7 for offset in range(7)]
    order = [day for day in order if day not in weekend] + [day for day in order if day in weekend]
    amounts = [ZERO] * 7
    left = days_per_week
    for day in order:
        amounts[day] = _DAY if left >= _DAY else _HALF if left >= _HALF else ZERO
        left -= amounts[day]
    return tuple(amounts)


def count(*, span: Span, week: Week, holidays: Mapping[date, str]) -> Counted:
    """Go through the span day by day."""
    days: list[tuple[date, Decimal]] = []
    skipped: list[tuple[date, str]] = []
    length = (span.last - span.first).days + 1
    for offset in range(length):
        day = span.first + timedelta(days=offset)
        works = week[day.weekday()]
        if not works:
            continue
        if day in holidays:
            skipped.append((day, holidays[day]))
            continue
        is_half = (day == span.first and span.is_first_half) or (day == span.last and span.is_last_half)
        days.append((day, min(works, _HALF) if is_half else works))
    return Counted(days=tuple(days), holidays=tuple(skipped), free_days=length - len(days) - len(skipped))
