"""What changes people: every function writes its audit row in the same transaction."""

from django.contrib import auth
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from audit import actors
from audit import services as audit
from hr import links
from hr.models import Employee
from tenants import context
from tenants.models import Tenant

# Django permissions of each role in the tenant's admin; employees and managers have none.
_STAFF_PERMISSIONS: dict[str, tuple[str, ...]] = {
    Employee.Role.HR: (
        "view_document",
        "add_document",
        "change_document",
        "delete_document",
        "view_documentversion",
        "change_documentversion",
        "view_employee",
        "add_employee",
        "change_employee",
        "view_auditlog",
    ),
}
_STAFF_PERMISSIONS[Employee.Role.CEO] = _STAFF_PERMISSIONS[Employee.Role.HR]


class EmailTaken(ValueError):
    """Another employee of this company already has the e-mail address."""


class LastOwner(ValueError):
    """The company would be left without an active person who can administer it."""


class NoLogin(ValueError):
    """The person has no login that a sign-in link could open."""


class SignInRefused(PermissionError):
    """Wrong address, wrong password, deactivated or throttled: one refusal, so that nothing can be learned from it."""


class LinkRefused(LookupError):
    """A one-time sign-in link is wrong, used, expired, another company's, or its person was deactivated."""


def create_employee(
    *, email: str, first_name: str, last_name: str, role: str, employee_number: str = "", password: str | None = None
) -> Employee:
    """Add a person with a login. Without a password the login cannot be used until its one-time link was.

    :raises EmailTaken: when the address is in use.
    """
    email = email.strip().lower()
    with transaction.atomic():
        if Employee.objects.with_email(email).exists() or User.objects.filter(username=email).exists():
            raise EmailTaken(email)
        user = User.objects.create_user(
            username=email, email=email, password=password, first_name=first_name, last_name=last_name
        )
        employee = Employee.objects.create(
            user=user,
            employee_number=employee_number or _next_number(),
            email=email,
            first_name=first_name,
            last_name=last_name,
            role=role,
        )
        _apply_role(employee)
        audit.record(verb="employee.create", target=employee.actor_label, details={"role": role})
    return employee


def change_role(*, employee: Employee, role: str, reason: str = "") -> None:
    """Give a person another role; it counts from their very next request.

    :raises LastOwner: when nobody else could administer the company.
    """
    with transaction.atomic():
        before = employee.role
        if before == Employee.Role.CEO and role != before:
            _check_not_last_owner(employee)
        Employee.objects.filter(pk=employee.pk).update(role=role, token_version=F("token_version") + 1)
        employee.refresh_from_db()
        _apply_role(employee)
        audit.record(
            verb="employee.change_role",
            target=employee.actor_label,
            reason=reason,
            details={"from": before, "to": role},
        )


def deactivate(*, employee: Employee, reason: str = "") -> None:
    """Shut a person out from their next request on; the record stays.

    :raises LastOwner: when nobody else could administer the company.
    """
    with transaction.atomic():
        if employee.role == Employee.Role.CEO:
            _check_not_last_owner(employee)
        Employee.objects.filter(pk=employee.pk).update(is_active=False, token_version=F("token_version") + 1)
        employee.refresh_from_db()
        audit.record(verb="employee.deactivate", target=employee.actor_label, reason=reason)


def reactivate(*, employee: Employee, reason: str = "") -> None:
    """Let a deactivated person in again."""
    with transaction.atomic():
        Employee.objects.filter(pk=employee.pk).update(is_active=True, token_version=F("token_version") + 1)
        employee.refresh_from_db()
        audit.record(verb="employee.reactivate", target=employee.actor_label, reason=reason)


def rename_employee(*, employee: Employee, first_name: str, last_name: str) -> None:
    """Correct a person's names, in the record and in their login."""
    with transaction.atomic():
        Employee.objects.filter(pk=employee.pk).update(first_name=first_name, last_name=last_name)
        User.objects.filter(employee=employee).update(first_name=first_name, last_name=last_name)
        audit.record(verb="employee.rename", target=employee.actor_label)


def new_sign_in_link(*, employee: Employee, reason: str = "") -> str:
    """The path of a one-time link with which the person chooses a password. Until then the old one goes on working.

    :raises NoLogin: for a deactivated person, or one without a login.
    """
    if employee.user is None or not employee.is_active:
        raise NoLogin("Only an active person with a login can get a sign-in link.")
    with transaction.atomic():
        audit.record(verb="employee.sign_in_link", target=employee.actor_label, reason=reason)
        return links.sign_in_path(employee)


