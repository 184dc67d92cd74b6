"""What the page of an incident shows."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from ragsite.incidents import playbook
from ragsite.incidents.playbook import Phase, Step
from ragsite.models import Incident, IncidentStep
from tenants.kill_switches import second_person
from tenants.kill_switches import services as switches

# A timeline of months is read in the exported file.
MAX_ENTRIES = 300


@dataclass(frozen=True)
class ShownStep:
    """A step with what became of it. `is_next`: the first that waits, whose button stands out."""

    number: int
    step: Step
    row: IncidentStep
    url: str
    who: str
    is_next: bool
    # Why the person who looks cannot do it; empty when they can.
    waits: str = ""


@dataclass(frozen=True)
class ShownPhase:
    phase: Phase
    steps: tuple[ShownStep, ...]


@dataclass(frozen=True)
class ShownEntry:
    at: datetime
    who: str
    text: str
    source: str
    link: str


@dataclass(frozen=True)
class Progress:
    ended: int
    total: int

    @property
    def percent(self) -> int:
        return 100 * self.ended // self.total if self.total else 0


def phases_of(incident: Incident) -> tuple[ShownPhase, ...]:
    """The steps in their phases. Two queries."""
    rows = list(incident.steps.select_related("company").order_by("ordinal", "pk"))
    names = names_of({row.actor for row in rows})
    waiting = next((row.pk for row in rows if row.state == IncidentStep.State.WAITING), None)
    shown = []
    for number, row in enumerate(rows, 1):
        step = playbook.BY_KEY[row.key]
        url = "" if incident.is_closed else playbook.address_of(step, incident=incident, row=row)
        who = names.get(row.actor, row.actor)
        is_next = row.pk == waiting and not incident.is_closed
        shown.append(ShownStep(number, step, row, url, who, is_next=is_next, waits=_waits(row) if url else ""))
    phases = []
    for phase in playbook.PHASES:
        steps = tuple(one for one in shown if one.step.phase == phase.key)
        if steps:
            phases.append(ShownPhase(phase, steps))
    return tuple(phases)


def _waits(row: IncidentStep) -> str:
    """For the step that takes a second person: why it is not the one who looks. One query, for that step alone."""
    if row.key != "resume" or row.state != IncidentStep.State.WAITING or row.company is None:
        return ""
    return second_person.wait_text(switch=switches.suspension_of(row.company))


def progress_of(incident: Incident) -> Progress:
    states = list(incident.steps.values_list("state", flat=True))
    return Progress(ended=sum(state != IncidentStep.State.WAITING for state in states), total=len(states))


def timeline_of(incident: Incident) -> tuple[ShownEntry, ...]:
    """Newest first, at most 300. Two queries."""
    entries = list(incident.timeline.order_by("-at", "-pk")[:MAX_ENTRIES])
    names = names_of({entry.actor for entry in entries})
    return tuple(
        ShownEntry(
            at=entry.at,
            who=names.get(entry.actor, entry.actor),
            text=entry.text,
            source=entry.get_source_display(),
            link=entry.link,
        )
        for entry in entries
    )


def names_of(actors: set[str]) -> dict[str, str]:
    """The operators behind labels such as operator:3; other labels stay pseudonyms. One query, or none."""
    numbers = {
        label: int(end) for label in actors if (end := label.removeprefix("operator:")).isdigit() and end != label
    }
    if not numbers:
        return {}
    emails = dict(User.objects.filter(pk__in=numbers.values()).values_list("pk", "username"))
    return {label: emails[number] for label, number in numbers.items() if number in emails}
