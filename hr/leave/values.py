"""What the rules are computed from: plain values, days as Decimal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)
# A policy's days are stated for a full-time week of five days.
FULL_WEEK_DAYS = Decimal(5)
MONTHS = 12


@dataclass(frozen=True)
class Policy:
    """The rules for a kind of people in a year. `name` tells a reader which policy it is."""

    annual_days: Decimal
    is_monthly: bool = False
    rounding: str = "half_day_up"
    carry_over_max_days: Decimal = ZERO
    carry_over_until: str = ""
    waiting_months: int = 0
    name: str = ""


@dataclass(frozen=True)
class Employment:
    """From when to when (both included; None: not on record, so it does not limit) and how many days a week."""

    start: date | None = None
    end: date | None = None
    days_per_week: Decimal = FULL_WEEK_DAYS


@dataclass(frozen=True)
class Adjustment:
    """Days that HR added (or took, as a minus), with the reason."""

    days: Decimal
    reason: str


@dataclass(frozen=True)
class DayOff:
    """One working day, or a half of one, that a request takes from the balance."""

    day: date
    amount: Decimal
    is_approved: bool


@dataclass(frozen=True)
class YearOnRecord:
    """What is stated for one calendar year: the policy, and what HR put in its place."""

    policy: Policy | None
    annual_by_contract: Decimal | None = None
    carried_over_stated: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True)
class Record:
    """A person's leave, complete: years without an entry have no policy. `days_off` in the order of days."""

    employment: Employment
    years: Mapping[int, YearOnRecord] = field(default_factory=dict)
    days_off: tuple[DayOff, ...] = ()

    def year(self, year: int) -> YearOnRecord:
        return self.years.get(year, YearOnRecord(policy=None))

    def adjusted(self, year: int) -> Decimal:
        """The sum of the year's adjustments."""
        return sum((each.days for each in self.year(year).adjustments), ZERO)

    def used(self, *, first: date, last: date) -> Decimal:
        """Days off from `first` to `last`, both included, decided or waiting."""
        return sum((off.amount for off in self.days_off if first <= off.day <= last), ZERO)
