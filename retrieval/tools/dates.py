"""The days that somebody asks off, read from their words by code, or nothing when the words leave a doubt.

A guess is never made: what is not understood completely is asked back with a form, and what is understood is shown
with its dates before anything happens.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

_MONTHS = (
    "january february march april may june july august september october november december".split(),
    "jan feb mar apr may jun jul aug sep oct nov dec".split(),
)
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday".split(),
    "mon tue wed thu fri sat sun".split(),
    "mon tues weds thur fri sat sun".split(),
)
_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_MONTH_OF = {name: number for names in _MONTHS for number, name in enumerate(names, 1)} | {"sept": 9}
_WEEKDAY_OF = {name: number for names in _WEEKDAYS for number, name in enumerate(names)} | {"thurs": 3}
# Longest first, so that "may" never cuts "mayday" and "sep" never cuts "september".
_MONTH = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_WEEKDAY = "|".join(sorted(_WEEKDAY_OF, key=len, reverse=True))
_DAY = r"(?P<{0}>\d{{1,2}})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?P<{0}>20\d\d))?"
_PATTERNS = (
    ("iso", r"\b(?P<iso_y>20\d\d)-(?P<iso_m>\d{1,2})-(?P<iso_d>\d{1,2})\b"),
    ("dotted", r"\b(?P<dot_d>\d{1,2})\.\s?(?P<dot_m>\d{1,2})\.(?:\s?(?P<dot_y>20\d\d))?(?!\d)"),
    ("slashed", r"\b(?P<sl_a>\d{1,2})/(?P<sl_b>\d{1,2})(?:/(?P<sl_y>20\d\d))?\b"),
    ("day_month", rf"\b(?:the\s+)?{_DAY.format('dm_d')}\.?\s+(?:of\s+)?(?P<dm_m>{_MONTH})\b\.?{_YEAR.format('dm_y')}"),
    ("month_day", rf"\b(?P<md_m>{_MONTH})\b\.?\s+(?:the\s+)?{_DAY.format('md_d')}\b(?!:){_YEAR.format('md_y')}"),
    (
        "weekday",
        rf"\b(?:(?P<wd_which>next|this|coming|following)\s+)?(?P<wd>{_WEEKDAY})\b(?:\s+(?P<wd_after>next week))?",
    ),
    ("relative", r"\b(?:the\s+)?(?P<rel>day after tomorrow|tomorrow|today)\b"),
    ("next_week", r"\b(?P<nw>next week)\b"),
    # "3 to 5 August", "August 3-5": a bare day whose month stands with the other one.
    ("bare_day", rf"\b(?:the\s+)?{_DAY.format('bare_d')}(?=\s*(?:to|until|till|through|thru|and|-|–)\s*(?:the\s+)?\d)"),
    ("bare_end", rf"(?<=[-–\s]){_DAY.format('end_d')}\b(?!\s*(?:days?|weeks?|half|[ap]m|:|%))"),
)
_DATE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS), re.I)
_RANGE = re.compile(
    r"^\W*(?:,?\s*(?:up\s+)?(?:to|until|till|through|thru|–|-|and including)(?:\s+(?:and including|the))?)\W*$", re.I
)
_AND = re.compile(r"^\s*(?:,|and|&)\s*$", re.I)
_HALF = re.compile(r"\b(?:half(?:[ -]a)?[ -]day|half of|half|morning|afternoon)\b", re.I)
_MORNING = re.compile(r"\bmorning\b", re.I)
_AFTERNOON = re.compile(r"\bafternoon\b", re.I)
_COUNT = re.compile(rf"\b(?P<n>\d{{1,2}}|{'|'.join(_NUMBERS)})\s+(?:working\s+|leave\s+|vacation\s+)?days?\b", re.I)
_STARTING = re.compile(r"\b(?:starting|beginning|from|as of)\b", re.I)
_WEEK_OF = re.compile(r"\bweek\s+(?:of|beginning|starting)\s+(?:the\s+)?$", re.I)
# Words of time that none of the patterns understands: there is something that would be overlooked.
_UNCLEAR = re.compile(
    r"\b(?:weeks?|weekend|months?|except|without|or|but not|birthday|easter|christmas|between|every|each|early|late"
    r"|beginning of|end of|mid|around|about|maybe|first|second|third|last|last week|yesterday|ago|year|evening"
    r"|hours?)\b",
    re.I,
)


@dataclass(frozen=True)
class Period:
    """Days off, both included. A half first day begins at noon, a half last day ends at noon."""

    first_day: date
    last_day: date
    first_day_half: bool = False
    last_day_half: bool = False


@dataclass(frozen=True)
class _Found:
    """One expression of a date, at characters start..end. `is_week`: a whole working week from `day` on.

    A bare day has no month yet; its `day` is then its number in the month of the other one.
    """

    start: int
    end: int
    day: date | None
    bare: int = 0
    has_year: bool = True
    is_week: bool = False


def read_period(*, text: str, today: date) -> Period | None:
    """The one period that `text` names, or None when there is none, more than one, or a doubt.

    A day without a year is the next one from `today`; "next Friday" is the one of next week, "Friday" the coming one.
    """
    found = list(_found(text, today))
    if not 1 <= len(found) <= 2 or any(one.day is None and not one.bare for one in found):
        return None
    if _UNCLEAR.search(_WEEK_OF.sub("", _without(text, found))):
        return None
    half = _HALF.search(text) is not None
    if len(found) == 1:
        return _single(text, found[0], half)
    return None if half else _pair(text, found[0], found[1], today)


def _single(text: str, found: _Found, half: bool) -> Period | None:
    if found.day is None:
        return None
    count = _COUNT.search(text[: found.start] + " " * (found.end - found.start) + text[found.end :])
    if found.is_week or _WEEK_OF.search(text[: found.start]):
        monday = found.day - timedelta(days=found.day.weekday())
        is_part = half or (count is not None and _number(count["n"]) != 5)
        return None if is_part else Period(monday, monday + timedelta(days=4))
    if count is not None and _number(count["n"]) != 1:
        if half or not _STARTING.search(text[: found.start]):
            return None
        return Period(found.day, _after_working_days(found.day, _number(count["n"])))
    is_morning, is_afternoon = _MORNING.search(text) is not None, _AFTERNOON.search(text) is not None
    if half and is_morning == is_afternoon:
        return None  # which half?
    return Period(found.day, found.day, first_day_half=is_afternoon, last_day_half=is_morning)


def _pair(text: str, one: _Found, two: _Found, today: date) -> Period | None:
    between = text[one.end : two.start]
    if one.is_week or two.is_week:
        return None
    first, last = _completed(one, two, today)
    if first is None or last is None:
        return None
    if _RANGE.match(between):
        return Period(first, last) if first <= last else None
    if _AND.match(between) and last - first == timedelta(days=1):
        return Period(first, last)
    return None


def _completed(one: _Found, two: _Found, today: date) -> tuple[date | None, date | None]:
    """Both days, each with what only the other one says: its month or its year."""
    first, last = one, two
    if first.bare and last.day is not None:
        first = replace(first, day=_day(last.day.year, last.day.month, first.bare), has_year=last.has_year)
    elif last.bare and first.day is not None:
        last = replace(last, day=_day(first.day.year, first.day.month, last.bare), has_year=first.has_year)
    if first.day is None or last.day is None:
        return None, None
    if (one.bare or two.bare) and last.day < first.day:
        return None, None
    if last.has_year and not first.has_year:
        return _day(last.day.year, first.day.month, first.day.day), last.day
    if first.has_year and not last.has_year:
        end = _day(first.day.year, last.day.month, last.day.day)
        return first.day, end if end and end >= first.day else _day(first.day.year + 1, last.day.month, last.day.day)
    if last.day < first.day and not last.has_year:
        return first.day, _day(last.day.year + 1, last.day.month, last.day.day)
    return first.day, last.day


def _found(text: str, today: date) -> Iterator[_Found]:
    after: date | None = None
    for match in _DATE.finditer(text):
        found = _read(match, today, after)
        if found is None:
            continue
        if match["bare_end"]:
            if not after:
                continue  # a number that stands alone is no day
            found = replace(found, day=None)
        after = found.day or after
        yield found


def _read(match: re.Match[str], today: date, after: date | None) -> _Found | None:
    place = match.span()
    if match["iso"]:
        return _Found(*place, _day(int(match["iso_y"]), int(match["iso_m"]), int(match["iso_d"])))
    if match["dotted"]:
        return _dated(place, match["dot_y"], int(match["dot_m"]), int(match["dot_d"]), today)
    if match["slashed"]:
        return _slashed(match, today)
    if match["day_month"]:
        return _dated(place, match["dm_y"], _MONTH_OF[match["dm_m"].lower()], int(match["dm_d"]), today)
    if match["month_day"]:
        return _dated(place, match["md_y"], _MONTH_OF[match["md_m"].lower()], int(match["md_d"]), today)
    if match["weekday"]:
        return _Found(*place, _weekday(match, today, after))
    if match["relative"]:
        days = {"today": 0, "tomorrow": 1, "day after tomorrow": 2}[match["rel"].lower()]
        return _Found(*place, today + timedelta(days=days))
    if match["next_week"]:
        return _Found(*place, today + timedelta(days=7 - today.weekday()), is_week=True)
    return _Found(*place, None, bare=int(match["bare_d"] or match["end_d"]), has_year=False)


def _weekday(match: re.Match[str], today: date, after: date | None) -> date:
    number = _WEEKDAY_OF[match["wd"].lower()]
    if (match["wd_which"] or "").lower() == "next" or match["wd_after"]:
        return today + timedelta(days=7 - today.weekday() + number)
    since = after or today
    return since + timedelta(days=(number - since.weekday() - 1) % 7 + 1)


def _slashed(match: re.Match[str], today: date) -> _Found | None:
    """Only where one order of day and month is possible: 24/12 is clear, 3/4 is two days to two readers."""
    a, b = int(match["sl_a"]), int(match["sl_b"])
    if (a > 12) == (b > 12) and a != b:
        return _Found(*match.span(), None)
    return _dated(match.span(), match["sl_y"], min(a, b) if a != b else a, max(a, b), today)


def _dated(place: tuple[int, int], year: str | None, month: int, day: int, today: date) -> _Found:
    if year:
        return _Found(*place, _day(int(year), month, day))
    this_year = _day(today.year, month, day)
    coming = this_year if this_year and this_year >= today else _day(today.year + 1, month, day)
    return _Found(*place, coming, has_year=False)


def _day(year: int, month: int, day: int) -> date | None:
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return None
    return date(year, month, day)


def _number(word: str) -> int:
    return _NUMBERS.get(word.lower()) or int(word)


def _after_working_days(first: date, count: int) -> date:
    """The last of `count` days from Monday to Friday. Holidays are not counted out: the proposal shows them."""
    day, left = first, count - 1 if first.weekday() < 5 else count
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def _without(text: str, found: list[_Found]) -> str:
    for one in sorted(found, key=lambda each: each.start, reverse=True):
        text = text[: one.start] + " " + text[one.end :]
    return text
