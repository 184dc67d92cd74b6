"""The life of an incident. Every change is a row of the platform's audit log and an entry of the timeline."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from audit import actors
from audit import services as audit
from ragsite.incidents import playbook
from ragsite.models import Incident, IncidentStep, TimelineEntry
from tenants.models import Tenant

ActionItem = tuple[str, str, str]


class IncidentClosed(RuntimeError):
    """A closed incident is a record; it does not change any more."""


class StepEnded(RuntimeError):
    """The step is done or skipped already; somebody else may have been first."""


class WrongState(RuntimeError):
    """The incident is not in the state from which this begins."""


def open_incident(
    *, title: str, kind: str, severity: str, summary: str, companies: Sequence[Tenant], now: datetime | None = None
) -> Incident:
    """Open an incident with the steps of its playbook, one of each for each company. The reference counts by year."""
    now = now or timezone.now()
    with transaction.atomic():
        incident = Incident.objects.create(
            ref=_next_ref(now.year),
            title=title,
            kind=kind,
            severity=severity,
            summary=summary,
            opened_by=actors.current_actor().label,
            opened_at=now,
        )
        incident.companies.set(companies)
        IncidentStep.objects.bulk_create(
            IncidentStep(incident=incident, company=company, key=step.key, ordinal=number)
            for number, step in enumerate(playbook.steps_of(incident))
            for company in ([None] if step.of_installation else companies)
        )
        names = ", ".join(company.name for company in companies)
        audit.record(
            verb="incident.open",
            target=_target(incident),
            reason=title,
            details={"kind": kind, "severity": severity, "companies": [str(company.uuid) for company in companies]},
        )
        _tell(incident, f"Opened: {title}" + (f" ({names})" if names else ""), at=now)
    return incident


def add_note(*, incident: Incident, text: str, link: str = "") -> None:
    """Write down something that no log knows.

    :raises IncidentClosed: when it is closed.
    """
    with transaction.atomic():
        _lock_open(incident)
        audit.record(verb="incident.note", target=_target(incident))
        _tell(incident, text, source=TimelineEntry.Source.MANUAL, link=link)


def record_step(*, step: IncidentStep, result: str) -> None:
    """A step was done where no log of ours sees it.

    :raises StepEnded: when it is done or skipped already.
    :raises IncidentClosed: when the incident is closed.
    """
    _end_by_hand(step, state=IncidentStep.State.DONE, result=result, verb="incident.step", word="Done")


def skip_step(*, step: IncidentStep, reason: str) -> None:
    """A step is not needed.

    :raises StepEnded: when it is done or skipped already.
    :raises IncidentClosed: when the incident is closed.
    """
    _end_by_hand(step, state=IncidentStep.State.SKIPPED, result=reason, verb="incident.skip_step", word="Skipped")


def contain(*, incident: Incident, reason: str) -> None:
    """It cannot get worse any more.

    :raises WrongState: when it is not open.
    """
    now = timezone.now()
    with transaction.atomic():
        moved = Incident.objects.filter(pk=incident.pk, state=Incident.State.OPEN).update(
            state=Incident.State.MITIGATED, mitigated_at=now
        )
        if not moved:
            raise WrongState(f"{incident.ref} is not open")
        audit.record(verb="incident.contain", target=_target(incident), reason=reason)
        _tell(incident, f"Contained: {reason}", at=now)
    incident.refresh_from_db()


def close(
    *,
    incident: Incident,
    reason: str,
    impact: str,
    root_cause: str,
    worked: str = "",
    did_not_work: str = "",
    action_items: Sequence[ActionItem] = (),
) -> None:
    """Close it with what caused it and whom it concerned. The record stays.

    :raises WrongState: when it is closed already.
    """
    now = timezone.now()
    with transaction.atomic():
        moved = (
            Incident.objects.exclude(state=Incident.State.RESOLVED)
            .filter(pk=incident.pk)
            .update(
                state=Incident.State.RESOLVED,
                resolved_at=now,
                mitigated_at=incident.mitigated_at or now,
                closed_by=actors.current_actor().label,
                impact=impact,
                root_cause=root_cause,
                worked=worked,
                did_not_work=did_not_work,
                action_items=[list(item) for item in action_items],
            )
        )
        if not moved:
            raise WrongState(f"{incident.ref} is closed already")
        audit.record(
            verb="incident.close",
            target=_target(incident),
            reason=reason,
            details={"action_items": len(action_items)},
        )
        _tell(incident, f"Closed: {reason}", at=now)
    incident.refresh_from_db()


def end_step(*, step: IncidentStep, at: datetime, actor: str, result: str) -> bool:
    """The audit log shows that it was done. False when it had ended before. Writes no audit row: there is one."""
    waiting = IncidentStep.objects.filter(pk=step.pk, state=IncidentStep.State.WAITING)
    return bool(waiting.update(state=IncidentStep.State.DONE, at=at, actor=actor, result=result[:500]))


def _end_by_hand(step: IncidentStep, *, state: str, result: str, verb: str, word: str) -> None:
    now = timezone.now()
    with transaction.atomic():
        _lock_open(step.incident)
        moved = IncidentStep.objects.filter(pk=step.pk, state=IncidentStep.State.WAITING).update(
            state=state, at=now, actor=actors.current_actor().label, result=result[:500]
        )
        if not moved:
            raise StepEnded("this step has ended already")
        audit.record(verb=verb, target=_target(step.incident), reason=result, details={"step": step.key})
        _tell(step.incident, f"{word}: {playbook.BY_KEY[step.key].title}. {result}", at=now)


def _lock_open(incident: Incident) -> None:
    state = Incident.objects.select_for_update().values_list("state", flat=True).get(pk=incident.pk)
    if state == Incident.State.RESOLVED:
        raise IncidentClosed(f"{incident.ref} is closed")


def _tell(
    incident: Incident,
    text: str,
    *,
    at: datetime | None = None,
    source: str = TimelineEntry.Source.ACTION,
    link: str = "",
) -> None:
    TimelineEntry.objects.create(
        incident=incident,
        at=at or timezone.now(),
        actor=actors.current_actor().label,
        source=source,
        text=text[:1000],
        link=link,
    )


def _next_ref(year: int) -> str:
    """INC-2026-0001; one at a time, so that two at once get two numbers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ragsite.incidents'))")
    prefix = f"INC-{year}-"
    # The width is fixed, so the greatest text is the greatest number.
    newest = Incident.objects.filter(ref__startswith=prefix).order_by("-ref").values_list("ref", flat=True).first()
    return f"{prefix}{int(newest.removeprefix(prefix)) + 1 if newest else 1:04}"


def _target(incident: Incident) -> str:
    return f"incident:{incident.ref}"
