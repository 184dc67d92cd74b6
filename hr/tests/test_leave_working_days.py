"""Which days of a request count: weekends, holidays, half days, part-time weeks, years. Checked on a calendar."""

from datetime import date
from decimal import Decimal

import pytest

from hr.leave import holidays
from hr.leave.holidays import Change
from hr.leave.working_days import Span, count, usual_week

D = Decimal
FULL = usual_week(days_per_week=D(5))


def test_a_week_counts_five_days() -> None:
    # Monday 2 to Sunday 8 March 2026
    counted = count(span=Span(date(2026, 3, 2), date(2026, 3, 8)), week=FULL, holidays={})

    assert (counted.total, counted.free_days, counted.holidays) == (5, 2, ())


def test_public_holidays_on_working_days_are_skipped_and_named() -> None:
    germany = holidays.of_country(country="DE", years=[2026])
    # Easter 2026: Friday 3 to Monday 6 April; from Wednesday 1 to Tuesday 7 three days count.
    counted = count(span=Span(date(2026, 4, 1), date(2026, 4, 7)), week=FULL, holidays=germany)

    assert [day.day for day, _ in counted.days] == [1, 2, 7]
    assert counted.holidays == ((date(2026, 4, 3), "Good Friday"), (date(2026, 4, 6), "Easter Monday"))
    assert counted.free_days == 2


def test_a_holiday_on_a_weekend_changes_nothing() -> None:
    # 3 October 2026, the Day of German Unity, is a Saturday.
    germany = holidays.of_country(country="DE", years=[2026])
    counted = count(span=Span(date(2026, 10, 2), date(2026, 10, 5)), week=FULL, holidays=germany)

    assert (counted.total, counted.holidays, counted.free_days) == (2, (), 2)


def test_a_request_across_new_year_is_split_over_both_years() -> None:
    # Monday 28 December 2026 to Friday 8 January 2027; 1 January is a holiday.
    both = holidays.of_country(country="DE", years=[2026, 2027])
    counted = count(span=Span(date(2026, 12, 28), date(2027, 1, 8)), week=FULL, holidays=both)

    assert counted.by_year() == {2026: 4, 2027: 5}


def test_29_february_counts_in_a_leap_year() -> None:
    # Monday 28 February 2028 to Wednesday 1 March 2028; in 2027 the same dates are Sunday and Monday.
    leap = count(span=Span(date(2028, 2, 28), date(2028, 3, 1)), week=FULL, holidays={})
    common = count(span=Span(date(2027, 2, 28), date(2027, 3, 1)), week=FULL, holidays={})

    assert (leap.total, common.total) == (3, 1)


def test_half_days() -> None:
    week = Span(date(2026, 3, 2), date(2026, 3, 6), is_first_half=True, is_last_half=True)
    morning = Span(date(2026, 3, 2), date(2026, 3, 2), is_last_half=True)

    assert count(span=week, week=FULL, holidays={}).total == 4
    assert count(span=morning, week=FULL, holidays={}).total == D("0.5")


def test_half_of_a_day_on_which_only_half_is_worked_is_that_half() -> None:
    week = usual_week(days_per_week=D("4.5"))  # Friday is half
    friday = Span(date(2026, 3, 6), date(2026, 3, 6))

    assert count(span=friday, week=week, holidays={}).total == D("0.5")
    assert count(span=Span(friday.first, friday.last, is_last_half=True), week=week, holidays={}).total == D("0.5")


@pytest.mark.parametrize(
    ("days", "weekend", "amounts"),
    [
        ("5", (5, 6), "1 1 1 1 1 0 0"),
        ("3", (5, 6), "1 1 1 0 0 0 0"),
        ("2.5", (5, 6), "1 1 0.5 0 0 0 0"),
        ("6", (5, 6), "1 1 1 1 1 1 0"),
        ("7", (5, 6), "1 1 1 1 1 1 1"),
        ("5", (4, 5), "1 1 1 1 0 0 1"),  # rest on Friday and Saturday: the week begins on Sunday
        ("3", (4, 5), "1 1 0 0 0 0 1"),
        ("6", (6,), "1 1 1 1 1 1 0"),
    ],
)
def test_the_usual_week(days: str, weekend: tuple[int, ...], amounts: str) -> None:
    assert usual_week(days_per_week=D(days), weekend=weekend) == tuple(D(each) for each in amounts.split())


def test_a_part_time_week_counts_its_own_days_only() -> None:
    three_days = usual_week(days_per_week=D(3))
    # Monday 2 to Friday 13 March 2026: two weeks, Monday to Wednesday each.
    counted = count(span=Span(date(2026, 3, 2), date(2026, 3, 13)), week=three_days, holidays={})

    assert (counted.total, counted.free_days) == (6, 6)


def test_nothing_counts_on_a_weekend() -> None:
    assert count(span=Span(date(2026, 3, 7), date(2026, 3, 8)), week=FULL, holidays={}).days == ()


def test_a_company_adds_and_removes_holidays() -> None:
    changes = [
        Change(day=date(2026, 12, 24), name="Christmas Eve", is_holiday=True),
        Change(day=date(2026, 5, 1), name="", is_holiday=False),
        Change(day=date(2026, 7, 1), name="", is_holiday=False),  # was none anyway
    ]
    found = holidays.of_country(country="DE", years=[2026], changes=changes)

    assert found[date(2026, 12, 24)] == "Christmas Eve"
    assert date(2026, 5, 1) not in found


def test_each_country_has_its_own_holidays_and_weekend() -> None:
    on_14_july = date(2026, 7, 14)

    assert on_14_july in holidays.of_country(country="FR", years=[2026])
    assert on_14_july not in holidays.of_country(country="DE", years=[2026])
    assert holidays.weekend_of("IL") == {4, 5}
    assert holidays.weekend_of("DE") == holidays.weekend_of("") == {5, 6}


def test_an_unknown_country_has_no_holidays_of_its_own() -> None:
    added = Change(day=date(2026, 3, 2), name="Founders' day", is_holiday=True)

    assert holidays.of_country(country="", years=[2026]) == {}
    assert holidays.of_country(country="XX", years=[2026], changes=[added]) == {date(2026, 3, 2): "Founders' day"}
