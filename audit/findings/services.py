"""What people say to a finding, and a company's own figures for the rules."""

from django.db import transaction
from django.utils import timezone

from audit import actors
from audit import services as audit
from audit.findings.models import Finding, SuspicionRule

_FIGURES = (
    "is_on",
    "threshold",
    "window_minutes",
    "factor",
    "day_begins_hour",
    "day_ends_hour",
    "working_days",
)


class AlreadyDecided(ValueError):
    """Somebody acknowledged or dismissed it before."""


def acknowledge(*, finding: Finding, reason: str) -> None:
    """Somebody looks into it, or has: it is taken off the list of what is open, with what was made of it.

    :raises AlreadyDecided: when somebody was first.
    """
    _decide(finding, state=Finding.State.ACKNOWLEDGED, verb="finding.acknowledge", reason=reason)


def dismiss(*, finding: Finding, reason: str) -> None:
    """It was nothing. The same episode is not found again.

    :raises AlreadyDecided: when somebody was first.
    """
    _decide(finding, state=Finding.State.DISMISSED, verb="finding.dismiss", reason=reason)


def save_rule(*, rule: SuspicionRule) -> None:
    """Put a rule's figures into force for the next scan."""
    with transaction.atomic():
        before = SuspicionRule.objects.select_for_update().get(pk=rule.pk)
        changed = {name: getattr(rule, name) for name in _FIGURES if getattr(rule, name) != getattr(before, name)}
        rule.save()
        notified = {"notify_email": bool(rule.notify_email)} if rule.notify_email != before.notify_email else {}
        audit.record(
            verb="suspicion_rule.change", target=f"suspicion_rule:{rule.rule}", details={**changed, **notified}
        )


def _decide(finding: Finding, *, state: str, verb: str, reason: str) -> None:
    now, by = timezone.now(), actors.current_actor().label
    with transaction.atomic():
        moved = Finding.objects.filter(pk=finding.pk, state=Finding.State.OPEN).update(
            state=state, decided_at=now, decided_by=by, decision_reason=reason[:500]
        )
        if not moved:
            raise AlreadyDecided("Somebody decided on it before.")
        audit.record(verb=verb, target=f"finding:{finding.pk}", reason=reason, details={"rule": finding.rule})
    finding.state, finding.decided_at, finding.decided_by, finding.decision_reason = state, now, by, reason[:500]
