"""Who may read what: the one decision. The querysets of `documents` and the vector filters only translate it."""

from dataclasses import dataclass, field
from datetime import date

from hr.models import Employee, ServiceAccount, ServiceCaller
from hr.querysets import EmployeeQuerySet
from tenants import context

_READS_CONFIDENTIAL = frozenset({Employee.Role.HR, Employee.Role.CEO})


# The employee id of a synthetic profile; row ids begin at 1.
NOBODY = 0


class NoAccess(Exception):
    """This person may read nothing: deactivated, or of another company."""


@dataclass(frozen=True)
class Scope:
    """What one person may read, as plain values, and on which day. `tenant_id` is the explicit second wall.

    `as_of` is the day whose policies count, in the company's time zone. The attributes are keys (see `key_of`); an
    empty one means that the person's record does not say. What the asker assumes for one question (`assumed_*`) fills
    such a gap for the choice of policies, never for the right to read: the properties `policy_*` are what counts there.
    """

    tenant_id: str
    employee_id: int
    role: str
    reads_confidential: bool
    as_of: date
    department: str = ""
    country: str = ""
    site: str = ""
    employment_type: str = ""
    assumed_country: str = ""
    assumed_site: str = ""
    assumed_employment_type: str = ""

    @property
    def policy_country(self) -> str:
        return self.country or self.assumed_country

    @property
    def policy_site(self) -> str:
        return self.site or self.assumed_site

    @property
    def policy_employment_type(self) -> str:
        return self.employment_type or self.assumed_employment_type


@dataclass(frozen=True)
class Profile:
    """A synthetic person, as whom HR tries a question. Reads nothing confidential and nothing personal."""

    role: str
    department: str = ""
    country: str = ""
    site: str = ""
    employment_type: str = ""


class ProfileNotAllowed(PermissionError):
    """Only HR and owners ask as somebody else, and only as an employee or a manager."""


@dataclass(frozen=True)
class Audience:
    """Whom a document is for. Attributes are sets of keys; all empty, with no people named, means everybody.

    `subject_id` makes it personal: one employee's own document.
    """

    is_confidential: bool = False
    subject_id: int | None = None
    people: frozenset[int] = field(default_factory=frozenset)
    roles: frozenset[str] = field(default_factory=frozenset)
    departments: frozenset[str] = field(default_factory=frozenset)
    countries: frozenset[str] = field(default_factory=frozenset)
    sites: frozenset[str] = field(default_factory=frozenset)
    employment_types: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Applicability:
    """To whom a policy applies, among those who may read it. Sets of keys; an empty one does not restrict."""

    countries: frozenset[str] = field(default_factory=frozenset)
    sites: frozenset[str] = field(default_factory=frozenset)
    employment_types: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Decision:
    """May the person read it, and which rule says so. `rule` is a stable code; see `decide`."""

    allowed: bool
    rule: str


def key_of(value: str) -> str:
    """How departments, sites, countries and employment types are compared: without regard to case and spacing."""
    return " ".join(value.split()).casefold()


def scope_of(employee: Employee, *, as_of: date | None = None) -> Scope:
    """The scope of an active employee of the current tenant, today or on another day.

    :raises NoAccess: for a deactivated person.
    :raises tenants.context.NoTenant: in the public schema.
    """
    if not employee.is_active:
        raise NoAccess("deactivated")
    return Scope(
        tenant_id=context.tenant_id(),
        employee_id=employee.pk,
        # HR reads people's own documents, too; a program that reads like HR does not.
        role=Employee.Role.CEO if _is_managing_program(employee) else employee.role,
        reads_confidential=employee.role in _READS_CONFIDENTIAL,
        as_of=as_of or context.local_today(),
        department=key_of(employee.department),
        country=key_of(employee.country),
        site=key_of(employee.site),
        employment_type=key_of(employee.employment_type),
    )


def _is_managing_program(employee: Employee) -> bool:
    return isinstance(employee, ServiceCaller) and employee.role == Employee.Role.HR


def scope_as(*, profile: Profile, by: Employee, as_of: date | None = None) -> Scope:
    """The scope of nobody in particular with these attributes, for HR to see what such a person would be answered.

    It belongs to no employee, so no personal document and no list of named people ever fits.

    :raises ProfileNotAllowed: when `by` may not, or for a role that reads more than employees and managers do.
    """
    if not may_manage_documents(by) or profile.role not in (Employee.Role.EMPLOYEE, Employee.Role.MANAGER):
        raise ProfileNotAllowed
    return Scope(
        tenant_id=context.tenant_id(),
        employee_id=NOBODY,
        role=profile.role,
        reads_confidential=False,
        as_of=as_of or context.local_today(),
        department=key_of(profile.department),
        country=key_of(profile.country),
        site=key_of(profile.site),
        employment_type=key_of(profile.employment_type),
    )


def decide(*, scope: Scope, audience: Audience) -> Decision:
    """May this person read a document with this audience.

    Rules, first match counts: `role_hr` (HR reads everything), `personal_other` (somebody else's personal document),
    `role_owner` (the owner reads every company document and their own), `confidential`, `personal_own`, `everybody`,
    `named`, then `not_named` (only people are named), `not_in_audience:<attribute>` for the first attribute that does
    not fit, or `audience`.
    """
    if scope.role == Employee.Role.HR:
        return Decision(True, "role_hr")
    if audience.subject_id is not None and audience.subject_id != scope.employee_id:
        return Decision(False, "personal_other")
    if scope.role == Employee.Role.CEO:
        return Decision(True, "role_owner")
    if audience.is_confidential:
        return Decision(False, "confidential")
    if audience.subject_id is not None:
        return Decision(True, "personal_own")
    return _decide_by_audience(scope, audience)


