"""Each rule, as arithmetic: what it finds, and what it lets pass."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.findings import episodes, rules
from audit.findings.episodes import Episode, Moment
from audit.findings.models import Rule
from audit.findings.rules import Event, Figures

# A Friday, at ten.
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
BOB = "employee:7"


def figures(threshold: int = 3, minutes: int = 10, factor: float = 1, zone: str = "UTC") -> Figures:
    return Figures(threshold=threshold, window=timedelta(minutes=minutes), factor=factor, time_zone=ZoneInfo(zone))


def rows(count: int, *, every_seconds: int = 1, **values: Any) -> list[Event]:
    """`count` rows alike, one after the other."""
    shared = {"actor": BOB, "verb": "document.read", **values}
    begin = shared.pop("at", NOW)
    return [Event(at=begin + timedelta(seconds=every_seconds * n), **shared) for n in range(count)]


def found(rule: str, events: list[Event], given: Figures, usual: float = 0) -> list[tuple[str, int]]:
    return [(hit.subject, hit.count) for hit in rules.FIND[rule](events, given, lambda _: usual)]


def test_moments_are_counted_within_the_window_only() -> None:
    moments = [Moment(NOW + timedelta(minutes=n)) for n in (0, 1, 2, 30, 31, 60)]

    def count(least: int) -> list[int]:
        return [one.peak for one in episodes.of_moments(moments, window=timedelta(minutes=5), least=least)]

    assert count(2) == [3, 2]
    assert count(3) == [3]
    assert count(4) == []


def test_what_goes_on_is_one_episode() -> None:
    moments = [Moment(NOW + timedelta(minutes=n)) for n in range(30)]

    assert episodes.of_moments(moments, window=timedelta(minutes=5), least=3) == (
        Episode(NOW, NOW + timedelta(minutes=29), 6),
    )


def test_the_same_thing_twice_is_not_two_different_things() -> None:
    moments = [Moment(NOW + timedelta(seconds=n), key) for n, key in enumerate("aabbac")]

    def peaks(least: int) -> list[int]:
        return [one.peak for one in episodes.of_different(moments, window=timedelta(minutes=1), least=least)]

    assert peaks(3) == [3]
    assert peaks(4) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 500), max_size=60), st.integers(1, 60), st.integers(1, 6))
def test_an_episode_is_there_exactly_when_some_window_holds_enough(seconds: list[int], window: int, least: int) -> None:
    at = sorted(seconds)
    most = max((sum(a <= b <= a + window for b in at) for a in at), default=0)

    got = episodes.of_moments(
        [Moment(NOW + timedelta(seconds=n)) for n in at], window=timedelta(seconds=window), least=least
    )

    assert bool(got) == (most >= least)
    assert max((one.peak for one in got), default=0) == (most if most >= least else 0)


def test_burst_is_more_than_the_threshold_and_than_the_own_usual() -> None:
    limit = figures(threshold=10, factor=3)

    assert found(Rule.BURST, rows(10), limit) == [(BOB, 10)]
    assert found(Rule.BURST, rows(9), limit) == []
    assert found(Rule.BURST, rows(10), limit, usual=4) == []  # 3 x 4 = 12
    assert found(Rule.BURST, rows(12), limit, usual=4) == [(BOB, 12)]
    assert found(Rule.BURST, rows(12, every_seconds=120), limit) == []  # in 24 minutes


@pytest.mark.parametrize(
    "values",
    [
        {"verb": "employee.create"},  # changes, such as an import
        {"outcome": "refused"},  # has a rule of its own
        {"actor": "system"},
        {"actor": "operator:shell"},
        {"verb": "audit.verify"},
    ],
)
def test_burst_counts_reading_by_people_only(values: dict[str, Any]) -> None:
    assert found(Rule.BURST, rows(50, **values), figures(threshold=10)) == []


def test_two_people_who_read_a_little_each_are_no_burst() -> None:
    both = rows(6) + rows(6, actor="employee:8")

    assert found(Rule.BURST, sorted(both, key=lambda one: one.at), figures(threshold=10)) == []


@pytest.mark.parametrize(
    ("at", "zone", "is_off"),
    [
        (datetime(2026, 11, 20, 10, tzinfo=UTC), "UTC", False),
        (datetime(2026, 11, 20, 5, 59, tzinfo=UTC), "UTC", True),
        (datetime(2026, 11, 20, 5, 59, tzinfo=UTC), "Europe/Berlin", False),  # one hour later there
        (datetime(2026, 11, 20, 21, 0, tzinfo=UTC), "UTC", True),
        (datetime(2026, 11, 20, 20, 59, tzinfo=UTC), "UTC", False),
        (datetime(2026, 11, 21, 10, tzinfo=UTC), "UTC", True),  # Saturday
        (datetime(2026, 11, 20, 16, tzinfo=UTC), "Asia/Tokyo", True),  # Saturday there
    ],
)
def test_off_hours_are_those_of_the_companys_time_zone_and_week(at: datetime, zone: str, is_off: bool) -> None:
    limit = figures(threshold=5, minutes=720, zone=zone)

    assert bool(found(Rule.OFF_HOURS, rows(5, at=at), limit)) is is_off


def test_whoever_works_at_night_every_night_is_not_found() -> None:
    night = NOW.replace(hour=2)
    limit = figures(threshold=20, minutes=720, factor=3)

    assert found(Rule.OFF_HOURS, rows(30, at=night), limit, usual=15) == []
    assert found(Rule.OFF_HOURS, rows(30, at=night), limit, usual=1) == [(BOB, 30)]


def test_questions_about_others_are_refused_records_and_names_in_questions() -> None:
    denied = rows(2, verb="tool.call", outcome="refused", reason="someone_else")
    named = rows(1, verb="question.answer", details={"others": ["d1"]}, at=NOW + timedelta(minutes=1))
    own = rows(9, verb="tool.call") + rows(9, verb="question.answer", details={"documents": ["x"]})

    assert found(Rule.OTHERS_NAMED, denied + named, figures()) == [(BOB, 3)]
    assert found(Rule.OTHERS_NAMED, denied + own, figures()) == []
    assert (
        found(Rule.OTHERS_NAMED, rows(9, verb="tool.call", outcome="refused", reason="not_a_manager"), figures()) == []
    )


def test_orders_to_the_assistant_are_found_in_questions_and_in_documents() -> None:
    asked = rows(1, verb="question.answer", details={"orders": ["ignore_instructions"]})
    ingested = rows(1, verb="document.ready", target="document:1", details={"flags": ["orders"]}, actor="task:x")
    clean = rows(5, verb="question.answer") + rows(5, verb="document.ready", details={"version": 1})

    assert found(Rule.INJECTION_QUESTION, asked + ingested + clean, figures(1)) == [(BOB, 1)]
    assert found(Rule.INJECTION_DOCUMENT, asked + ingested + clean, figures(1)) == [("document:1", 1)]


def test_refusals_count_when_they_are_a_good_share() -> None:
    refused = rows(4, outcome="refused", every_seconds=10)
    little_else = rows(3, every_seconds=10)
    much_else = rows(30)

    assert found(Rule.DENIED_RATE, refused + little_else, figures(4)) == [(BOB, 4)]
    assert found(Rule.DENIED_RATE, refused + much_else, figures(4)) == []
    assert found(Rule.DENIED_RATE, refused[:3], figures(4)) == []
    assert found(Rule.DENIED_RATE, rows(9, verb="session.sign_in_failed", outcome="refused"), figures(4)) == []


def test_closed_documents_count_once_each_and_missing_ones_do_not() -> None:
    def refused(n: int, reason: str = "confidential") -> list[Event]:
        at = NOW + timedelta(seconds=n)
        return rows(1, at=at, outcome="refused", target=f"document:{n}", reason=reason)

    different = [one for n in range(5) for one in refused(n)]
    same = [one for _ in range(9) for one in refused(1)]
    missing = [one for n in range(9) for one in refused(n, "not_there")]

    assert found(Rule.CONFIDENTIAL_REFUSALS, different, figures(5)) == [(BOB, 5)]
    assert found(Rule.CONFIDENTIAL_REFUSALS, same, figures(5)) == []
    assert found(Rule.CONFIDENTIAL_REFUSALS, missing, figures(5)) == []


def test_failed_sign_ins_count_by_network_and_account() -> None:
    def failed(account: str, network: str) -> list[Event]:
        details = {"account": account, "network": network}
        return rows(1, actor="anonymous", verb="session.sign_in_failed", outcome="refused", details=details)

    spraying = [one for n in range(5) for one in failed(f"a{n}", "n1")]
    forgetful = [one for _ in range(20) for one in failed("a1", "n2")]

    assert found(Rule.SIGN_IN_FAILURES, spraying + forgetful, figures(5)) == [("network:n1", 5)]


def test_a_token_that_came_twice_or_from_elsewhere_is_found_at_once() -> None:
    twice = rows(1, verb="token.refresh", outcome="refused", reason="used_twice")
    foreign = rows(1, verb="token.refused", outcome="refused", actor="anonymous")

    assert found(Rule.TOKEN_REUSE, twice + foreign, figures(1)) == [(BOB, 1), ("anonymous", 1)]
    assert found(Rule.TOKEN_REUSE, rows(9, verb="token.refresh"), figures(1)) == []


@pytest.mark.parametrize("rule", Rule.values)
def test_every_rule_has_its_words_and_finds_nothing_in_nothing(rule: str) -> None:
    from audit.findings import wording

    assert found(rule, [], figures(1)) == []
    assert wording.ADVICE[Rule(rule)]
    find: Callable[..., Any] = rules.FIND[rule]
    assert find.__doc__
