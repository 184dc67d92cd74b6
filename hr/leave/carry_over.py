"""Unused days that come over into the next year, and until when."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hr.leave import accrual
from hr.leave.values import ZERO, Record


@dataclass(frozen=True)
class CarryOver:
    """Days brought into a year, to be taken up to `until` (included). `unused` of the year before, uncapped.

    `is_stated`: HR wrote the figure down, so it is not computed.
    """

    days: Decimal
    until: date
    unused: Decimal = ZERO
    is_stated: bool = False


def last_day(*, month_day: str, year: int) -> date:
    """Of "03-31" in a year; "" is the year's last day, and "02-29" 28 February in a common year."""
    if not month_day:
        return date(year, 12, 31)
    month, day = (int(part) for part in month_day.split("-"))
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month, 28)


def carried_into(*, record: Record, year: int) -> CarryOver:
    """What comes into `year`: what HR stated, or the unused days of the year before, capped by `year`'s policy.

    Zero without a policy in both years, because there is no record of the year before then.
    """
    stated, policy = record.year(year), record.year(year).policy
    until = last_day(month_day=policy.carry_over_until if policy else "", year=year)
    if stated.carried_over_stated is not None:
        return CarryOver(days=stated.carried_over_stated, until=until, is_stated=True)
    start = record.employment.start
    if policy is None or record.year(year - 1).policy is None or (start is not None and start.year >= year):
        return CarryOver(days=ZERO, until=until)
    left = max(ZERO, unused(record=record, year=year - 1))
    return CarryOver(days=min(policy.carry_over_max_days, left), until=until, unused=left)


def unused(*, record: Record, year: int) -> Decimal:
    """Left at the end of the year. Days carried into it count only as far as they were taken in time."""
    end = date(year, 12, 31)
    own = accrual.accrued(record=record, on=end) + record.adjusted(year)
    return own + taken_of(record=record, on=end) - record.used(first=date(year, 1, 1), last=end)


def taken_of(*, record: Record, on: date) -> Decimal:
    """Of the days carried into `on`'s year, those used by `on`: leave takes them first, while they last."""
    return used_of(carried_into(record=record, year=on.year), record=record, on=on)


def used_of(carried: CarryOver, *, record: Record, on: date) -> Decimal:
    """The same for somebody who has worked out what was carried into the year."""
    used = record.used(first=date(on.year, 1, 1), last=min(on, carried.until))
    return min(carried.days, used)
