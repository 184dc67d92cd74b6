"""The rules of docs/leave.md, each with figures that can be checked by hand. No database."""

from datetime import date
from decimal import Decimal

import pytest

from hr.leave import accrual, carry_over, entitlements
from hr.leave.balances import balance, shortfall
from hr.leave.values import ZERO, Adjustment, DayOff, Employment, Policy, Record, YearOnRecord

D = Decimal
GERMANY = Policy(annual_days=D(30), carry_over_max_days=D(5), carry_over_until="03-31", name="DE")
MONTHLY = Policy(annual_days=D(30), is_monthly=True, name="monthly")


def record(
    policy: Policy = GERMANY,
    *,
    employment: Employment | None = None,
    off: tuple[DayOff, ...] = (),
    years: tuple[int, ...] = (2026,),
    **stated: object,
) -> Record:
    """A person under one policy in these years; `stated` is about the last of them."""
    known = {year: YearOnRecord(policy=policy) for year in years}
    known[years[-1]] = YearOnRecord(policy=policy, **stated)  # type: ignore[arg-type]
    return Record(employment=employment or Employment(), years=known, days_off=off)


def off(*days: date, is_approved: bool = True, amount: str = "1") -> tuple[DayOff, ...]:
    return tuple(DayOff(day=day, amount=D(amount), is_approved=is_approved) for day in days)


def days_in(month: int, count: int, *, year: int = 2026, is_approved: bool = True) -> tuple[DayOff, ...]:
    """The first days of a month, whatever their weekday: the rules about balances do not look at it."""
    return off(*(date(year, month, day) for day in range(1, count + 1)), is_approved=is_approved)


def of_2026(policy: Policy, employment: Employment) -> Decimal:
    return entitlements.entitlement(stated=YearOnRecord(policy=policy), employment=employment, year=2026)


# --- Entitlement ------------------------------------------------------------------------------------------------------


def test_a_full_week_and_a_full_year_get_the_days_of_the_policy() -> None:
    assert of_2026(GERMANY, Employment()) == 30


@pytest.mark.parametrize(
    ("days_per_week", "days"),
    [("4", "24"), ("3", "18"), ("2.5", "15"), ("1", "6"), ("6", "36")],  # 30 × days / 5
)
def test_part_time_gets_the_share_of_a_week_of_five_days(days_per_week: str, days: str) -> None:
    assert of_2026(GERMANY, Employment(days_per_week=D(days_per_week))) == D(days)


@pytest.mark.parametrize(
    ("start", "days"),
    [
        (date(2026, 1, 1), "30"),
        (date(2026, 4, 1), "22.5"),  # 9 months: 30 × 9 / 12
        (date(2026, 4, 30), "22.5"),  # the month begun counts
        (date(2026, 12, 31), "2.5"),  # 30 × 1 / 12
        (date(2027, 1, 1), "0"),
        (date(2019, 7, 1), "30"),
    ],
)
def test_joiners_get_a_twelfth_for_each_month_begun(start: date, days: str) -> None:
    assert of_2026(GERMANY, Employment(start=start)) == D(days)


@pytest.mark.parametrize(
    ("end", "days"),
    [
        (date(2026, 12, 31), "30"),
        (date(2026, 9, 30), "22.5"),  # 9 months
        (date(2026, 10, 1), "25"),  # the tenth month has begun
        (date(2025, 12, 31), "0"),
    ],
)
def test_leavers_get_a_twelfth_for_each_month_begun(end: date, days: str) -> None:
    assert of_2026(GERMANY, Employment(start=date(2019, 7, 1), end=end)) == D(days)


def test_joining_and_leaving_in_one_year() -> None:
    there = Employment(start=date(2026, 3, 15), end=date(2026, 8, 1), days_per_week=D(3))

    assert of_2026(GERMANY, there) == D(9)  # March to August are 6 months: 30 × 3/5 × 6/12


@pytest.mark.parametrize(
    ("rounding", "days"),
    # 26 days, 7 months: 26 × 7 / 12 = 15.1666...
    [("half_day_up", "15.5"), ("whole_day_nearest", "15"), ("none", "15.17")],
)
def test_rounding_is_the_policys(rounding: str, days: str) -> None:
    policy = Policy(annual_days=D(26), rounding=rounding)

    assert of_2026(policy, Employment(start=date(2026, 6, 1))) == D(days)


@pytest.mark.parametrize(
    ("exact", "half_up", "nearest"),
    [("2", "2", "2"), ("2.01", "2.5", "2"), ("2.5", "2.5", "3"), ("2.51", "3", "3"), ("0", "0", "0")],
)
def test_rounding_at_the_edges(exact: str, half_up: str, nearest: str) -> None:
    assert entitlements.rounded(D(exact), rounding="half_day_up") == D(half_up)
    assert entitlements.rounded(D(exact), rounding="whole_day_nearest") == D(nearest)


