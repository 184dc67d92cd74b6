"""How many of a year's days have been earned on a given day."""

from datetime import date
from decimal import Decimal

from hr.leave import entitlements
from hr.leave.values import Record


def months_begun(*, record: Record, on: date) -> int:
    """Months of `on`'s year with an employed day up to `on`."""
    days = entitlements.first_days_of_months(employment=record.employment, year=on.year)
    return sum(day <= on for day in days)


def accrued(*, record: Record, on: date) -> Decimal:
    """Days earned from 1 January to `on`: all from the first employed day, or one twelfth with each month begun.

    Rounded by the policy, so it never shrinks and ends at the year's entitlement. Without adjustments.
    """
    stated = record.year(on.year)
    begun = months_begun(record=record, on=on)
    if stated.policy is None or not begun:
        return Decimal(0)
    if stated.policy.is_monthly:
        return entitlements.days_for_months(stated=stated, employment=record.employment, months=begun)
    return entitlements.entitlement(stated=stated, employment=record.employment, year=on.year)
