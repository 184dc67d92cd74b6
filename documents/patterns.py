"""Who was shown what, against their own usual figure: the last 7 days beside the 28 days before."""

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Q

from documents.models import DocumentAccess
from tenants import context

RECENT_DAYS = 7
USUAL_DAYS = 28
ALL_DAYS = RECENT_DAYS + USUAL_DAYS
# Fewer than this in a week is never called unusual.
LEAST = 20
# A week's figure scatters by about its square root (Poisson); three of these are passed by chance once in 700 weeks.
SPREADS = 3
_WEEKS = USUAL_DAYS / RECENT_DAYS
By = Literal["actor", "document_id"]


@dataclass(frozen=True)
class Usual:
    """A week's figure beside the four weeks before, and the arithmetic that says whether it is unusual."""

    recent: int
    before: int

    @property
    def a_week(self) -> float:
        return self.before / _WEEKS

    @property
    def limit(self) -> float:
        return max(LEAST, 2 * self.a_week, self.a_week + SPREADS * math.sqrt(self.a_week))

    @property
    def is_unusual(self) -> bool:
        return self.recent > self.limit

    @property
    def sentence(self) -> str:
        """The arithmetic in words."""
        before = f"{self.before} in the {USUAL_DAYS} days before, {self.a_week:.1f} a week"
        if not self.is_unusual:
            return f"{before}. Up to {self.limit:.0f} is usual."
        times = f"{self.recent / self.a_week:.1f} times that" if self.before else "nothing to compare with"
        return (
            f"{before}; {self.recent} is {times}. Unusual is more than {self.limit:.1f}, the largest of {LEAST}, "
            f"twice a usual week, and a usual week plus {SPREADS} × √{self.a_week:.1f}."
        )


@dataclass(frozen=True)
class Pattern:
    """One person, or one document: how much was shown on each of the days, today last."""

    key: str
    usual: Usual
    days: tuple[int, ...]

    @property
    def is_unusual(self) -> bool:
        return self.usual.is_unusual


@dataclass(frozen=True)
class Shown:
    """One thing shown by one way: what a person was shown, or who was shown a document, in the last 7 days."""

    key: str
    how: str
    count: int
    last_at: datetime


def begin_of(today: date, *, days: int) -> datetime:
    """Midnight, in the company's time zone, of the first of the last `days` days."""
    zone = ZoneInfo(context.current_tenant().time_zone)
    return datetime.combine(today - timedelta(days=days - 1), time.min, zone)


def patterns(*, by: By, today: date, most: int) -> tuple[Pattern, ...]:
    """The `most` that were shown or read most in the last 7 days, unusual ones first. Two queries."""
    since, recent = begin_of(today, days=ALL_DAYS), begin_of(today, days=RECENT_DAYS)
    rows = (
        DocumentAccess.objects.filter(at__gte=since)
        .values(by)
        .annotate(recent=Count("pk", filter=Q(at__gte=recent)), before=Count("pk", filter=Q(at__lt=recent)))
        .filter(recent__gt=0)
        .order_by("-recent", by)
    )
    found = [(str(row[by]), Usual(recent=row["recent"], before=row["before"])) for row in rows]
    found.sort(key=lambda one: (not one[1].is_unusual, -one[1].recent))
    found = found[:most]
    days = _days(by, [key for key, _ in found], since, today)
    return tuple(Pattern(key=key, usual=usual, days=tuple(days[key])) for key, usual in found)


def shown_lately(*, by: By, key: str, today: date, most: int) -> tuple[Shown, ...]:
    """What this person was shown, or who was shown this document, in the last 7 days, most first. One query."""
    other = "document_id" if by == "actor" else "actor"
    since = begin_of(today, days=RECENT_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {other}, how, count(*), max(at) FROM document_accesses WHERE {by} = %s AND at >= %s"  # noqa: S608
            " GROUP BY 1, 2 ORDER BY 3 DESC, 4 DESC, 1 LIMIT %s",
            [key, since, most],
        )
        return tuple(Shown(key=str(one), how=how, count=n, last_at=last) for one, how, n, last in cursor.fetchall())


def _days(by: By, keys: Sequence[str], since: datetime, today: date) -> dict[str, list[int]]:
    """Counts for each key and day, in the company's time zone."""
    found: dict[str, list[int]] = defaultdict(lambda: [0] * ALL_DAYS)
    if not keys:
        return found
    kind = "varchar" if by == "actor" else "uuid"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {by}, (at AT TIME ZONE %s)::date, count(*) FROM document_accesses"  # noqa: S608
            f" WHERE at >= %s AND {by} = ANY(%s::{kind}[]) GROUP BY 1, 2",
            [context.current_tenant().time_zone, since, list(keys)],
        )
        for key, day, count in cursor.fetchall():
            place = ALL_DAYS - 1 - (today - day).days
            if 0 <= place < ALL_DAYS:
                found[str(key)][place] = count
    return found


def labels_of(by: By, found: Collection[Pattern]) -> list[str]:
    """The audit log's names of what the patterns are about."""
    return [one.key if by == "actor" else f"document:{one.key}" for one in found]
