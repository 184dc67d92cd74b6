"""Counting within a sliding window. No database, no clock: times in, episodes out."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Moment:
    """Something that is counted. `key` is what is told apart where different things count, such as accounts."""

    at: datetime
    key: Hashable = None


@dataclass(frozen=True)
class Episode:
    """From the first to the last moment of windows that hold enough; `peak` is the most that one window held."""

    first_at: datetime
    last_at: datetime
    peak: int


def of_moments(moments: Sequence[Moment], *, window: timedelta, least: int) -> tuple[Episode, ...]:
    """Episodes in which `window` held at least `least` moments. `moments` are in the order of time."""
    return _found(moments, window=window, least=least, is_distinct=False)


def of_different(moments: Sequence[Moment], *, window: timedelta, least: int) -> tuple[Episode, ...]:
    """The same, counting different keys instead of moments."""
    return _found(moments, window=window, least=least, is_distinct=True)


def _found(moments: Sequence[Moment], *, window: timedelta, least: int, is_distinct: bool) -> tuple[Episode, ...]:
    """Two hands over one list: each moment enters and leaves the window once."""
    found: list[Episode] = []
    inside: Counter[Hashable] = Counter()
    start = 0
    for end, moment in enumerate(moments):
        inside[moment.key] += 1
        while moment.at - moments[start].at > window:
            inside[moments[start].key] -= 1
            inside += Counter()  # forgets keys that have left
            start += 1
        count = len(inside) if is_distinct else end - start + 1
        if count < least:
            continue
        first = moments[start].at
        if found and first <= found[-1].last_at:
            found[-1] = Episode(found[-1].first_at, moment.at, max(found[-1].peak, count))
        else:
            found.append(Episode(first, moment.at, count))
    return tuple(found)
