"""What each rule looks for, as arithmetic over rows of the log. No database, no clock.

A row's text is nowhere here: questions leave flags, counts and digests in the log when they are asked.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from audit.findings import episodes
from audit.findings.episodes import Episode, Moment
from audit.findings.models import Rule
from audit.verbs import words_of

# Of somebody's rows in the window, at least this share was refused: whoever clicks a lot is refused now and then.
MIN_DENIED_SHARE = 0.2
# What a person does to get in is looked at by its own rule.
SIGN_IN_VERBS = frozenset({"session.sign_in_failed", "token.sign_in_failed"})
_TOKEN_VERBS = frozenset({"token.refresh", "token.refused"})
_CLOSED_VERBS = frozenset({"document.read", "document.download"})
# As documents.services.refusals says it.
NOT_THERE = "not_there"


@dataclass(frozen=True)
class Event:
    """A row of the log, as far as rules look at it."""

    at: datetime
    actor: str
    verb: str
    target: str = ""
    outcome: str = "success"
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        return self.outcome == "refused"

    @property
    def is_of_a_person(self) -> bool:
        return self.actor.startswith(("employee:", "service:", "operator:")) and self.actor != "operator:shell"


@dataclass(frozen=True)
class Figures:
    """A rule's settings. `time_zone` is the company's; days are 1 (Monday) to 7."""

    threshold: int
    window: timedelta
    factor: float
    time_zone: tzinfo
    day_begins_hour: int = 6
    day_ends_hour: int = 21
    working_days: frozenset[int] = frozenset({1, 2, 3, 4, 5})

    def is_off_hours(self, at: datetime) -> bool:
        local = at.astimezone(self.time_zone)
        is_working_day = local.isoweekday() in self.working_days
        return not (is_working_day and self.day_begins_hour <= local.hour < self.day_ends_hour)


@dataclass(frozen=True)
class Hit:
    """What a rule found. `numbers` is the arithmetic behind it, for the page."""

    rule: str
    subject: str
    first_at: datetime
    last_at: datetime
    count: int
    numbers: dict[str, Any]


# The person's own usual figure, asked for only where the threshold alone was passed.
Usual = Callable[[str], float]
Find = Callable[[Sequence[Event], Figures, Usual], list[Hit]]


def burst(events: Sequence[Event], figures: Figures, usual: Usual) -> list[Hit]:
    """More read or asked within the window than the threshold, and than `factor` times the person's busy windows."""
    reading = (one for one in events if one.is_of_a_person and not one.is_refused and words_of(one.verb).reads)
    return _compared(Rule.BURST, reading, figures, usual)


def off_hours(events: Sequence[Event], figures: Figures, usual: Usual) -> list[Hit]:
    """Reading at night or on days off, more than the threshold, and than `factor` times the person's usual night."""
    reading = (
        one
        for one in events
        if one.is_of_a_person and words_of(one.verb).reads and not one.is_refused and figures.is_off_hours(one.at)
    )
    return _compared(Rule.OFF_HOURS, reading, figures, usual)


def others_named(events: Sequence[Event], figures: Figures, usual: Usual) -> list[Hit]:
    """Questions about other people: a record that was refused, or a name that was found in the question."""
    asked = (one for one in events if _is_about_others(one))
    # The refused look-up and the answer of one question are two rows about the same question.
    return _counted(Rule.OTHERS_NAMED, asked, figures, different=lambda one: one.target or one.at)


def injection_question(events: Sequence[Event], figures: Figures, usual: Usual) -> list[Hit]:
    """Questions with words that are meant for the model and not for the documents."""
    flagged = (one for one in events if one.details.get("orders") and not one.verb.startswith("document."))
    return _counted(Rule.INJECTION_QUESTION, flagged, figures)


def injection_document(events: Sequence[Event], figures: Figures, usual: Usual) -> list[Hit]:
    """Documents with such words, or with text that their readers cannot see."""
    flagged = (one for one in events if one.verb == "document.ready" and one.details.get("flags"))
    return _counted(Rule.INJECTION_DOCUMENT, flagged, figures, of=lambda one: one.target)


def denied_rate(events: Sequence[Event], figures: Figures, usual: Usual) -> list[Hit]:
    """Refusals, and that they are a good share of what the person did meanwhile."""
    of_person: dict[str, list[Event]] = defaultdict(list)
    for one in events:
        if one.is_of_a_person and one.verb not in SIGN_IN_VERBS:
            of_person[one.actor].append(one)
    hits = []
    for hit in _counted(Rule.DENIED_RATE, (e for es in of_person.values() for e in es if e.is_refused), figures):
        meanwhile = [e for e in of_person[hit.subject] if hit.first_at <= e.at <= hit.last_at]
        share = sum(one.is_refused for one in meanwhile) / len(meanwhile)
        if share >= MIN_DENIED_SHARE:
            hits.append(_with(hit, share=round(share, 2), least_share=MIN_DENIED_SHARE, of_all=len(meanwhile)))
    return hits


