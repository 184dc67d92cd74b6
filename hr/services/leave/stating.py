"""What HR states about leave: kinds, policies, holidays, days for one person. Each with its audit row.

Policies and holidays count for balances and new requests from the next look on; requests that were made keep the days
they were counted with.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from audit import services as audit
from hr.leave import carry_over, entitlements, problems
from hr.leave.wording import days_of
from hr.models import Employee, HolidayChange, LeaveEntitlement, LeavePolicy, LeaveType, WorkingWeek
from hr.services.leave import records
from hr.services.leave.requests import locked
from hr.services.own_records import refuse_own
from tenants import days as calendar_days


class StatedAlready(ValueError):
    """The person's figure for this year is stated; it has to be withdrawn first."""


class WeekDoesNotAddUp(ValueError):
    """The weekdays are not the days a week of the person's record."""


class MoreThanTheYear(ValueError):
    """A minus would take more days than the person has in the year."""


class NotWithdrawable(ValueError):
    """It was withdrawn before."""


def save_leave_type(*, leave_type: LeaveType) -> None:
    """Add or change a kind of leave. Requests of a retired kind stay."""
    with transaction.atomic():
        leave_type.save()
        audit.record(
            verb="leave.save_type",
            target=f"leave_type:{leave_type.pk}",
            details={"uses_balance": leave_type.uses_balance, "is_active": leave_type.is_active},
        )


def save_policy(*, policy: LeavePolicy) -> None:
    """Add or change a policy. Balances of its years follow, past ones too: for a new rule state a new year."""
    with transaction.atomic():
        policy.save()
        audit.record(
            verb="leave.save_policy",
            target=f"leave_policy:{policy.pk}",
            details={
                "country": policy.country,
                "from_year": policy.from_year,
                "annual_days": str(policy.annual_days),
                "carry_over_max_days": str(policy.carry_over_max_days),
            },
        )


def save_holiday_change(*, change: HolidayChange) -> None:
    """Add or change a company's own holiday, or a public one on which people work.

    :raises DayOutOfRange: for a day that cannot be meant; see tenants.days.
    """
    calendar_days.check_day(change.day)
    with transaction.atomic():
        change.save()
        audit.record(
            verb="leave.save_holiday",
            target=f"holiday_change:{change.pk}",
            details={"country": change.country, "day": change.day.isoformat(), "is_holiday": change.is_holiday},
        )


def remove_holiday_change(*, change: HolidayChange, reason: str) -> None:
    """Back to the public calendar on that day."""
    with transaction.atomic():
        audit.record(
            verb="leave.remove_holiday",
            target=f"holiday_change:{change.pk}",
            reason=reason,
            details={"country": change.country, "day": change.day.isoformat()},
        )
        change.delete()


def add_entitlement(
    *, employee: Employee, year: int, kind: str, days: Decimal, reason: str, by: Employee
) -> LeaveEntitlement:
    """State days for one person and year, with the reason that the person reads in their balance.

    :raises OwnRecord: when the acting person is the one whose days they are.
    :raises ReasonNeeded: without a reason.
    :raises MoreThanTheYear: when an adjustment takes more than the year's days.
    :raises StatedAlready: when a figure of this kind (not an adjustment) is stated for the year.
    """
    if len(reason.strip()) < 3:
        raise problems.ReasonNeeded("Please say why: the person reads it in their balance.")
    refuse_own(employee=employee)
    with transaction.atomic():
        present = locked(employee_id=employee.pk)
        same = LeaveEntitlement.objects.in_force().filter(employee=present, year=year, kind=kind)
        if kind != LeaveEntitlement.Kind.ADJUSTMENT and same.exists():
            raise StatedAlready("This figure is stated for that year already; withdraw it first.")
        check_adjustment(employee=present, year=year, kind=kind, days=days)
        stated = LeaveEntitlement.objects.create(
            employee=present, year=year, kind=kind, days=days, reason=reason.strip()[:300], by=by
        )
        audit.record(
            verb="leave.add_entitlement",
            target=present.actor_label,
            details={"entitlement": stated.pk, "year": year, "kind": kind, "days": str(days)},
        )
    return stated


def check_adjustment(*, employee: Employee, year: int, kind: str, days: Decimal) -> None:
    """Whether an adjustment leaves the year with no fewer than no days. Three queries; nothing without a policy.

    :raises MoreThanTheYear: when it does not.
    """
    if kind != LeaveEntitlement.Kind.ADJUSTMENT or days >= 0:
        return
    record = records.record_of(employee=employee, until_year=year)
    if record.year(year).policy is None:
        return
    own = entitlements.entitlement(stated=record.year(year), employment=record.employment, year=year)
    has = own + record.adjusted(year) + carry_over.carried_into(record=record, year=year).days
    if has + days < 0:
        raise MoreThanTheYear(f"The person has {days_of(has)} in {year}; no more can be taken away.")


def withdraw_entitlement(*, entitlement: LeaveEntitlement, reason: str, now: datetime | None = None) -> None:
    """It counts no longer; the row stays.

    :raises OwnRecord: when it is the acting person's own.
    :raises NotWithdrawable: when it was withdrawn before.
    """
    refuse_own(employee=entitlement.employee)
    with transaction.atomic():
        locked(employee_id=entitlement.employee_id)
        withdrawn = (
            LeaveEntitlement.objects.in_force().filter(pk=entitlement.pk).update(withdrawn_at=now or timezone.now())
        )
        if not withdrawn:
            raise NotWithdrawable("It was withdrawn before.")
        audit.record(
            verb="leave.withdraw_entitlement",
            target=f"employee:{entitlement.employee_id}",
            reason=reason,
            details={"entitlement": entitlement.pk},
        )


def set_working_week(*, week: WorkingWeek) -> None:
    """On which weekdays the person works. Requests that were made keep their days.

    :raises OwnRecord: when it is the acting person's own.
    :raises WeekDoesNotAddUp: when the sum is not the days a week of their record.
    """
    if sum(week.amounts) != week.employee.working_days_per_week:
        raise WeekDoesNotAddUp(
            f"These are {sum(week.amounts)} days; the record says {week.employee.working_days_per_week} a week."
        )
    refuse_own(employee=week.employee)
    with transaction.atomic():
        locked(employee_id=week.employee_id)
        week.save()
        audit.record(verb="leave.set_week", target=week.employee.actor_label)
