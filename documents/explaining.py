"""Why a person may or may not read a document, and what of it answers for them: in words, from the one decision."""

from dataclasses import dataclass
from datetime import date

from audit import services as audit
from documents import rights
from documents.models import Document, DocumentVersion
from documents.windows import Window
from hr import access, attributes
from hr.access import Audience, Decision, Scope
from hr.models import Employee

Publication = DocumentVersion.Publication
_SENTENCES = {
    "role_hr": "They work in HR, and HR reads every document.",
    "role_owner": "They are an owner, and owners read all of the company's documents and their own.",
    "personal_other": "It is the personal document of somebody else: only that person and HR read it.",
    "personal_own": "It is their own personal document.",
    "confidential": "It is confidential: only HR and owners read it.",
    "everybody": "It is for everybody in the company.",
    "named": "They are named among its readers.",
    "not_named": "It is for the people named on it, and they are not among them.",
    "audience": "They fit everything that its readers have to be.",
    "deactivated": "They are deactivated and read nothing.",
}


@dataclass(frozen=True)
class VersionStanding:
    """How one version stands for the person: a stable `code` and a sentence.

    Codes: `answers`, `answers_if` (their record lacks what it depends on), `for_others`, `scheduled`, `past`, `draft`,
    `in_review`, `withdrawn`, `not_ready`.
    """

    number: int
    code: str
    sentence: str


@dataclass(frozen=True)
class Explanation:
    """The decision with its sentence, and every version, newest first. `answers`: some version answers for them."""

    decision: Decision
    sentence: str
    versions: tuple[VersionStanding, ...]

    @property
    def answers(self) -> bool:
        return self.decision.allowed and any(one.code in ("answers", "answers_if") for one in self.versions)


@dataclass(frozen=True)
class Readers:
    """Who may read a document today: counts of active people, and those who may, by name."""

    active: int
    people: tuple[Employee, ...]


class NoSuchPerson(LookupError):
    """Nobody in this company has this employee number, e-mail address or id."""


def find_person(name: str) -> Employee:
    """The person with this employee number, e-mail address or id, in this order.

    :raises NoSuchPerson: when there is none.
    """
    found = Employee.objects.filter(employee_number=name).first() or Employee.objects.with_email(name).first()
    if found is None and name.isascii() and name.isdigit() and len(name) < 19:
        found = Employee.objects.filter(pk=int(name)).first()
    if found is None:
        raise NoSuchPerson(name)
    return found


def explain(*, employee: Employee, document: Document, as_of: date | None = None) -> Explanation:
    """Why this person may or may not read the document, today or for another day's policies. A few queries."""
    if not employee.is_active:
        return Explanation(Decision(False, "deactivated"), _SENTENCES["deactivated"], ())
    return explain_to(scope=access.scope_of(employee, as_of=as_of), document=document)


def explain_to(*, scope: Scope, document: Document) -> Explanation:
    """The same for a scope, which may be nobody's in particular."""
    audience = rights.audience_of(document)
    versions = list(document.versions.order_by("-number"))  # type: ignore[attr-defined]
    decision = access.decide(scope=scope, audience=audience)
    return Explanation(
        decision=decision,
        sentence=_sentence(decision, scope=scope, audience=audience),
        versions=tuple(_standing(version, scope=scope) for version in versions),
    )


def record_explanation(*, employee: Employee, document: Document, explanation: Explanation) -> None:
    """Record that somebody was told what this person may read."""
    audit.record_read(
        verb="document.explain_access",
        target=f"document:{document.pk}",
        details={"employee": employee.pk, "allowed": explanation.decision.allowed, "rule": explanation.decision.rule},
    )


def readers_of(document: Document) -> Readers:
    """The active people who may read the document. Loads all active people: for a page that HR asks for."""
    audience = rights.audience_of(document)
    active = list(Employee.objects.active().order_by("last_name", "first_name", "pk"))
    may = [one for one in active if access.decide(scope=access.scope_of(one), audience=audience).allowed]
    return Readers(active=len(active), people=tuple(may))


def _sentence(decision: Decision, *, scope: Scope, audience: Audience) -> str:
    rule, _, name = decision.rule.partition(":")
    if rule != "not_in_audience":
        return _SENTENCES[rule]
    own, wanted = {
        "role": (scope.role, audience.roles),
        "department": (scope.department, audience.departments),
        "country": (scope.country, audience.countries),
        "site": (scope.site, audience.sites),
        "employment_type": (scope.employment_type, audience.employment_types),
    }[name]
    what = attributes.NAMES.get(name, name)
    labels = ", ".join(one.label for one in attributes.attributes(name=name, keys=wanted))
    has = f"theirs is {attributes.attribute(name=name, key=own).label}" if own else "their record does not say"
    return f"It is for the {what} {labels}; {has}."


def _standing(version: DocumentVersion, *, scope: Scope) -> VersionStanding:
    def standing(code: str, sentence: str) -> VersionStanding:
        return VersionStanding(number=version.number, code=code, sentence=sentence)

    if version.publication == Publication.WITHDRAWN:
        return standing("withdrawn", "It was withdrawn.")
    if version.state != DocumentVersion.State.READY:
        return standing("not_ready", f"It is {version.get_state_display().lower()}, not ready.")
    if version.publication == Publication.DRAFT:
        return standing("draft", "It is a draft.")
    if version.publication == Publication.IN_REVIEW:
        return standing("in_review", "It is in review.")
    window = Window(version.effective_from, version.effective_to)
    if not window.holds(scope.as_of):
        is_past = version.effective_to is not None and version.effective_to < scope.as_of
        return standing("past" if is_past else "scheduled", f"It is in force {window}.")
    applicability = rights.applicability_of(version)
    people = rights.people_of(applicability)
    if not access.applies(scope=scope, applicability=applicability):
        return standing("for_others", f"It applies to {people}, not to them.")
    unknown = access.unknown_attributes(scope=scope, applicability=applicability)
    if unknown:
        names = " and ".join(attributes.NAMES[name] for name in unknown)
        return standing("answers_if", f"It applies to {people}; their record lacks the {names}, so they are asked.")
    return standing("answers", f"It is in force {window} and applies to {people}.")
