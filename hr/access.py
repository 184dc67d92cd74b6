"""Who may read what: the one decision. `documents.querysets.visible_to` and the vector filters only translate it."""

from dataclasses import dataclass

from hr.models import Employee
from tenants import context

_READS_CONFIDENTIAL = frozenset({Employee.Role.HR, Employee.Role.CEO})


class NoAccess(Exception):
    """This person may read nothing: deactivated, or of another company."""


@dataclass(frozen=True)
class Scope:
    """What one person may read, as plain values. `tenant_id` is the explicit second wall."""

    tenant_id: str
    employee_id: int
    role: str
    reads_confidential: bool


def scope_of(employee: Employee) -> Scope:
    """The scope of an active employee of the current tenant.

    :raises NoAccess: for a deactivated person.
    :raises tenants.context.NoTenant: in the public schema.
    """
    if not employee.is_active:
        raise NoAccess("deactivated")
    return Scope(
        tenant_id=context.tenant_id(),
        employee_id=employee.pk,
        role=employee.role,
        reads_confidential=employee.role in _READS_CONFIDENTIAL,
    )


def may_manage_documents(employee: Employee) -> bool:
    """Upload, delete, retry, and see a document's processing."""
    return employee.is_active and employee.role in _READS_CONFIDENTIAL


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
