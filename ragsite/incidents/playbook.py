"""The steps of "data leak suspected", in the order of the runbook, and what the audit log says when each is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from ragsite.models import Incident, IncidentStep
from tenants.models import Tenant

Address = Callable[[Tenant], str]


@dataclass(frozen=True)
class Phase:
    key: str
    title: str
    aim: str


PHASES: tuple[Phase, ...] = (
    Phase("immediate", "Immediate", "Stop it, then look at what just happened."),
    Phase("investigation", "Investigation", "Who saw what that was not theirs, and how?"),
    Phase("containment", "Containment", "Take away what could be misused, and keep the evidence."),
    Phase("recovery", "Recovery", "Mend the cause, let the company work again, and write down what happened."),
)


@dataclass(frozen=True)
class Step:
    """One step. `verbs` are those of the audit rows that show it was done, in the platform's log or the company's.

    `address` is the page whose button does it; None: done outside of the console and recorded by hand.
    `of_installation`: it is about all companies and stands once in an incident.
    """

    key: str
    phase: str
    title: str
    what: str
    button: str
    verbs: frozenset[str] = frozenset()
    address: Address | None = None
    optional: bool = False
    of_installation: bool = False
    danger: bool = False


def _company_action(name: str) -> Address:
    return lambda company: reverse(f"admin:tenants_tenant_{name}", args=(company.pk,))


def _audit_log(company: Tenant, **narrowed: str) -> str:
    query = urlencode({"q": f"tenant:{company.uuid}", **narrowed})
    return f"{reverse('admin:audit_auditlog_changelist')}?{query}"


LEAK: tuple[Step, ...] = (
    Step(
        key="suspend",
        phase="immediate",
        title="Suspend the company",
        what="Its people are refused on every page and by API within two seconds, running answers are cut off, and its "
        "documents wait. All data stays.",
        button="Suspend",
        verbs=frozenset({"tenant.suspend"}),
        address=_company_action("suspend"),
        danger=True,
    ),
    Step(
        key="last_rows",
        phase="immediate",
        title="Look at the last 100 audit rows",
        what="Newest first: who did what, and what was refused. Reading the log is recorded itself.",
        button="Open the log",
        verbs=frozenset({"audit.read"}),
        address=lambda company: _audit_log(company),
    ),
)


def steps_of(incident: Incident) -> tuple[Step, ...]:
    """The steps of its kind; only a suspected leak has a playbook so far."""
    return LEAK if incident.kind == Incident.Kind.LEAK else ()


BY_KEY: Mapping[str, Step] = {step.key: step for step in LEAK}


def address_of(step: Step, *, incident: Incident, row: IncidentStep) -> str:
    """The page of the step's button, with the reason filled in and the way back; empty when there is none."""
    company = row.company
    if step.address is None or (company is None and not step.of_installation):
        return ""
    try:
        page = step.address(company)  # type: ignore[arg-type]
    except NoReverseMatch:
        return ""
    back = reverse("admin:ragsite_incident_change", args=(incident.pk,))
    query = urlencode({"reason": reason_of(incident), "back": f"{back}#{row.key}-{row.pk}"})
    return f"{page}{'&' if '?' in page else '?'}{query}"


def reason_of(incident: Incident) -> str:
    """What the reason fields of the steps' actions are filled with."""
    return f"{incident.ref}: {incident.get_kind_display().lower()}"
