"""Looking at the newest rows of the log, and keeping what the rules found. Can be repeated: nothing is found twice."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.db.models import Q

from audit import services as audit
from audit.findings import rules, usual
from audit.findings.models import Finding, Rule, SuspicionRule
from audit.findings.rules import Event, Figures, Hit
from audit.models import AuditLog
from audit.verbs import reading_verbs

log = structlog.get_logger(__name__)

# Longer than the longest window that a rule may have (a day).
LOOKS_BACK = timedelta(hours=36)
# One after the other in each schema, so that two workers do not find the same thing twice.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('findings'), hashtext(current_schema()))"
_OTHER_VERBS = ("document.ready", *rules.SIGN_IN_VERBS, "question.answer", "question.ask", "tool.call")


@dataclass(frozen=True)
class _Looked:
    """What one scan looks at."""

    events: list[Event]
    since: datetime
    now: datetime


def scan(*, now: datetime, time_zone: tzinfo) -> list[Finding]:
    """Find what is new in the current schema's log; returns the findings that were opened by this scan.

    `time_zone` is the company's, for what is out of hours. What went on while its finding was open widens that one.
    What somebody acknowledged or dismissed is not found again; what comes after that can be.
    """
    since = now - LOOKS_BACK
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOCK)
        looked = _Looked(events=_events(since=since, until=now), since=since, now=now)
        known = list(Finding.objects.filter(last_at__gte=since - LOOKS_BACK))
        opened = []
        for row in SuspicionRule.objects.filter(is_on=True).order_by("pk"):
            figures = _figures(row, time_zone)
            mine = [finding for finding in known if finding.rule == row.rule]
            for hit in _undecided_hits(row.rule, looked, figures, mine):
                if (finding := _keep(hit, figures, mine, now)) is not None:
                    opened.append(finding)
                    mine.append(finding)
                    _tell_later(row, finding)
    return opened


def _events(*, since: datetime, until: datetime) -> list[Event]:
    """The rows that some rule looks at, in the order of time. One query."""
    wanted = Q(verb__in=[*reading_verbs(), *_OTHER_VERBS]) | Q(outcome=AuditLog.Outcome.REFUSED)
    rows = AuditLog.objects.filter(wanted, at__gte=since, at__lte=until).order_by("at", "pk")
    columns = ("at", "actor", "verb", "target", "outcome", "reason", "details")
    return [Event(*values) for values in rows.values_list(*columns).iterator(chunk_size=5000)]


def _undecided_hits(rule: str, looked: "_Looked", figures: Figures, known: Collection[Finding]) -> Iterator[Hit]:
    """The rule's hits. Of an episode that somebody decided on, only what came after the decision counts."""
    for hit in _hits(rule, looked, looked.events, figures):
        decisions = [one.decided_at for one in known if one.decided_at is not None and _continues(hit, one, figures)]
        if not decisions:
            yield hit
            continue
        later = [event for event in looked.events if event.at > max(decisions)]
        yield from (again for again in _hits(rule, looked, later, figures) if again.subject == hit.subject)


def _hits(rule: str, looked: "_Looked", events: list[Event], figures: Figures) -> list[Hit]:
    def own_usual(subject: str) -> float:
        return usual.usual_figure(rule=rule, subject=subject, figures=figures, before=looked.since)

    return rules.FIND[rule](events, figures, own_usual)


def _continues(hit: Hit, finding: Finding, figures: Figures) -> bool:
    starts_before_its_end = hit.first_at <= finding.last_at + figures.window
    return finding.subject == hit.subject and starts_before_its_end and finding.first_at <= hit.last_at


def _keep(hit: Hit, figures: Figures, known: Collection[Finding], now: datetime) -> Finding | None:
    """A new finding, unless one that is open is still going on: that one is widened."""
    for finding in known:
        if finding.state == Finding.State.OPEN and _continues(hit, finding, figures):
            if hit.last_at > finding.last_at or hit.count > finding.count:
                finding.last_at, finding.count = max(hit.last_at, finding.last_at), max(hit.count, finding.count)
                finding.save(update_fields=["last_at", "count"])
            return None
    finding = Finding.objects.create(
        rule=hit.rule,
        subject=hit.subject[:120],
        first_at=hit.first_at,
        last_at=hit.last_at,
        count=hit.count,
        numbers=hit.numbers,
        found_at=now,
    )
    audit.record(
        verb="finding.open",
        target=f"finding:{finding.pk}",
        details={"rule": hit.rule, "subject": finding.subject, "count": hit.count},
    )
    return finding


def _figures(row: SuspicionRule, time_zone: tzinfo) -> Figures:
    return Figures(
        threshold=row.threshold,
        window=timedelta(minutes=row.window_minutes),
        factor=row.factor,
        time_zone=time_zone,
        day_begins_hour=row.day_begins_hour,
        day_ends_hour=row.day_ends_hour,
        working_days=frozenset(int(day) for day in row.working_days),
    )


def _tell_later(row: SuspicionRule, finding: Finding) -> None:
    """By mail, after the commit, without a name or a number; a mail server that is down loses the mail only."""
    if not row.notify_email:
        return
    title, address = Rule(finding.rule).label, row.notify_email

    def tell() -> None:
        try:
            send_mail(
                subject=f"HR assistant: a new finding ({title.lower()})",
                message="The console shows it under Findings. This mail names nobody on purpose.",
                from_email=settings.DEFAULT_FROM_EMAIL,
                recipient_list=[address],
            )
        except OSError as error:  # smtplib's errors are OSErrors
            log.warning("finding_not_mailed", finding=finding.pk, error=type(error).__name__)

    transaction.on_commit(tell)
