"""What nobody states for themselves, whatever their role."""

from audit import actors
from hr.models import Employee


class OwnRecord(PermissionError):
    """The person would grant themselves something: somebody else of HR or an owner has to."""

    code = "own_record"

    def __init__(self) -> None:
        super().__init__("This is your own record. Please ask somebody else of HR or an owner.")


def refuse_own(*, employee: Employee) -> None:
    """Stop whoever is acting from stating this about themselves.

    :raises OwnRecord: when the acting person is the one it is about.
    """
    if is_own(employee=employee):
        raise OwnRecord


def is_own(*, employee: Employee) -> bool:
    """Whether the acting person is this one. Operators, imports at the shell and tasks are nobody's own."""
    return actors.current_actor().label == employee.actor_label
