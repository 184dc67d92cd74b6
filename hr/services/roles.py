"""What a role brings along in the tenant's admin."""

from collections.abc import Sequence

from django.contrib.auth.models import Group, Permission, User

from hr.models import Employee

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
_BATCH_ROWS = 1000


def apply_role(employee: Employee) -> None:
    """Groups and staff flag follow the role, so that the admin's own permission checks hold."""
    apply_roles([employee])


def apply_roles(people: Sequence[Employee]) -> None:
    """The same for many: a dozen statements, however many people."""
    people = [person for person in people if person.user_id is not None]
    groups = {role: _group_of(role) for role in {person.role for person in people}}
    membership = User.groups.through
    membership.objects.filter(user_id__in=[person.user_id for person in people]).delete()
    membership.objects.bulk_create(
        [membership(user_id=person.user_id, group_id=groups[person.role].pk) for person in people],
        batch_size=_BATCH_ROWS,
    )
    for is_staff in (True, False):
        of_this_kind = [person for person in people if bool(_STAFF_PERMISSIONS.get(person.role)) is is_staff]
        User.objects.filter(employee__in=of_this_kind).update(is_staff=is_staff, is_superuser=False)


def _group_of(role: str) -> Group:
    group, _ = Group.objects.get_or_create(name=role)
    group.permissions.set(Permission.objects.filter(codename__in=_STAFF_PERMISSIONS.get(role, ())))
    return group
