"""What is said to be available is exactly what can still be taken, on random records of leave."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hr.leave.balances import balance, shortfall
from hr.leave.values import Adjustment, DayOff, Employment, Policy, Record, YearOnRecord

HALF = Decimal("0.5")
YEAR_BEGINS = date(2026, 1, 1)

policies = st.builds(
    Policy,
    annual_days=st.integers(0, 40).map(Decimal),
    is_monthly=st.booleans(),
    rounding=st.sampled_from(["half_day_up", "whole_day_nearest"]),
    carry_over_max_days=st.integers(0, 8).map(Decimal),
    carry_over_until=st.sampled_from(["", "03-31", "06-30", "02-29"]),
)
days = st.integers(0, 364).map(lambda offset: YEAR_BEGINS + timedelta(days=offset))
employments = st.builds(
    Employment,
    start=st.one_of(st.none(), st.dates(date(2024, 1, 1), date(2026, 12, 31))),
    end=st.one_of(st.none(), st.dates(date(2026, 6, 1), date(2027, 12, 31))),
    days_per_week=st.sampled_from([Decimal(5), Decimal(3), Decimal("2.5")]),
)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A person with two years under one policy, and leave on some days of both."""
    policy = draw(policies)
    days_off = [
        DayOff(day=day - timedelta(days=365 * back), amount=draw(st.sampled_from([HALF, Decimal(1)])), is_approved=yes)
        for day, back, yes in draw(st.lists(st.tuples(days, st.sampled_from([0, 0, 1]), st.booleans()), max_size=25))
    ]
    adjustments = tuple(Adjustment(Decimal(n) / 2, "x") for n in draw(st.lists(st.integers(-6, 6), max_size=2)))
    stated = YearOnRecord(policy=policy, adjustments=adjustments)
    return Record(
        employment=draw(employments),
        years={2025: YearOnRecord(policy=policy), 2026: stated},
        days_off=tuple(sorted(days_off, key=lambda off: off.day)),
    )


def taking(record: Record, amount: Decimal, on: date) -> Record:
    """The record with so many days more on one day."""
    more = DayOff(day=on, amount=amount, is_approved=False)
    return replace(record, days_off=tuple(sorted((*record.days_off, more), key=lambda off: off.day)))


@given(records(), days)
@settings(max_examples=400, deadline=None)
def test_all_that_is_available_can_be_taken_and_no_half_day_more(record: Record, on: date) -> None:
    assume(shortfall(record=record, since=YEAR_BEGINS) == 0)
    available = balance(record=record, on=on).available

    if available > 0:
        assert shortfall(record=taking(record, available, on), since=on) == 0
    assert shortfall(record=taking(record, max(available, Decimal(0)) + HALF, on), since=on) > 0


@given(records(), days)
@settings(max_examples=200, deadline=None)
def test_leave_that_is_not_covered_leaves_nothing_available_before_it(record: Record, on: date) -> None:
    if shortfall(record=record, since=on) > 0:
        assert balance(record=record, on=on).available <= 0


@given(records(), days)
@settings(max_examples=200, deadline=None)
def test_figures_are_of_one_year_and_add_up(record: Record, on: date) -> None:
    found = balance(record=record, on=on)
    of_the_year = sum((off.amount for off in record.days_off if off.day.year == 2026), Decimal(0))

    assert found.taken + found.planned + found.pending == of_the_year
    assert 0 <= found.lapsed <= found.carried_over
    assert 0 <= found.accrued <= found.entitlement
    assert found.steps
