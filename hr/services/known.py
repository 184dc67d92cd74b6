"""Whether a number is a person's, for layers below that keep only the number."""

from hr.models import Employee


def knows_employee(*, employee_id: int) -> bool:
    """Step KNOWS_EMPLOYEE: somebody of the current company has this number, active or not."""
    return Employee.objects.filter(pk=employee_id).exists()
