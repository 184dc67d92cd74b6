"""What a role brings along in the tenant's admin."""

from django.contrib.auth.models import Group, Permission

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


def apply_role(employee: Employee) -> None:
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
