"""The steps of "data leak suspected", in the order of the runbook, and what the audit log says when each is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from ragsite.models import Incident, IncidentStep
from tenants.models import SigningKey, Tenant

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

    `address` is the page whose button does it; None: done outside of the console and recorded by hand. `feature`: the
    row's details have to name it, for a verb that is about several things.
    `of_installation`: it is about all companies and stands once in an incident.
    """

    key: str
    phase: str
    title: str
    what: str
    button: str
    verbs: frozenset[str] = frozenset()
    address: Address | None = None
    feature: str = ""
    optional: bool = False
    of_installation: bool = False
    danger: bool = False
    # A look can be taken again; what was switched off is not switched off twice.
    again: str = ""


def _company_action(name: str) -> Address:
    return lambda company: reverse(f"admin:tenants_tenant_{name}", args=(company.pk,))


def _emergency_rotation(company: Tenant) -> str:
    """On the page of the key that signs; the list of keys while there is none. One query."""
    key = SigningKey.objects.filter(state=SigningKey.State.ACTIVE).first()
    if key is None:
        return reverse("admin:tenants_signingkey_changelist")
    return reverse("admin:tenants_signingkey_rotate_in_emergency", args=(key.pk,))


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
        what="Newest first: who did what, and what was refused. Reading the log is recorded itself, in both logs.",
        button="Open the company's log",
        again="Look again",
        verbs=frozenset({"tenant.read_audit"}),
        address=_company_action("log"),
    ),
    Step(
        key="findings",
        phase="investigation",
        title="Look at what the rules found",
        what="Bursts, reading at night, questions about other people, questions and documents that give the assistant "
        "orders, many refusals.",
        button="Open the findings",
        again="Look again",
        verbs=frozenset({"tenant.read_findings"}),
        address=_company_action("findings"),
    ),
    Step(
        key="access",
        phase="investigation",
        title="Look at who was shown which documents",
        what="What each person was shown, compared with what they usually read in four weeks.",
        button="Open access patterns",
        again="Look again",
        verbs=frozenset({"tenant.read_accesses"}),
        address=_company_action("access"),
    ),
    Step(
        key="tool_calls",
        phase="investigation",
        title="Look for refused reads of personal records",
        what="Every time the assistant was asked for somebody else's leave, pay or record, and refused.",
        button="Open refused reads",
        again="Look again",
        verbs=frozenset({"tenant.read_tool_calls"}),
        address=_company_action("tool_calls"),
    ),
    Step(
        key="revoke",
        phase="containment",
        title="Revoke access tokens and end sessions",
        what="All tokens and sessions of the company's people and programs made before now end at once; people sign in "
        "again afterwards. For one person only, take the company's own console.",
        button="Revoke all",
        verbs=frozenset({"tenant.revoke_tokens", "employee.revoke_tokens"}),
        address=_company_action("revoke_tokens"),
        danger=True,
    ),
    Step(
        key="vectors",
        phase="containment",
        title="Switch off its vectors",
        what="Choose “Search by meaning”: the vector store gives nothing any more, also after the company was resumed, "
        "until somebody switches it on again. Words are still looked up, with the rights that PostgreSQL keeps.",
        button="Switch off vectors",
        verbs=frozenset({"kill_switch.engage"}),
        feature="vectors",
        address=_company_action("switch_off"),
        danger=True,
    ),
    Step(
        key="export",
        phase="containment",
        title="Export the company's audit log",
        what="All rows as a file with a manifest, digests and a signature: evidence that nobody can change unseen.",
        button="Export the log",
        again="Export again",
        verbs=frozenset({"tenant.export_audit"}),
        address=_company_action("export_log"),
    ),
    Step(
        key="verify",
        phase="containment",
        title="Verify the export",
        what="Checks signature, digests and chain of the file you have just saved, and that it is this company's log.",
        button="Verify a file",
        again="Verify another file",
        verbs=frozenset({"tenant.verify_export"}),
        address=_company_action("verify_export"),
    ),
    Step(
        key="rotate",
        phase="recovery",
        title="Rotate the signing key",
        what="Only when the key itself may be known to somebody: every access token of every company ends at once.",
        button="Rotate the key",
        verbs=frozenset({"signing_key.rotate", "signing_key.revoke"}),
        address=_emergency_rotation,
        optional=True,
        of_installation=True,
        danger=True,
    ),
    Step(
        key="rights",
        phase="recovery",
        title="Mend who may read what",
        what="The company's HR changes the readers of documents and the roles of people; "
        '"Who can read this?" shows the result.',
        button="",
        optional=True,
    ),
    Step(
        key="ask_to_resume",
        phase="recovery",
        title="Ask to let the company work again",
        what="Say why it is safe now. Another operator decides; whoever suspended it cannot.",
        button="Ask for resumption",
        verbs=frozenset({"kill_switch.request_release"}),
        address=_company_action("request_resume"),
    ),
    Step(
        key="resume",
        phase="recovery",
        title="Resume, by a second person",
        what="Another operator opens this page, looks at the timeline, and resumes the company. Its people sign in "
        "again and waiting documents are processed.",
        button="Resume",
        verbs=frozenset({"tenant.resume"}),
        address=_company_action("resume"),
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
    if page == reverse("admin:tenants_signingkey_changelist"):
        return page  # a list takes filters only
    query = urlencode({"reason": reason_of(incident), "back": f"{back}#{row.key}-{row.pk}"})
    return f"{page}{'&' if '?' in page else '?'}{query}"


def reason_of(incident: Incident) -> str:
    """What the reason fields of the steps' actions are filled with."""
    return f"{incident.ref}: {incident.get_kind_display().lower()}"
