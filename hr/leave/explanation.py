"""The balance in words: every figure with where it comes from, so that a person can check it by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from hr.leave import accrual, entitlements
from hr.leave.carry_over import CarryOver
from hr.leave.values import FULL_WEEK_DAYS, MONTHS, ZERO, Policy, Record
from hr.leave.wording import amount, day, days_of

if TYPE_CHECKING:
    from hr.leave.balances import Balance, Bound

_ROUNDING = {
    "half_day_up": "up to the next half day",
    "whole_day_nearest": "to the nearest whole day",
    "none": "to hundredths",
}


def steps(*, record: Record, figures: Balance, carried: CarryOver, bound: Bound) -> tuple[str, ...]:
    """One line for each step, in the order of the computation."""
    policy = record.year(figures.year).policy
    if policy is None:
        return (f"No leave policy covers {figures.year}.",)
    return (
        *_entitlement(record, policy, figures),
        *_adjustments(record, figures),
        *_carried_over(figures, carried),
        *_used(figures),
        *_available(figures, bound),
    )


def _entitlement(record: Record, policy: Policy, figures: Balance) -> Iterator[str]:
    stated, employment = record.year(figures.year), record.employment
    full = entitlements.full_year_days(stated=stated, employment=employment)
    if stated.annual_by_contract is not None:
        yield f"By contract: {days_of(full)} a year."
    else:
        name = f" ({policy.name})" if policy.name else ""
        yield f"Policy{name}: {days_of(policy.annual_days)} a year for a week of five days."
        if employment.days_per_week != FULL_WEEK_DAYS:
            week = amount(employment.days_per_week)
            yield f"Works {week} days a week: {amount(policy.annual_days)} × {week} / 5 = {amount(full)}."
    months = len(entitlements.first_days_of_months(employment=employment, year=figures.year))
    if months < MONTHS:
        exact = full * months / MONTHS
        yield (
            f"Employed in {months} of 12 months of {figures.year}{_since(record, figures.year)}: "
            f"{amount(full)} × {months} / 12 = {amount(exact)}."
        )
    if full * months / MONTHS != figures.entitlement:
        yield f"Rounded {_ROUNDING[policy.rounding]}: {amount(figures.entitlement)}."
    if policy.is_monthly:
        begun = accrual.months_begun(record=record, on=figures.on)
        yield (
            f"Earned by {day(figures.on)}, one twelfth for each month begun: "
            f"{amount(full)} × {begun} / 12{_rounded_to(full * begun / MONTHS, figures.accrued, policy)}."
        )
    start = entitlements.first_day_of_leave(policy=policy, employment=employment)
    if start > figures.on:
        yield f"Leave can be taken from {day(start)}, after {policy.waiting_months} months of employment."


def _rounded_to(exact: Decimal, accrued: Decimal, policy: Policy) -> str:
    if exact == accrued:
        return f" = {amount(accrued)}"
    return f" = {amount(exact)}, rounded {_ROUNDING[policy.rounding]}: {amount(accrued)}"


def _since(record: Record, year: int) -> str:
    start, end = record.employment.start, record.employment.end
    parts = [f"from {day(start)}"] if start and start.year == year else []
    parts += [f"until {day(end)}"] if end and end.year == year else []
    return f" ({' '.join(parts)})" if parts else ""


def _adjustments(record: Record, figures: Balance) -> Iterator[str]:
    for each in record.year(figures.year).adjustments:
        sign = "+" if each.days > 0 else "−"
        yield f"Adjustment: {sign}{amount(abs(each.days))} ({each.reason})."


def _carried_over(figures: Balance, carried: CarryOver) -> Iterator[str]:
    if carried.is_stated:
        origin = "stated by HR"
    elif carried.unused > carried.days:
        origin = f"of {amount(carried.unused)} left, at most {amount(carried.days)} are carried over"
    else:
        origin = f"left from {figures.year - 1}"
    if carried.days:
        until = "" if carried.until == date(figures.year, 12, 31) else f"; to be taken by {day(carried.until)}"
        yield f"Carried over from {figures.year - 1}: {days_of(carried.days)} ({origin}{until})."
    elif carried.unused:
        yield f"Carried over from {figures.year - 1}: none of {amount(carried.unused)} left."
    if figures.lapsed:
        yield f"Not taken by {day(carried.until)}, so lapsed: {days_of(figures.lapsed)}."


def _used(figures: Balance) -> Iterator[str]:
    yield f"Taken by {day(figures.on)}: {days_of(figures.taken)}."
    if figures.planned:
        yield f"Approved and still to come in {figures.year}: {days_of(figures.planned)}."
    if figures.pending:
        yield f"Waiting for a decision: {days_of(figures.pending)}."


def _available(figures: Balance, bound: Bound) -> Iterator[str]:
    if bound.is_carried_over_only:
        yield (
            f"Available on {day(figures.on)}: {amount(bound.carried_over)} carried over − {amount(bound.used)} used "
            f"= {amount(bound.days)}; all other days are needed for leave that is planned."
        )
        return
    everything = figures.taken + figures.planned + figures.pending
    when = "" if bound.used == everything else f" by {day(bound.day)}"
    parts = f"{amount(bound.own - figures.adjustments)} earned{when}"
    if figures.adjustments:
        parts += f" {'+' if figures.adjustments > ZERO else '−'} {amount(abs(figures.adjustments))} adjusted"
    if bound.carried_over:
        parts += f" + {amount(bound.carried_over)} carried over"
    yield f"Available on {day(figures.on)}: {parts} − {amount(bound.used)} used{when} = {amount(bound.days)}."
    if when:
        rest = everything - bound.used
        yield f"{days_of(rest)} of leave after {day(bound.day)} will be covered by what is earned until then."
