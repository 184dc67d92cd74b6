"""Windows: from which day to which day a version is in force, and how the versions of one document share the days.

Plain values and pure functions. Days are those of the company's time zone; both ends of a window belong to it, so that
"until 31 December" is written as it is said. A window without an end lasts until further notice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hr.access import Applicability
from tenants import days

ONE_DAY = timedelta(days=1)


class WindowReversed(ValueError):
    """The last day is before the first one."""

    def __init__(self, window: "Window") -> None:
        super().__init__(f"The last day in force, {window.last}, is before the first one, {window.first}.")


@dataclass(frozen=True)
class Window:
    """First and last day in force, both included. No first day: not yet decided; no last day: until further notice."""

    first: date | None = None
    last: date | None = None

    def checked(self) -> "Window":
        """This window.

        :raises WindowReversed: when it ends before it begins.
        :raises DayOutOfRange: when one of its days cannot be meant; see tenants.days.
        """
        for day in (self.first, self.last):
            days.check_day(day)
        if self.first is not None and self.last is not None and self.last < self.first:
            raise WindowReversed(self)
        return self

    def holds(self, day: date) -> bool:
        """Whether `day` is one of its days."""
        return self.first is not None and self.first <= day and (self.last is None or day <= self.last)

    def shares_a_day_with(self, other: "Window") -> bool:
        """Whether some day belongs to both. A window without a first day shares none."""
        if self.first is None or other.first is None:
            return False
        return (other.last is None or self.first <= other.last) and (self.last is None or other.first <= self.last)

    def __str__(self) -> str:
        if self.first is None:
            return "no first day yet"
        return f"from {self.first} until {self.last}" if self.last else f"from {self.first} until further notice"


@dataclass(frozen=True)
class Entry:
    """One published version in its document's timeline."""

    number: int
    window: Window
    applicability: Applicability


@dataclass(frozen=True)
class Fit:
    """What a new entry means for the others that apply to the same people.

    `shortened` gives others their new last day; `replaced` began on the same day and are older; `replaced_by` began on
    the same day and is newer, so the new entry never comes into force; `limited_by` begins later and ends the new one.
    """

    window: Window
    shortened: dict[int, date]
    replaced: tuple[int, ...] = ()
    replaced_by: int | None = None
    limited_by: int | None = None


def are_apart(one: Applicability, other: Applicability) -> bool:
    """Whether nobody can be meant by both: some attribute has two lists without a common value."""
    pairs = (
        (one.countries, other.countries),
        (one.sites, other.sites),
        (one.employment_types, other.employment_types),
    )
    return any(a and b and not a & b for a, b in pairs)


def fit(*, entry: Entry, same_people: Iterable[Entry]) -> Fit:
    """Fit an entry into those that apply to the same people and do not overlap among themselves.

    An earlier one ends the day before the entry begins; the entry ends the day before the next one begins.
    """
    first = entry.window.first
    assert first is not None, "an entry that comes into force has a first day"
    result = Fit(window=entry.window, shortened={})
    for other in sorted(same_people, key=lambda e: (e.window.first, e.number)):
        if other.window.first is None:
            continue
        if other.window.first == first:
            if other.number > entry.number:
                return Fit(window=entry.window, shortened={}, replaced_by=other.number)
            result = replace(result, replaced=(*result.replaced, other.number))
        elif other.window.first < first:
            if other.window.last is None or other.window.last >= first:
                result.shortened[other.number] = first - ONE_DAY
        elif result.limited_by is None and (result.window.last is None or result.window.last >= other.window.first):
            limited = Window(first, other.window.first - ONE_DAY)
            result = replace(result, window=limited, limited_by=other.number)
    return result


def conflicting(*, entry: Entry, others: Iterable[Entry]) -> Entry | None:
    """The first of those for other people that shares a day with the entry although somebody is meant by both."""
    for other in sorted(others, key=lambda e: e.number):
        if other.window.shares_a_day_with(entry.window) and not are_apart(other.applicability, entry.applicability):
            return other
    return None
