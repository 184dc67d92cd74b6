"""Days off are read from people's words, or not at all. Today is Wednesday, 18 November 2026."""

from datetime import date

import pytest

from retrieval.tools.dates import Period, read_period

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("I'd like next Monday to Wednesday off", date(2026, 11, 23), date(2026, 11, 25)),
        ("from 3 to 5 August", date(2027, 8, 3), date(2027, 8, 5)),
        ("August 3-5", date(2027, 8, 3), date(2027, 8, 5)),
        ("from the 3rd to the 5th of August 2027", date(2027, 8, 3), date(2027, 8, 5)),
        ("24.12.2026 - 31.12.2026", date(2026, 12, 24), date(2026, 12, 31)),
        ("24.12. to 2.1.", date(2026, 12, 24), date(2027, 1, 2)),
        ("2026-12-21 until 2026-12-23", date(2026, 12, 21), date(2026, 12, 23)),
        ("from December 24 until January 2", date(2026, 12, 24), date(2027, 1, 2)),
        ("can I take Friday off?", date(2026, 11, 20), date(2026, 11, 20)),
        ("can I take next Friday off?", date(2026, 11, 27), date(2026, 11, 27)),
        ("tomorrow please", date(2026, 11, 19), date(2026, 11, 19)),
        ("the day after tomorrow", date(2026, 11, 20), date(2026, 11, 20)),
        ("next week", date(2026, 11, 23), date(2026, 11, 27)),
        ("the week of 14 September", date(2027, 9, 13), date(2027, 9, 17)),
        ("next Thursday and Friday", date(2026, 11, 26), date(2026, 11, 27)),
        ("3 days of vacation starting Friday", date(2026, 11, 20), date(2026, 11, 24)),
        ("24/12/2026", date(2026, 12, 24), date(2026, 12, 24)),
        ("May I take 4 May off", date(2027, 5, 4), date(2027, 5, 4)),
    ],
)
def test_dates_are_read(text, first, last):
    assert read_period(text=text, today=TODAY) == Period(first, last)


@pytest.mark.parametrize("text", ["half a day off on Thursday morning", "the morning of 19 November"])
def test_morning_off_ends_at_noon(text):
    assert read_period(text=text, today=TODAY) == Period(date(2026, 11, 19), date(2026, 11, 19), last_day_half=True)


@pytest.mark.parametrize("text", ["Thursday afternoon", "the afternoon of 19 November"])
def test_afternoon_off_begins_at_noon(text):
    assert read_period(text=text, today=TODAY) == Period(date(2026, 11, 19), date(2026, 11, 19), first_day_half=True)


@pytest.mark.parametrize(
    "text",
    [
        "book leave for me",
        "03/04/2027",  # 3 April or 4 March
        "30 February",
        "5 to 3 August",
        "Monday and Thursday",
        "Monday or Tuesday",
        "24, 25 and 28 December",
        "two weeks off in August",
        "two days next week",
        "the first week of May",
        "on my birthday",
        "half a day from Monday to Wednesday",
        "every Friday",
        "half a day on Thursday",  # which half?
        "from 2026-12-24 to 2026-12-20",
        "five days off",
    ],
)
def test_doubts_are_asked_back(text):
    assert read_period(text=text, today=TODAY) is None