def _decide_by_audience(scope: Scope, audience: Audience) -> Decision:
    restricted = {
        "role": (scope.role, audience.roles),
        "department": (scope.department, audience.departments),
        "country": (scope.country, audience.countries),
        "site": (scope.site, audience.sites),
        "employment_type": (scope.employment_type, audience.employment_types),
    }
    restricted = {name: pair for name, pair in restricted.items() if pair[1]}
    if not restricted and not audience.people:
        return Decision(True, "everybody")
    if scope.employee_id in audience.people:
        return Decision(True, "named")
    if not restricted:
        return Decision(False, "not_named")
    for name, (own, allowed) in restricted.items():
        if own not in allowed:
            return Decision(False, f"not_in_audience:{name}")
    return Decision(True, "audience")


def applies(*, scope: Scope, applicability: Applicability) -> bool:
    """Whether a policy may apply to this person. An attribute that the record lacks excludes nothing: ask back."""
    pairs = (
        (scope.policy_country, applicability.countries),
        (scope.policy_site, applicability.sites),
        (scope.policy_employment_type, applicability.employment_types),
    )
    return all(not allowed or not own or own in allowed for own, allowed in pairs)


def unknown_attributes(*, scope: Scope, applicability: Applicability) -> tuple[str, ...]:
    """The attributes on which the policy depends and that this person's record lacks."""
    pairs = {
        "country": (scope.policy_country, applicability.countries),
        "site": (scope.policy_site, applicability.sites),
        "employment_type": (scope.policy_employment_type, applicability.employment_types),
    }
    return tuple(name for name, (own, allowed) in pairs.items() if allowed and not own)


def may_manage_documents(employee: Employee) -> bool:
    """Upload, delete, retry, and see a document's processing."""
    return employee.is_active and employee.role in _READS_CONFIDENTIAL


def may_manage_people(employee: Employee) -> bool:
    """Hire, correct, import and invite people, and see everybody's record."""
    return employee.is_active and employee.role in _READS_CONFIDENTIAL


def may_manage_service_accounts(employee: Employee) -> bool:
    """Make, rotate and revoke service accounts, and answer for them. People only: a program makes no programs."""
    return employee.is_active and employee.pk != NOBODY and employee.role in _READS_CONFIDENTIAL


def caller_of(account: ServiceAccount) -> ServiceCaller:
    """Whom a service account acts as: nobody in particular, without attributes, reports or anything personal.

    One that reads like HR reads every document of the company, but nobody's own (see `scope_of`), and never pay.
    """
    manages = account.role == ServiceAccount.Reads.HR
    caller = ServiceCaller(pk=NOBODY, role=Employee.Role.HR if manages else Employee.Role.EMPLOYEE, is_active=True)
    caller.account = account
    return caller


def people_visible_to(employee: Employee) -> EmployeeQuerySet:
    """Whose records this person may see: HR and the owner everybody's, managers those below them, all their own."""
    if may_manage_people(employee):
        return Employee.objects.all()
    own = Employee.objects.filter(pk=employee.pk) if employee.is_active else Employee.objects.none()
    if employee.is_active and employee.role == Employee.Role.MANAGER:
        return own | Employee.objects.below(employee.pk)
    return own


def may_manage_sign_in(employee: Employee) -> bool:
    """Whether the person may say how everybody signs in: owners, because it decides who can be one."""
    return employee.is_active and employee.role == Employee.Role.CEO


def may_manage_pay(employee: Employee) -> bool:
    """Import paystubs and open others' with a reason. HR only: owners and managers do not see what people are paid."""
    return employee.is_active and employee.role == Employee.Role.HR and employee.pk != NOBODY


def may_read_questions(employee: Employee) -> bool:
    """Read what others asked, where the company and the asker allow it. HR only, as with pay."""
    return employee.is_active and employee.role == Employee.Role.HR


# Of an owner's record only owners change these: the way into the company, and when it closes.
OWNERS_FIELDS = ("email", "end_date")


def may_administer(*, by: Employee, employee: Employee) -> bool:
    """Change another person's role, shut them out, let them in, or make them a sign-in link.

    An owner's login is touched by owners only; otherwise HR could make itself owner through an owner's sign-in link.
    """
    if not may_manage_documents(by):
        return False
    return employee.role != Employee.Role.CEO or by.role == Employee.Role.CEO


def roles_given_by(by: Employee) -> tuple[str, ...]:
    """The roles that this person may give to somebody: only an owner makes an owner."""
    if not may_manage_documents(by):
        return ()
    return tuple(role for role in Employee.Role.values if role != Employee.Role.CEO or by.role == Employee.Role.CEO)


# Who can decide on somebody's leave at all; a demotion ends it with the next request.
DECIDING_ROLES = frozenset({Employee.Role.MANAGER, Employee.Role.HR, Employee.Role.CEO})


def decides_on_leave(employee: Employee) -> bool:
    """Whether there may be people on whose leave this person decides."""
    return employee.is_active and employee.role in DECIDING_ROLES


def decides_for_everybody(employee: Employee) -> bool:
    """Decides on the leave of all other people in the company."""
    return employee.is_active and employee.role in _READS_CONFIDENTIAL


def may_decide_on_leave(
    *, by: Employee, employee_id: int, managers_above: frozenset[int], standing_in_for: frozenset[int]
) -> bool:
    """Approve, reject or cancel another person's leave: HR and the owner, a manager above, or who stands in for one.

    Never one's own: an owner's leave is decided by another owner or by HR, HR's by somebody else of HR or an owner.
    """
    if by.pk == employee_id or not decides_on_leave(by):
        return False
    if decides_for_everybody(by):
        return True
    return by.pk in managers_above or bool(standing_in_for & managers_above)
