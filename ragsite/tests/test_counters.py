"""The sliding window: arithmetic on the page, and atomic in the database."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ragsite.api import counters
from ragsite.api.counters import Limit
from ragsite.models import ThrottleCounter

pytestmark = pytest.mark.django_db

MINUTE = 60_000 * 60.0  # a moment at which a minute begins


@pytest.fixture(autouse=True)
def nothing_counted_yet(db: None) -> None:
    """Tests with threads commit what they count; it comes back when this one is rolled back."""
    ThrottleCounter.objects.all().delete()


def limit(per_minute: int, who: str = "a", scope: str = "s") -> Limit:
    return Limit(scope=scope, who=who, per_minute=per_minute)


def test_as_many_as_allowed_and_no_more() -> None:
    waits = [counters.count(limits=[limit(3)], now=MINUTE + second) for second in range(5)]

    assert waits[:3] == [0, 0, 0]
    assert min(waits[3:]) > 0


def test_former_minute_fades() -> None:
    for _ in range(10):
        counters.count(limits=[limit(10)], now=MINUTE + 59)

    # 15 s into the next minute three quarters of it still count: 7.5 + 1, + 2 are allowed, + 3 are too many.
    waits = [counters.count(limits=[limit(10)], now=MINUTE + 75) for _ in range(3)]

    assert waits[:2] == [0, 0]
    assert waits[2] > 0


def test_wait_is_long_enough_and_not_for_ever() -> None:
    for _ in range(50):
        wait = counters.count(limits=[limit(5)], now=MINUTE + 30)

    assert 30 < wait < 60
    assert counters.count(limits=[limit(5)], now=MINUTE + 30 + wait) == 0


def test_after_two_minutes_nothing_is_remembered() -> None:
    for _ in range(5):
        counters.count(limits=[limit(5)], now=MINUTE)

    assert [counters.count(limits=[limit(5)], now=MINUTE + 120) for _ in range(5)] == [0] * 5


def test_several_limits_cost_one_query_and_the_strictest_decides() -> None:
    limits = [limit(100, scope="api"), limit(1, scope="questions")]
    with CaptureQueriesContext(connection) as queries:
        counters.count(limits=limits, now=MINUTE)

    assert len([query for query in queries if not query["sql"].startswith("SET search_path")]) == 1
    assert counters.count(limits=limits, now=MINUTE) > 0
    assert ThrottleCounter.objects.count() == 2


def test_given_back_event_does_not_count() -> None:
    for _ in range(10):
        assert counters.count(limits=[limit(1)], now=MINUTE) == 0
        counters.give_back(limits=[limit(1)], now=MINUTE)
    counters.give_back(limits=[limit(1)], now=MINUTE)

    assert ThrottleCounter.objects.get().current == 0


def test_old_counters_are_forgotten() -> None:
    counters.count(limits=[limit(1, who="old")], now=MINUTE)
    counters.count(limits=[limit(1, who="new")], now=MINUTE + 120)

    assert counters.forget_old(now=MINUTE + 120) == 1


def test_table_names_nobody() -> None:
    counters.count(limits=[limit(1, who="employee:17@192.0.2.1")], now=MINUTE)

    key = ThrottleCounter.objects.get().key
    assert len(key) == 32
    assert set(key) <= set("0123456789abcdef")


def test_local_counters_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "_local", {})
    monkeypatch.setattr(counters, "_LOCAL_MAX_KEYS", 10)

    for number in range(100):
        counters._count_locally(limit(1, who=str(number)), MINUTE)

    assert len(counters._local) <= 10


def test_table_is_unlogged(django_db_setup: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE oid = 'public.throttle_counters'::regclass")
        assert cursor.fetchone() == ("u",)