def test_days_by_contract_take_the_place_of_the_policys_and_are_not_cut_for_part_time() -> None:
    stated = YearOnRecord(policy=GERMANY, annual_by_contract=D(20))
    half_a_year = Employment(start=date(2026, 7, 1), days_per_week=D(3))

    assert entitlements.entitlement(stated=stated, employment=half_a_year, year=2026) == D(10)  # 20 × 6 / 12


# --- Accrual ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(2026, 1, 1), "2.5"),  # January has begun
        (date(2026, 1, 31), "2.5"),
        (date(2026, 2, 1), "5"),
        (date(2026, 11, 20), "27.5"),  # 30 × 11 / 12
        (date(2026, 12, 31), "30"),
    ],
)
def test_monthly_accrual_earns_a_twelfth_with_each_month_begun(on: date, days: str) -> None:
    assert accrual.accrued(record=record(MONTHLY), on=on) == D(days)


def test_monthly_accrual_of_a_joiner_begins_with_the_first_day() -> None:
    joiner = record(MONTHLY, employment=Employment(start=date(2026, 4, 15)))

    assert accrual.accrued(record=joiner, on=date(2026, 4, 14)) == 0
    assert accrual.accrued(record=joiner, on=date(2026, 4, 15)) == D("2.5")
    assert accrual.accrued(record=joiner, on=date(2026, 5, 1)) == D(5)
    assert accrual.accrued(record=joiner, on=date(2026, 12, 31)) == D("22.5")


def test_yearly_accrual_gives_all_of_it_from_the_first_employed_day() -> None:
    joiner = record(employment=Employment(start=date(2026, 4, 15)))

    assert accrual.accrued(record=joiner, on=date(2026, 4, 14)) == 0
    assert accrual.accrued(record=joiner, on=date(2026, 4, 15)) == D("22.5")
    assert accrual.accrued(record=record(), on=date(2026, 1, 1)) == D(30)


def test_what_is_earned_never_shrinks_and_ends_at_the_entitlement() -> None:
    crooked = record(Policy(annual_days=D(26), is_monthly=True))
    firsts = [accrual.accrued(record=crooked, on=date(2026, month, 1)) for month in range(1, 13)]

    # 26 × months / 12, each rounded up to half a day: 2.17, 4.33, 6.5, 8.67, 10.83, 13, ...
    assert firsts == [D(x) for x in "2.5 4.5 6.5 9 11 13 15.5 17.5 19.5 22 24 26".split()]


# --- Carry-over -------------------------------------------------------------------------------------------------------

BOTH = (2025, 2026)


def test_unused_days_come_over_up_to_the_most_that_the_policy_allows() -> None:
    used_27 = record(years=BOTH, off=days_in(7, 27, year=2025))  # 3 left
    used_20 = record(years=BOTH, off=days_in(7, 20, year=2025))  # 10 left, at most 5

    assert carry_over.carried_into(record=used_27, year=2026).days == 3
    assert carry_over.carried_into(record=used_20, year=2026).days == 5
    assert carry_over.carried_into(record=used_20, year=2026).unused == 10


def test_nothing_comes_over_without_a_record_of_the_year_before() -> None:
    assert carry_over.carried_into(record=record(years=(2026,)), year=2026).days == 0


def test_nothing_comes_over_into_the_year_of_joining() -> None:
    joiner = record(years=BOTH, employment=Employment(start=date(2026, 1, 1)))

    assert carry_over.carried_into(record=joiner, year=2026).days == 0


def test_what_hr_states_takes_the_place_of_what_is_computed() -> None:
    stated = record(years=BOTH, carried_over_stated=D("7.5"))

    assert carry_over.carried_into(record=stated, year=2026).days == D("7.5")


def test_days_carried_over_are_taken_first_and_lapse_after_their_last_day() -> None:
    # 5 come over; 3 days are taken in March, 2 of the 5 lapse.
    person = record(years=BOTH, off=days_in(3, 3))

    by_the_last_day = balance(record=person, on=date(2026, 3, 31))
    after = balance(record=person, on=date(2026, 4, 1))

    assert (by_the_last_day.carried_over, by_the_last_day.lapsed, by_the_last_day.available) == (5, 0, 32)  # 30 + 5 − 3
    assert (after.carried_over, after.lapsed, after.available) == (5, 2, 30)  # 30 + 3 − 3


def test_days_carried_over_without_a_last_day_stay_all_year() -> None:
    policy = Policy(annual_days=D(30), carry_over_max_days=D(5))

    assert balance(record=record(policy, years=BOTH), on=date(2026, 12, 31)).available == 35


