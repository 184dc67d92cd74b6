"""How many days a person gets in a calendar year: part time, joiners and leavers, rounding."""

from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from hr.leave.values import FULL_WEEK_DAYS, MONTHS, ZERO, Employment, Policy, YearOnRecord

_HALF = Decimal("0.5")


def rounded(days: Decimal, *, rounding: str) -> Decimal:
    """By the policy's rule: `half_day_up`, `whole_day_nearest` (halves up), or to hundredths with `none`."""
    if rounding == "half_day_up":
        return (days / _HALF).to_integral_value(ROUND_CEILING) * _HALF
    if rounding == "whole_day_nearest":
        return days.quantize(Decimal(1), ROUND_HALF_UP)
    return days.quantize(Decimal("0.01"), ROUND_HALF_UP)


def first_days_of_months(*, employment: Employment, year: int) -> tuple[date, ...]:
    """The first employed day in each month of the year that has one: a month counts as soon as it has begun."""
    first = max(employment.start or date.min, date(year, 1, 1))
    last = min(employment.end or date.max, date(year, 12, 31))
    months = (max(first, date(year, month, 1)) for month in range(first.month, MONTHS + 1)) if first <= last else ()
    return tuple(day for day in months if day <= last)


def full_year_days(*, stated: YearOnRecord, employment: Employment) -> Decimal:
    """Of somebody who is there all year, not rounded: the policy's days for their week, or those of their contract."""
    if stated.annual_by_contract is not None:
        return stated.annual_by_contract
    if stated.policy is None:
        return ZERO
    return stated.policy.annual_days * employment.days_per_week / FULL_WEEK_DAYS


def days_for_months(*, stated: YearOnRecord, employment: Employment, months: int) -> Decimal:
    """One twelfth of a full year for each month, rounded by the policy."""
    if stated.policy is None:
        return ZERO
    exact = full_year_days(stated=stated, employment=employment) * months / MONTHS
    return rounded(exact, rounding=stated.policy.rounding)


def entitlement(*, stated: YearOnRecord, employment: Employment, year: int) -> Decimal:
    """The year's days: one twelfth for each month begun."""
    months = len(first_days_of_months(employment=employment, year=year))
    return days_for_months(stated=stated, employment=employment, months=months)


def first_day_of_leave(*, policy: Policy, employment: Employment) -> date:
    """The first day after the waiting period; `date.min` when there is none or the start is not on record."""
    start = employment.start
    if start is None or not policy.waiting_months:
        return date.min
    month = start.month - 1 + policy.waiting_months
    year, month = start.year + month // MONTHS, month % MONTHS + 1
    # Begun on the 31st, six months later is the first of the month after a short one, not a day before.
    try:
        return date(year, month, start.day)
    except ValueError:
        return date(year + month // MONTHS, month % MONTHS + 1, 1)