def onboard_first_admin(*, tenant: Tenant, admin_email: str) -> str | None:
    """Step of onboarding: the company's first person, role ceo. Returns the path of a one-time sign-in link.

    Repeatable: an existing person with the address stays as they are.
    """
    with context.enter(tenant):
        known = Employee.objects.with_email(admin_email).first()
        if known is None:
            local_part = admin_email.split("@")[0]
            known = create_employee(
                email=admin_email,
                first_name=local_part.title(),
                last_name="Administrator",
                role=Employee.Role.CEO,
                employee_number="ADMIN001",
            )
        return links.sign_in_path(known)


def unused_owner_link(*, tenant: Tenant, admin_email: str) -> str | None:
    """Step of a repeated onboarding: a new link for an owner who has never chosen a password; None for anybody else."""
    with context.enter(tenant):
        owner = Employee.objects.active().with_email(admin_email).filter(role=Employee.Role.CEO).first()
        if owner is None or owner.user is None or owner.user.has_usable_password():
            return None
        return new_sign_in_link(employee=owner, reason="onboarding was repeated")


def sign_in(*, request: HttpRequest, email: str, password: str) -> Employee:
    """Begin a session for the person with this address and password.

    :raises SignInRefused: for every kind of failure, after the refusal was recorded (without the address).
    """
    user = auth.authenticate(request, username=email, password=password)
    if user is None:
        throttled = getattr(request, "axes_locked_out", False)
        audit.record_refusal(verb="session.sign_in_failed", reason="throttled" if throttled else "credentials")
        raise SignInRefused
    return _begin_session(request, user, how="password")  # type: ignore[arg-type]


def sign_in_by_link(*, request: HttpRequest, uid: str, token: str, password: str) -> Employee:
    """Give the link's person the password and begin a session. The link is used up by that; older sessions end.

    :raises LinkRefused: when the link is not (or no longer) good, after the refusal was recorded.
    """
    with transaction.atomic():
        user = links.user_of_link(uid=uid, token=token)
        # Two clicks at once: the second waits, and then finds a link that has been used.
        locked = User.objects.select_for_update().filter(pk=user.pk).exists() if user else False
        user = links.user_of_link(uid=uid, token=token) if locked else None
        if user is not None:
            _set_password(user.employee, password, how="link")
            user.refresh_from_db()
            user.backend = "hr.backends.EmployeeBackend"  # type: ignore[attr-defined]
            return _begin_session(request, user, how="link")
    audit.record_refusal(verb="session.sign_in_failed", reason="link")
    raise LinkRefused


def change_password(*, request: HttpRequest, employee: Employee, password: str) -> None:
    """Give a signed-in person another password. Their other sessions and their tokens end; this session goes on."""
    with transaction.atomic():
        _set_password(employee, password, how="account page")
        auth.update_session_auth_hash(request, employee.user)  # type: ignore[arg-type]


def sign_out(*, request: HttpRequest) -> None:
    """End the session; a quiet return when there is none."""
    with transaction.atomic():
        if request.user.is_authenticated:
            audit.record(verb="session.sign_out", target=request.user.employee.actor_label)
        auth.logout(request)


def _begin_session(request: HttpRequest, user: User, *, how: str) -> Employee:
    employee: Employee = user.employee
    before = actors.current_actor()
    with actors.acting_as(actors.Actor("employee", employee.actor_label, before.request_id)), transaction.atomic():
        auth.login(request, user)
        audit.record(verb="session.sign_in", target=employee.actor_label, details={"how": how})
    return employee


def _set_password(employee: Employee, password: str, *, how: str) -> None:
    user = employee.user
    assert user is not None, "only a person with a login has a password"
    user.set_password(password)
    user.save(update_fields=["password"])
    Employee.objects.filter(pk=employee.pk).update(token_version=F("token_version") + 1)
    audit.record(verb="employee.choose_password", target=employee.actor_label, details={"how": how})


def _apply_role(employee: Employee) -> None:
    """Groups and staff flag follow the role, so that the admin's own permission checks hold."""
    user = employee.user
    if user is None:
        return
    codenames = _STAFF_PERMISSIONS.get(employee.role, ())
    group, _ = Group.objects.get_or_create(name=employee.role)
    group.permissions.set(Permission.objects.filter(codename__in=codenames))
    user.groups.set([group])
    user.is_staff = bool(codenames)
    user.is_superuser = False
    user.save(update_fields=["is_staff", "is_superuser"])


def _next_number() -> str:
    last = Employee.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return f"E{last + 1:05d}"


def _check_not_last_owner(employee: Employee) -> None:
    others = Employee.objects.select_for_update().active().filter(role=Employee.Role.CEO).exclude(pk=employee.pk)
    if not others.exists():
        raise LastOwner("the company needs at least one active owner")
