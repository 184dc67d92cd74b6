"""A person's own requests: look first, ask, take back."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from audit import services as audit
from hr import access
from hr.leave import problems
from hr.models import Employee, LeaveRequest, LeaveType
from hr.services.leave.examining import Preview, Wish, examine
from tenants import context

State = LeaveRequest.State


def types_on_offer() -> QuerySet[LeaveType]:
    """Kinds of leave that can be asked for, in the company's order."""
    return LeaveType.objects.filter(is_active=True).order_by("position", "pk")


def record_own_reading(*, employee: Employee) -> None:
    """Record that the person is shown their own balance, requests or what a request would do to them."""
    audit.record_read(verb="leave.read_own", target=employee.actor_label)


def requests_of(*, employee: Employee) -> QuerySet[LeaveRequest]:
    """The person's own requests, the latest leave first."""
    own = LeaveRequest.objects.filter(employee=employee)
    return own.select_related("employee", "leave_type", "decided_by", "delegate").order_by("-first_day", "-pk")


def preview_request(*, employee: Employee, wish: Wish, now: datetime | None = None) -> Preview:
    """What would happen if the person asked for this: nothing is written, and what speaks against it is listed."""
    return examine(employee=employee, wish=wish, today=context.local_today(now)).preview


def request_leave(*, employee: Employee, wish: Wish, now: datetime | None = None) -> LeaveRequest:
    """Ask for leave for oneself. Kinds that need no approval count at once.

    Under the lock of the person's row, so that two requests at the same moment cannot both take the last days.

    :raises LeaveRefused: the first thing that speaks against it, by its named class.
    :raises hr.access.NoAccess: for a deactivated person.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        present = locked(employee_id=employee.pk)
        if not present.is_active:
            raise access.NoAccess("deactivated")
        examined = examine(employee=present, wish=wish, today=context.local_today(moment))
        if examined.errors:
            raise examined.errors[0]
        request = _created(present, wish, examined.preview, moment)
        audit.record(verb="leave.request", target=request.target, details={"days": str(request.days)})
    return request


def locked(*, employee_id: int) -> Employee:
    """The person's row as it is now, held until the end of the transaction: whoever changes leave holds it first."""
    return Employee.objects.select_for_update(no_key=True).get(pk=employee_id)


def _created(employee: Employee, wish: Wish, preview: Preview, moment: datetime) -> LeaveRequest:
    kind = LeaveType.objects.get(code=wish.type_code)
    try:
        with transaction.atomic():
            return LeaveRequest.objects.create(
                employee=employee,
                leave_type=kind,
                state=State.REQUESTED if kind.needs_approval else State.APPROVED,
                decided_at=None if kind.needs_approval else moment,
                first_day=wish.first_day,
                last_day=wish.last_day,
                first_day_half=wish.first_day_half,
                last_day_half=wish.last_day_half,
                days=preview.days,
                counted_days={day.isoformat(): str(amount) for day, amount in preview.counted},
                delegate_id=wish.delegate_id,
                comment=wish.comment.strip()[:500],
            )
    except IntegrityError as error:
        # Written past the lock, by an import for example.
        if "leave_request_no_overlap" not in str(error):
            raise
        raise problems.Overlap("You already have leave in this time.") from None
