"""Which time a question about the record means: a month, a week, a day. Without one, the tool's own."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from retrieval.tools import dates

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = re.compile(rf"\b(?P<month>{'|'.join(_MONTHS)})\b(?:\s+(?P<year>20\d\d))?", re.I)
# "may" is a month only after a word that expects one.
_MAY = re.compile(r"\b(?:in|of|for|from|during|since|last|next|this|until)\s+may\b|\bmay\s+20\d\d\b", re.I)
_YEAR = re.compile(r"\b(20\d\d)\b")


@dataclass(frozen=True)
class Window:
    """From the first to the last day, both included, and how to call it."""

    first: date
    last: date
    name: str


def month_before(today: date) -> Window:
    last = today.replace(day=1) - timedelta(days=1)
    return month_of(last)


def month_of(day: date) -> Window:
    """The whole month that the day is in."""
    last = day.replace(day=monthrange(day.year, day.month)[1])
    return Window(day.replace(day=1), last, f"{day:%B %Y}")


def read_past(*, text: str, today: date) -> Window | None:
    """A month or year of the past that `text` names: "in August", "last month", "this year", "2025"."""
    month = _month(text)
    if month:
        number, year = month
        year = year or (today.year if number <= today.month else today.year - 1)
        return month_of(date(year, number, 1))
    words = text.casefold()
    if "last month" in words:
        return month_before(today)
    if "this month" in words:
        return month_of(today)
    if re.search(r"\b(?:this year|so far|year to date)\b", words):
        return Window(date(today.year, 1, 1), date(today.year, 12, 31), str(today.year))
    if "last year" in words:
        return Window(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31), str(today.year - 1))
    named = _YEAR.search(text)
    return Window(date(int(named[1]), 1, 1), date(int(named[1]), 12, 31), named[1]) if named else None


def read_coming(*, text: str, today: date) -> Window | None:
    """A day, week or month, today or later, that `text` names: "tomorrow", "next week", "in August", "on Friday"."""
    words = text.casefold()
    monday = today - timedelta(days=today.weekday())
    if re.search(r"\b(?:today|right now|at the moment|currently)\b", words):
        return Window(today, today, "today")
    if "this week" in words:
        return Window(monday, monday + timedelta(days=6), "this week")
    if "next week" in words:
        return Window(monday + timedelta(days=7), monday + timedelta(days=13), "next week")
    if "this month" in words:
        return month_of(today)
    if "next month" in words:
        return month_of(month_of(today).last + timedelta(days=1))
    period = dates.read_period(text=text, today=today)
    if period:
        days = (period.first_day, period.last_day)
        return Window(*days, " to ".join(dict.fromkeys(f"{day.day} {day:%B %Y}" for day in days)))
    month = _month(text)
    if month:
        number, year = month
        return month_of(date(year or (today.year if number >= today.month else today.year + 1), number, 1))
    return None


def _month(text: str) -> tuple[int, int | None] | None:
    for found in _MONTH.finditer(text):
        if found["month"].casefold() == "may" and not (
            _MAY.search(text) or (found["month"] == "May" and found.start() > 0)
        ):
            continue
        return _MONTHS.index(found["month"].casefold()) + 1, int(found["year"]) if found["year"] else None
    return None
