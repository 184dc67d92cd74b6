"""To whom a request goes."""

from datetime import date

from hr import access
from hr.models import Employee, LeaveDelegation

HR = "HR"


def approver_name(*, employee: Employee, on: date) -> str:
    """The manager, with who stands in for them; HR when there is no manager who could decide. Two queries."""
    if employee.manager_id is None:
        return HR
    manager = Employee.objects.get(pk=employee.manager_id)
    if not access.decides_on_leave(manager):
        return HR
    passed = LeaveDelegation.objects.in_force_on(on).filter(manager=manager, delegate__is_active=True)
    # To the person themselves it does not count: nobody decides on their own leave.
    standing_in = passed.exclude(delegate=employee).select_related("delegate").order_by("first_day", "pk").first()
    return str(manager) if standing_in is None else f"{standing_in.delegate} (for {manager})"
