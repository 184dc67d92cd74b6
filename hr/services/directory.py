"""What everybody at work may know of each other: who manages whom, and who works in the same department."""

from dataclasses import dataclass

from hr.models import Employee

# A department of a large company is shown in part; the count is always whole.
SHOWN_COLLEAGUES = 30


@dataclass(frozen=True)
class Colleague:
    """Name and how to reach the person; nothing of their record."""

    name: str
    email: str


@dataclass(frozen=True)
class Colleagues:
    """Of one department, without the person who asks. `shown` are the first by name, `count` is all of them."""

    shown: tuple[Colleague, ...]
    count: int


def managers_above(*, employee: Employee, levels: int = 2) -> tuple[Colleague, ...]:
    """The person's manager, that manager's manager and so on, nearest first; shorter where the tree ends.

    Deactivated managers are left out. One query a level.
    """
    above: list[Colleague] = []
    manager_id = employee.manager_id
    for _ in range(levels):
        manager = Employee.objects.active().filter(pk=manager_id).first() if manager_id else None
        if manager is None:
            break
        above.append(Colleague(name=str(manager), email=manager.email))
        manager_id = manager.manager_id
    return tuple(above)


def colleagues_of(*, employee: Employee) -> Colleagues:
    """Active people of the same department, by name. None when no department is on record. Two queries."""
    if not employee.department:
        return Colleagues(shown=(), count=0)
    same = Employee.objects.active().filter(department=employee.department).exclude(pk=employee.pk)
    shown = same.order_by("last_name", "first_name", "pk")[:SHOWN_COLLEAGUES]
    return Colleagues(shown=tuple(Colleague(name=str(one), email=one.email) for one in shown), count=same.count())
