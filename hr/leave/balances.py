"""What is left: the balance on a day, with the steps that lead to it, and whether days off are covered."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from hr.leave import accrual, carry_over, entitlements, explanation
from hr.leave.values import ZERO, Record


@dataclass(frozen=True)
class Balance:
    """One person's leave in the calendar year of `on`, in working days.

    `entitlement` is the whole year's, `accrued` what of it has been earned by `on`, `adjustments` what HR added.
    `carried_over` came from the year before; `lapsed` of it was not taken in time. `taken` is approved leave up to
    `on`, `planned` approved leave after it, `pending` what waits for a decision in this year. `available` can still be
    requested from `on` on, without leaving other leave of the year uncovered. `steps` prove it, line by line.
    """

    on: date
    entitlement: Decimal
    accrued: Decimal
    adjustments: Decimal
    carried_over: Decimal
    lapsed: Decimal
    taken: Decimal
    planned: Decimal
    pending: Decimal
    available: Decimal
    steps: tuple[str, ...]

    @property
    def year(self) -> int:
        return self.on.year


@dataclass(frozen=True)
class Bound:
    """How many days can be taken from `on` on without the leave up to `day` running out.

    own + carried_over - used, or only what is left of the days carried over (`is_carried_over_only`) when all leave
    to come is covered by what accrues until then.
    """

    day: date
    own: Decimal
    carried_over: Decimal
    used: Decimal
    is_carried_over_only: bool = False

    @property
    def days(self) -> Decimal:
        return self.own + self.carried_over - self.used


def balance(*, record: Record, on: date) -> Balance:
    """The balance of `on`'s year as of `on` (see docs/leave.md for the rules)."""
    first, last = date(on.year, 1, 1), date(on.year, 12, 31)
    stated, employment = record.year(on.year), record.employment
    carried = carry_over.carried_into(record=record, year=on.year)
    bound = tightest_bound(record=record, on=on)
    figures = Balance(
        on=on,
        entitlement=entitlements.entitlement(stated=stated, employment=employment, year=on.year),
        accrued=accrual.accrued(record=record, on=on),
        adjustments=record.adjusted(on.year),
        carried_over=carried.days,
        lapsed=ZERO if on <= carried.until else carried.days - carry_over.used_of(carried, record=record, on=on),
        taken=_sum(record, first, on, is_approved=True),
        planned=_sum(record, on + timedelta(days=1), last, is_approved=True),
        pending=_sum(record, first, last, is_approved=False),
        available=bound.days,
        steps=(),
    )
    steps = explanation.steps(record=record, figures=figures, carried=carried, bound=bound)
    return replace(figures, steps=steps)


def tightest_bound(*, record: Record, on: date) -> Bound:
    """The day from `on` to the year's end on which the least is left. One pass over the days off of the year."""
    carried = carry_over.carried_into(record=record, year=on.year)
    later = {off.day for off in record.days_off if on < off.day <= date(on.year, 12, 31)}
    bounds = [_bound(record, carried, on=on, day=day) for day in sorted({on, *later})]
    # Of equal ones the last: with all days accrued it counts all leave of the year.
    return min(reversed(bounds), key=lambda bound: bound.days)


def _bound(record: Record, carried: carry_over.CarryOver, *, on: date, day: date) -> Bound:
    own = accrual.accrued(record=record, on=day) + record.adjusted(day.year)
    used = record.used(first=date(day.year, 1, 1), last=day)
    if on > carried.until:
        return Bound(day=day, own=own, carried_over=carry_over.used_of(carried, record=record, on=day), used=used)
    in_time = record.used(first=date(day.year, 1, 1), last=min(day, carried.until))
    as_it_is = Bound(day=day, own=own, carried_over=min(carried.days, in_time), used=used)
    if as_it_is.days < 0:  # not covered even now, whatever is asked for in addition
        return as_it_is
    whole = Bound(day=day, own=own, carried_over=carried.days, used=used)
    only_carried = Bound(
        day=day, own=ZERO, carried_over=carried.days, used=min(in_time, carried.days), is_carried_over_only=True
    )
    return max(whole, only_carried, key=lambda bound: bound.days)


def shortfall(*, record: Record, since: date) -> Decimal:
    """By how many days leave from `since` on is not covered, at worst; 0 when all of it is.

    On no day may more have been used than has been earned or carried over by then. Later years are looked at, too:
    days taken this year are not carried into the next.
    """
    days = {off.day for off in record.days_off if off.day >= since}
    # Worked out once a year: each goes back over all the years before.
    carried = {year: carry_over.carried_into(record=record, year=year) for year in {day.year for day in days}}
    return max((_uncovered(record, carried[day.year], day) for day in days), default=ZERO)


def _uncovered(record: Record, carried: carry_over.CarryOver, day: date) -> Decimal:
    own = accrual.accrued(record=record, on=day) + record.adjusted(day.year)
    used = record.used(first=date(day.year, 1, 1), last=day)
    return max(ZERO, used - own - carry_over.used_of(carried, record=record, on=day))


def _sum(record: Record, first: date, last: date, *, is_approved: bool) -> Decimal:
    offs = (off for off in record.days_off if first <= off.day <= last and off.is_approved == is_approved)
    return sum((off.amount for off in offs), ZERO)
