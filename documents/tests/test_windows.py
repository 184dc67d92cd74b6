"""Windows as arithmetic: who ends whom, and what does not fit. No database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import windows
from documents.windows import Entry, Window, WindowReversed
from hr.access import Applicability
from tenants.days import DayOutOfRange

JAN, JUN, JUL, DEC = date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31)
ALL = Applicability()
GERMANY, FRANCE = Applicability(countries=frozenset({"de"})), Applicability(countries=frozenset({"fr"}))
FULL_TIME = Applicability(employment_types=frozenset({"full_time"}))


def entry(number: int, first: date, last: date | None = None, people: Applicability = ALL) -> Entry:
    return Entry(number=number, window=Window(first, last), applicability=people)


def test_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(WindowReversed, match="2026-06-30, is before the first one, 2026-07-01"):
        Window(JUL, JUN).checked()


def test_window_of_one_day_holds_that_day():
    assert Window(JAN, JAN).checked().holds(JAN)


@pytest.mark.parametrize("day", [date.min, date(1899, 12, 31), date(2201, 1, 1), date.max])
def test_window_has_only_days_that_can_be_meant(day: date) -> None:
    for window in (Window(day, None), Window(None, day)):
        with pytest.raises(DayOutOfRange, match="1900-01-01 to 2200-12-31"):
            window.checked()
    assert not Window(JAN, JAN).holds(JAN + timedelta(days=1))


def test_both_ends_belong_to_a_window():
    assert Window(JAN, JUN).holds(JAN) and Window(JAN, JUN).holds(JUN) and not Window(JAN, JUN).holds(JUL)


def test_windows_that_follow_each_other_share_no_day():
    assert not Window(JAN, JUN).shares_a_day_with(Window(JUL))
    assert Window(JAN, JUL).shares_a_day_with(Window(JUL))
    assert not Window().shares_a_day_with(Window(JUL))


def test_earlier_one_ends_the_day_before():
    result = windows.fit(entry=entry(2, JUL), same_people=[entry(1, JAN)])

    assert (result.shortened, result.window) == ({1: JUN}, Window(JUL))


def test_one_that_ended_before_stays_as_it_is():
    assert windows.fit(entry=entry(2, JUL), same_people=[entry(1, JAN, JUN)]).shortened == {}


def test_next_one_ends_the_new_one():
    result = windows.fit(entry=entry(3, JAN), same_people=[entry(2, JUL), entry(1, DEC)])

    assert (result.window, result.limited_by) == (Window(JAN, JUN), 2)


def test_one_that_ends_in_time_is_not_limited():
    assert windows.fit(entry=entry(3, JAN, JUN), same_people=[entry(2, JUL)]).limited_by is None


def test_older_one_with_the_same_first_day_is_replaced_and_a_newer_one_replaces():
    assert windows.fit(entry=entry(2, JAN), same_people=[entry(1, JAN)]).replaced == (1,)
    assert windows.fit(entry=entry(2, JAN), same_people=[entry(3, JAN)]).replaced_by == 3


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (GERMANY, FRANCE, True),
        (GERMANY, ALL, False),
        (GERMANY, FULL_TIME, False),
        (GERMANY, Applicability(countries=frozenset({"de", "fr"})), False),
        (
            Applicability(countries=frozenset({"de"}), employment_types=frozenset({"intern"})),
            Applicability(countries=frozenset({"de"}), employment_types=frozenset({"full_time"})),
            True,
        ),
    ],
)
def test_people_are_apart_when_one_attribute_has_no_common_value(one, other, apart):
    assert windows.are_apart(one, other) is windows.are_apart(other, one) is apart


def test_versions_for_overlapping_people_conflict_only_on_shared_days():
    german = entry(2, JUL, people=GERMANY)

    assert windows.conflicting(entry=german, others=[entry(1, JAN)]) == entry(1, JAN)
    assert windows.conflicting(entry=german, others=[entry(1, JAN, JUN), entry(3, JUL, people=FRANCE)]) is None


days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@given(st.lists(st.tuples(days, st.none() | st.integers(0, 400)), min_size=1, max_size=8))
def test_timelines_built_one_after_the_other_never_share_a_day(asked):
    timeline: dict[int, Entry] = {}
    for number, (first, length_days) in enumerate(asked, start=1):
        last = None if length_days is None else first + timedelta(days=length_days)
        result = windows.fit(entry=entry(number, first, last), same_people=timeline.values())
        for shorter, until in result.shortened.items():
            timeline[shorter] = entry(shorter, timeline[shorter].window.first, until)
        for gone in result.replaced:
            del timeline[gone]
        timeline[number] = entry(number, result.window.first, result.window.last)

    kept = list(timeline.values())
    for one in kept:
        one.window.checked()
        assert not any(one.window.shares_a_day_with(other.window) for other in kept if other is not one)
    # Nobody's day is taken without somebody else having it: each asked first day of what is kept is in force.
    assert all(one.window.holds(one.window.first) for one in kept)
