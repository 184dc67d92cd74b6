"""What the audit logs say about an incident's companies since it was opened, told in its timeline.

Actions are done wherever their buttons are: on the playbook, on a company's page, in a shell. Whatever the way, the log
has a row, and the row ends the step.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from audit.models import AuditLog
from ragsite.incidents import playbook, services
from ragsite.models import Incident, IncidentStep, TimelineEntry
from tenants import context
from tenants.models import Tenant

# More than anybody does during one incident; a page that follows a storm must stay quick.
MAX_ROWS = 500
# A row gets its time when it is written and is seen when it is committed: look back this far for late ones.
_LATE = timedelta(minutes=2)
# Both rows of one action are written in one transaction.
_TWINS_WITHIN = timedelta(seconds=2)
PLATFORM = "platform"


@dataclass(frozen=True)
class Seen:
    """One audit row, of the platform's log or a company's."""

    log: str
    row: int
    at: datetime
    actor: str
    verb: str
    outcome: str
    reason: str
    company: Tenant | None
    feature: str


def follow(incident: Incident) -> None:
    """Add what is new in the logs to the timeline and end the steps that it shows as done. Repeatable.

    About five queries and three for each company.
    """
    if incident.is_closed:
        return
    steps = list(incident.steps.select_related("company"))
    told = set(incident.timeline.exclude(log="").values_list("log", "row"))
    companies = list(incident.companies.all())
    rows = list(_rows(incident, companies))
    of_platform = [seen for seen in rows if seen.log == PLATFORM]
    for seen in sorted(rows, key=lambda one: (one.at, one.log, one.row)):
        if (seen.log, seen.row) not in told and not _is_twin(seen, of_platform):
            _tell(incident, seen, steps)


def _is_twin(seen: Seen, of_platform: list[Seen]) -> bool:
    """What an operator does to a company stands in both logs; the platform's row is told."""
    return seen.log != PLATFORM and any(
        (other.verb, other.actor) == (seen.verb, seen.actor) and abs(other.at - seen.at) < _TWINS_WITHIN
        for other in of_platform
    )


def _rows(incident: Incident, companies: list[Tenant]) -> Iterator[Seen]:
    verbs = {verb for step in playbook.steps_of(incident) for verb in step.verbs}
    by_uuid = {str(company.uuid): company for company in companies}
    since = AuditLog.objects.filter(verb__in=verbs, at__gte=incident.opened_at - _LATE).order_by("pk")
    with context.enter_platform():
        of_all = {verb for step in playbook.steps_of(incident) if step.of_installation for verb in step.verbs}
        targets = [f"tenant:{uuid}" for uuid in by_uuid]
        concerning = Q(target__in=targets) | Q(details__tenant__in=list(by_uuid)) | Q(verb__in=of_all)
        for row in since.filter(concerning)[:MAX_ROWS]:
            company = by_uuid.get(row.target.removeprefix("tenant:")) or by_uuid.get(row.details.get("tenant", ""))
            yield _seen(PLATFORM, row, company)
    for uuid, company in by_uuid.items():
        if company.state == Tenant.State.PROVISIONING:
            continue
        with context.enter(company):
            # A company's own log has a row for what an operator did there; its people's own work is not told.
            rows = list(since.filter(actor_kind="operator", at__gte=incident.opened_at)[:MAX_ROWS])
        for row in rows:
            yield _seen(uuid, row, company)


def _seen(log: str, row: AuditLog, company: Tenant | None) -> Seen:
    return Seen(
        log=log,
        row=row.pk,
        at=row.at,
        actor=row.actor,
        verb=row.verb,
        outcome=row.outcome,
        reason=row.reason,
        company=company,
        feature=str(row.details.get("feature", "")),
    )


def _tell(incident: Incident, seen: Seen, steps: list[IncidentStep]) -> None:
    succeeded = seen.outcome == AuditLog.Outcome.SUCCESS
    matching = [step for step in steps if _shows(seen, step)]
    if not matching or seen.at < incident.opened_at:
        return
    title = playbook.BY_KEY[matching[0].key].title
    whose = f" ({seen.company.name})" if seen.company is not None else ""
    outcome = "" if succeeded else f", {seen.outcome}"
    text = f"{title}{whose}{outcome}. {seen.reason}".strip()
    with transaction.atomic():
        _, is_new = TimelineEntry.objects.get_or_create(
            incident=incident,
            log=seen.log,
            row=seen.row,
            defaults={
                "at": seen.at,
                "actor": seen.actor,
                "source": TimelineEntry.Source.AUDIT,
                "text": text[:1000],
                "link": _link(seen),
            },
        )
        if is_new and succeeded:
            for step in matching:
                result = seen.reason or "as the audit log says"
                services.end_step(step=step, at=seen.at, actor=seen.actor, result=result)


def _shows(seen: Seen, step: IncidentStep) -> bool:
    what = playbook.BY_KEY[step.key]
    return (
        seen.verb in what.verbs
        and what.feature in ("", seen.feature)
        and (step.company is None or step.company == seen.company)
    )


def _link(seen: Seen) -> str:
    """The row's page in the platform's log; a company's log opens with a reason of its own."""
    if seen.log != PLATFORM:
        return ""
    return reverse("admin:audit_auditlog_change", args=(seen.row,), urlconf="ragsite.urls.platform")