def test_lapsed_days_are_not_carried_on() -> None:
    # 2025: nothing taken, 5 of 30 come over. 2026: the 5 lapse, 28 of 30 are taken in July: 2 left.
    person = record(years=(2025, 2026, 2027), off=days_in(7, 28))

    assert carry_over.carried_into(record=person, year=2027).days == 2


def test_the_last_day_on_29_february_is_the_28th_in_a_common_year() -> None:
    assert carry_over.last_day(month_day="02-29", year=2028) == date(2028, 2, 29)
    assert carry_over.last_day(month_day="02-29", year=2026) == date(2026, 2, 28)
    assert carry_over.last_day(month_day="", year=2026) == date(2026, 12, 31)


# --- Balance ----------------------------------------------------------------------------------------------------------


def test_taken_planned_and_pending() -> None:
    leave = days_in(3, 4) + days_in(8, 10) + days_in(12, 2, is_approved=False)

    on_3_march = balance(record=record(off=leave), on=date(2026, 3, 3))

    assert (on_3_march.taken, on_3_march.planned, on_3_march.pending) == (3, 11, 2)
    assert on_3_march.available == 30 - 3 - 11 - 2


def test_half_days_and_adjustments() -> None:
    person = record(
        off=off(date(2026, 3, 2), amount="0.5"),
        adjustments=(Adjustment(D(2), "Long service"), Adjustment(D("-0.5"), "Correction")),
    )

    found = balance(record=person, on=date(2026, 3, 2))

    assert found.adjustments == D("1.5")
    assert found.available == D(31)  # 30 + 2 − 0.5 − 0.5


def test_with_monthly_accrual_planned_leave_is_covered_by_what_is_earned_until_then() -> None:
    # 12 days in June, when 15 have been earned. In March 7.5 have: these could all be taken (15 − 12 = 3 in June), so
    # only 3 are really free.
    person = record(MONTHLY, off=days_in(6, 12))

    assert balance(record=person, on=date(2026, 3, 1)).available == 3
    assert balance(record=person, on=date(2026, 7, 1)).available == D("5.5")  # 17.5 − 12


def test_with_monthly_accrual_what_is_earned_by_the_day_is_the_most() -> None:
    person = record(MONTHLY, off=days_in(12, 2))

    # 7.5 earned by 1 March; the 2 days in December are covered by then (30 − 2 = 28).
    assert balance(record=person, on=date(2026, 3, 1)).available == D("7.5")


def test_before_the_first_day_nothing_is_available() -> None:
    joiner = record(employment=Employment(start=date(2026, 6, 1)))

    assert balance(record=joiner, on=date(2026, 5, 31)).available == 0


def test_leave_is_covered_when_on_no_day_more_is_used_than_earned() -> None:
    assert shortfall(record=record(off=days_in(7, 30)), since=date(2026, 1, 1)) == 0
    assert shortfall(record=record(off=days_in(7, 31)), since=date(2026, 1, 1)) == 1
    assert shortfall(record=record(MONTHLY, off=days_in(1, 2)), since=date(2026, 1, 1)) == 0
    assert shortfall(record=record(MONTHLY, off=days_in(1, 3)), since=date(2026, 1, 1)) == D("0.5")  # 3 − 2.5


def test_days_carried_over_do_not_cover_leave_after_their_last_day() -> None:
    in_march = record(years=BOTH, off=days_in(3, 5) + days_in(7, 30))
    all_in_july = record(years=BOTH, off=days_in(7, 31))

    assert shortfall(record=in_march, since=date(2026, 1, 1)) == 0
    assert shortfall(record=all_in_july, since=date(2026, 1, 1)) == 1


def test_leave_that_crosses_the_last_day_of_carried_over_days_is_split_there() -> None:
    # 5 came over until 31 March. 2 days before, 31 after: 2 of the 5 are used, 30 of the year's own, 1 is missing.
    crossing = off(date(2026, 3, 30), date(2026, 3, 31)) + days_in(4, 30) + off(date(2026, 5, 4))

    assert shortfall(record=record(years=BOTH, off=crossing), since=date(2026, 1, 1)) == 1


def test_a_day_taken_this_year_can_uncover_leave_planned_with_carried_over_days() -> None:
    planned = days_in(2, 5, year=2027) + days_in(8, 30, year=2027)  # 35 days: 5 of them carried over from 2026
    enough = record(years=(2026, 2027), off=days_in(7, 25) + planned)
    one_too_many = record(years=(2026, 2027), off=days_in(7, 26) + planned)

    assert shortfall(record=enough, since=date(2026, 7, 1)) == 0
    assert shortfall(record=one_too_many, since=date(2026, 7, 1)) == 1


def test_a_leap_year_changes_nothing_about_months() -> None:
    stated = YearOnRecord(policy=GERMANY)

    for year in (2027, 2028):
        joiner = Employment(start=date(year, 2, 28))
        assert entitlements.entitlement(stated=stated, employment=joiner, year=year) == D("27.5")  # 11 months


