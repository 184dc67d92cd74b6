"""Counting events per minute: in PostgreSQL for all processes together, in memory when that fails.

A sliding window made of two fixed ones: the running minute's count plus the former minute's, weighted by how much of it
the last 60 seconds still cover. One statement counts everything that a request touches, atomically.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, connection
from django.utils.crypto import salted_hmac

from tenants.postgresql.base import Prepared

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60
# Without the common counters each process allows itself this share of a limit: stricter than with them as long as an
# installation has no more than four web processes, and never nothing.
_LOCAL_SHARE = 0.25
_LOCAL_MAX_KEYS = 10_000
_KEY_CHARS = 32

_COUNT = """
INSERT INTO public.throttle_counters AS counter (key, period, current, previous, ceiling) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    previous = CASE excluded.period - counter.period
        WHEN 0 THEN counter.previous WHEN 1 THEN counter.current ELSE 0 END,
    current = CASE WHEN excluded.period = counter.period
        THEN least(counter.current + 1, excluded.ceiling) ELSE 1 END,
    period = excluded.period,
    ceiling = excluded.ceiling
RETURNING key, current, previous
"""


@dataclass(frozen=True)
class Limit:
    """At most `per_minute` events of one `scope` by one `who` (already told apart by company)."""

    scope: str
    who: str
    per_minute: int

    @property
    def key(self) -> str:
        return salted_hmac("ragsite.throttle", f"{self.scope}:{self.who}", algorithm="sha256").hexdigest()[:_KEY_CHARS]


def count(*, limits: Sequence[Limit], now: float) -> float:
    """Count one event against every limit; return the seconds to wait, 0 when all of them allow it. One query.

    `now` is Unix time in seconds. A counter store that fails is replaced by a stricter one in this process.
    """
    try:
        counts = _count_in_database(limits, now)
    except DatabaseError as error:
        log.warning("throttle_counters_unavailable", error=type(error).__name__)
        return max(_count_locally(limit, now) for limit in limits)
    return max(_wait(limit.per_minute, *counts[limit.key], now) for limit in limits)


def give_back(*, limits: Sequence[Limit], now: float) -> None:
    """Take one event back, for what turned out not to count. Never below zero."""
    keys = [limit.key for limit in limits]
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE public.throttle_counters SET current = greatest(current - 1, 0)"
                " WHERE key = ANY(%s) AND period = %s",
                [keys, _period(now)],
            )
    except DatabaseError as error:
        log.warning("throttle_counters_unavailable", error=type(error).__name__)


def forget_old(*, now: float) -> int:
    """Delete counters that no longer say anything; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.throttle_counters WHERE period < %s", [_period(now) - 1])
        return cursor.rowcount


def _count_in_database(limits: Sequence[Limit], now: float) -> dict[str, tuple[int, int]]:
    # In the order of their keys: two requests that touch the same counters never wait for each other in a circle.
    ordered = sorted({limit.key: limit for limit in limits}.items())
    values: list[str | int] = []
    for key, limit in ordered:
        values += [key, _period(now), limit.per_minute + 1]
    rows = ", ".join(["(%s, %s, 1, 0, %s)"] * len(ordered))
    with connection.cursor() as cursor:
        cursor.execute(Prepared(_COUNT.format(rows=rows)), values)
        return {key: (current, previous) for key, current, previous in cursor.fetchall()}


def _wait(limit: int, current: int, previous: int, now: float) -> float:
    """Seconds until one more event would be allowed; 0 when this one, which is in `current`, is."""
    elapsed = now % WINDOW_SECONDS
    if current + previous * (1 - elapsed / WINDOW_SECONDS) <= limit:
        return 0.0
    if current <= limit and previous:
        # The former minute fades until it leaves room.
        return max(1.0, WINDOW_SECONDS * (1 - (limit - current) / previous) - elapsed)
    # The next minute begins, and this one has to fade so far that one event fits in.
    return WINDOW_SECONDS - elapsed + WINDOW_SECONDS * max(0.0, 1 - (limit - 1) / current)


def _period(now: float) -> int:
    return math.floor(now / WINDOW_SECONDS)


_local_lock = threading.Lock()
_local: dict[str, tuple[int, int]] = {}  # key -> (period, count)


def _count_locally(limit: Limit, now: float) -> float:
    allowed = max(1, int(limit.per_minute * _LOCAL_SHARE))
    with _local_lock:
        if len(_local) >= _LOCAL_MAX_KEYS:
            _local.clear()  # a flood of callers; whoever is over the limit starts again, the process does not
        period, counted = _local.get(limit.key, (0, 0))
        counted = counted + 1 if period == _period(now) else 1
        _local[limit.key] = (_period(now), counted)
    return 0.0 if counted <= allowed else WINDOW_SECONDS - now % WINDOW_SECONDS
