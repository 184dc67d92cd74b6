"""Public holidays and the weekend of a country, from the library `holidays`, with a company's own changes."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import holidays

_NORMAL_WEEKEND = frozenset({5, 6})


@dataclass(frozen=True)
class Change:
    """A day more, or (`is_holiday` false) one on which people do work."""

    day: date
    name: str
    is_holiday: bool


def is_known(country: str) -> bool:
    """Whether the library has a calendar of this country (ISO 3166-1 alpha-2)."""
    return country in _countries()


def of_country(*, country: str, years: Iterable[int], changes: Iterable[Change] = ()) -> dict[date, str]:
    """Public holidays of the whole country in these years by day, English names where there are any.

    Without those of single states or regions: those are the company's changes. An unknown country has none of its own.
    """
    found: dict[date, str] = {}
    for year in years:
        found.update(_public(country, year))
    for change in changes:
        if change.is_holiday:
            found[change.day] = change.name
        else:
            found.pop(change.day, None)
    return found


def weekend_of(country: str) -> frozenset[int]:
    """The weekdays (Monday is 0) on which the country rests; Saturday and Sunday for one that is not known."""
    if not is_known(country):
        return _NORMAL_WEEKEND
    return frozenset(holidays.country_holidays(country).weekend)


# Of the library's data only, nothing of a company: the same for everybody in the process.
@functools.lru_cache(maxsize=512)
def _public(country: str, year: int) -> Mapping[date, str]:
    if not is_known(country):
        return {}
    # Named, because the library would otherwise follow the locale of the process.
    return dict(holidays.country_holidays(country, years=year, language="en_US"))


@functools.cache
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())