@pytest.mark.parametrize(
    ("start", "months", "first"),
    [
        (date(2026, 1, 15), 6, date(2026, 7, 15)),
        (date(2025, 10, 1), 6, date(2026, 4, 1)),
        (date(2026, 8, 31), 6, date(2027, 3, 1)),
        (date(2026, 1, 15), 0, date.min),
        (None, 6, date.min),
    ],
)
def test_the_waiting_period_ends_on_the_same_day_months_later(start: date | None, months: int, first: date) -> None:
    policy = Policy(annual_days=D(30), waiting_months=months)

    assert entitlements.first_day_of_leave(policy=policy, employment=Employment(start=start)) == first


# --- The proof --------------------------------------------------------------------------------------------------------


def test_the_steps_prove_the_balance_of_a_part_time_joiner() -> None:
    joiner = record(
        Policy(annual_days=D(28), name="DE, everybody, from 2026"),
        employment=Employment(start=date(2026, 6, 1), days_per_week=D(3)),
        adjustments=(Adjustment(D(1), "Moving house"),),
        off=days_in(8, 4) + days_in(12, 2, is_approved=False),
    )

    assert balance(record=joiner, on=date(2026, 11, 20)).steps == (
        "Policy (DE, everybody, from 2026): 28 days a year for a week of five days.",
        "Works 3 days a week: 28 × 3 / 5 = 16.8.",
        "Employed in 7 of 12 months of 2026 (from 1 June 2026): 16.8 × 7 / 12 = 9.8.",
        "Rounded up to the next half day: 10.",
        "Adjustment: +1 (Moving house).",
        "Taken by 20 November 2026: 4 days.",
        "Waiting for a decision: 2 days.",
        "Available on 20 November 2026: 10 earned + 1 adjusted − 6 used = 5.",
    )


def test_the_steps_prove_carry_over_and_monthly_accrual() -> None:
    policy = Policy(
        annual_days=D(30), is_monthly=True, carry_over_max_days=D(5), carry_over_until="03-31", name="monthly"
    )
    person = record(policy, years=BOTH, off=days_in(7, 20, year=2025) + days_in(3, 3) + days_in(12, 2))

    assert balance(record=person, on=date(2026, 4, 1)).steps == (
        "Policy (monthly): 30 days a year for a week of five days.",
        "Earned by 1 April 2026, one twelfth for each month begun: 30 × 4 / 12 = 10.",
        "Carried over from 2025: 5 days (of 10 left, at most 5 are carried over; to be taken by 31 March 2026).",
        "Not taken by 31 March 2026, so lapsed: 2 days.",
        "Taken by 1 April 2026: 3 days.",
        "Approved and still to come in 2026: 2 days.",
        "Available on 1 April 2026: 10 earned by 1 April 2026 + 3 carried over − 3 used by 1 April 2026 = 10.",
        "2 days of leave after 1 April 2026 will be covered by what is earned until then.",
    )


def test_the_steps_name_a_contract_a_waiting_period_and_a_year_without_a_policy() -> None:
    policy = Policy(annual_days=D(30), waiting_months=6, carry_over_max_days=ZERO)
    person = record(
        policy,
        years=BOTH,
        employment=Employment(start=date(2025, 12, 1), end=date(2026, 11, 30)),
        annual_by_contract=D(24),
    )

    # December 2025 gave 30 / 12 = 2.5, of which nothing may be carried over.
    assert balance(record=person, on=date(2026, 3, 1)).steps == (
        "By contract: 24 days a year.",
        "Employed in 11 of 12 months of 2026 (until 30 November 2026): 24 × 11 / 12 = 22.",
        "Leave can be taken from 1 June 2026, after 6 months of employment.",
        "Carried over from 2025: none of 2.5 left.",
        "Taken by 1 March 2026: 0 days.",
        "Available on 1 March 2026: 22 earned − 0 used = 22.",
    )
    assert balance(record=person, on=date(2030, 1, 1)).steps == ("No leave policy covers 2030.",)
    assert balance(record=person, on=date(2030, 1, 1)).entitlement == 0


def test_when_all_own_days_are_planned_only_those_carried_over_are_left() -> None:
    # A twelfth a month: 2.5 in January. 30 days planned in December need all that is earned; 5 came over until March.
    policy = Policy(annual_days=D(30), is_monthly=True, carry_over_max_days=D(5), carry_over_until="03-31")
    person = record(policy, years=BOTH, off=days_in(12, 30))

    found = balance(record=person, on=date(2026, 1, 15))

    assert found.available == 5
    assert (
        shortfall(record=record(policy, years=BOTH, off=days_in(1, 5) + days_in(12, 30)), since=date(2026, 1, 1)) == 0
    )