def confidential_refusals(events: Sequence[Event], figures: Figures, usual: Usual) -> list[Hit]:
    """Different documents that the person tried to open and may not."""
    closed = (
        one
        for one in events
        if one.is_refused and one.verb in _CLOSED_VERBS and one.is_of_a_person and one.reason != NOT_THERE
    )
    return _counted(Rule.CONFIDENTIAL_REFUSALS, closed, figures, different=lambda one: one.target)


def sign_in_failures(events: Sequence[Event], figures: Figures, usual: Usual) -> list[Hit]:
    """Different accounts that one network failed to sign in to."""
    failed = (one for one in events if one.verb in SIGN_IN_VERBS and one.details.get("account"))
    return _counted(
        Rule.SIGN_IN_FAILURES,
        failed,
        figures,
        of=lambda one: f"network:{one.details.get('network', 'unknown')}"[:120],
        different=lambda one: one.details["account"],
    )


def token_reuse(events: Sequence[Event], figures: Figures, usual: Usual) -> list[Hit]:
    """A refresh token that was used twice, or a token of another company: each means that two hold it."""
    return _counted(Rule.TOKEN_REUSE, (e for e in events if e.is_refused and e.verb in _TOKEN_VERBS), figures)


FIND: Mapping[str, Find] = {
    Rule.BURST: burst,
    Rule.OFF_HOURS: off_hours,
    Rule.OTHERS_NAMED: others_named,
    Rule.INJECTION_QUESTION: injection_question,
    Rule.INJECTION_DOCUMENT: injection_document,
    Rule.DENIED_RATE: denied_rate,
    Rule.CONFIDENTIAL_REFUSALS: confidential_refusals,
    Rule.SIGN_IN_FAILURES: sign_in_failures,
    Rule.TOKEN_REUSE: token_reuse,
}
# Rules that compare with the person's own figure of the 28 days before.
COMPARING = frozenset({Rule.BURST, Rule.OFF_HOURS})


def _is_about_others(event: Event) -> bool:
    is_denied = event.verb == "tool.call" and event.is_refused and event.reason in ("someone_else", "names_a_person")
    return is_denied or bool(event.details.get("others"))


def _counted(
    rule: Rule,
    events: Iterable[Event],
    figures: Figures,
    *,
    of: Callable[[Event], str] = lambda one: one.actor,
    different: Callable[[Event], Any] | None = None,
) -> list[Hit]:
    """Hits for each subject that passes the threshold; with `different`, counting different things."""
    moments = _by_subject(events, of=of, key=different)
    find = episodes.of_moments if different is None else episodes.of_different
    return [
        _hit(rule, subject, episode, figures)
        for subject, found in moments.items()
        for episode in find(found, window=figures.window, least=figures.threshold)
    ]


def _compared(rule: Rule, events: Iterable[Event], figures: Figures, usual: Usual) -> list[Hit]:
    hits = []
    for subject, moments in _by_subject(events, of=lambda one: one.actor).items():
        if not episodes.of_moments(moments, window=figures.window, least=figures.threshold):
            continue
        own = usual(subject)
        least = max(figures.threshold, math.ceil(figures.factor * own))
        found = episodes.of_moments(moments, window=figures.window, least=least)
        hits += [
            _with(_hit(rule, subject, episode, figures), usual=round(own, 1), factor=figures.factor, least=least)
            for episode in found
        ]
    return hits


def _by_subject(
    events: Iterable[Event], *, of: Callable[[Event], str], key: Callable[[Event], Any] | None = None
) -> dict[str, list[Moment]]:
    found: dict[str, list[Moment]] = defaultdict(list)
    for event in events:
        found[of(event)].append(Moment(event.at, key(event) if key else None))
    for moments in found.values():
        moments.sort(key=lambda moment: moment.at)
    return found


def _hit(rule: Rule, subject: str, episode: Episode, figures: Figures) -> Hit:
    minutes = int(figures.window.total_seconds() // 60)
    numbers = {"threshold": figures.threshold, "window_minutes": minutes}
    return Hit(str(rule), subject, episode.first_at, episode.last_at, episode.peak, numbers)


def _with(hit: Hit, **numbers: Any) -> Hit:
    return Hit(hit.rule, hit.subject, hit.first_at, hit.last_at, hit.count, {**hit.numbers, **numbers})
