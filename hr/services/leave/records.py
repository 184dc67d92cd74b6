"""A person's leave, loaded for computing. Nobody's rights are asked here: callers know whose it is."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from hr import records as people
from hr.leave import holidays, working_days
from hr.leave.values import Adjustment, DayOff, Employment, Policy, Record, YearOnRecord
from hr.models import (
    Employee,
    HolidayChange,
    LeaveEntitlement,
    LeavePolicy,
    LeaveRequest,
    WorkingWeek,
)

Kind = LeaveEntitlement.Kind


def record_of(*, employee: Employee, until_year: int) -> Record:
    """All that the balance of `employee` depends on, for years up to `until_year`. Three queries."""
    policies = list(LeavePolicy.objects.for_people(country=employee.country, employment_type=employee.employment_type))
    stated = list(LeaveEntitlement.objects.in_force().filter(employee=employee).order_by("pk"))
    days_off = _days_off(employee)
    last_year = max([until_year, *(off.day.year for off in days_off)])
    first_year = min([policy.from_year for policy in policies], default=last_year)
    return Record(
        employment=employment_of(employee),
        years={
            year: _year(year, policies, [each for each in stated if each.year == year])
            for year in range(first_year, last_year + 1)
        },
        days_off=days_off,
    )


def employment_of(employee: Employee) -> Employment:
    return Employment(
        start=employee.start_date, end=employee.end_date, days_per_week=Decimal(employee.working_days_per_week)
    )


def week_of(employee: Employee) -> working_days.Week:
    """The weekdays on record while they add up to the person's days a week; otherwise the usual ones. One query."""
    own = WorkingWeek.objects.filter(employee=employee).first()
    if own is not None and sum(own.amounts) == employee.working_days_per_week:
        return own.amounts
    return working_days.usual_week(
        days_per_week=Decimal(employee.working_days_per_week), weekend=holidays.weekend_of(employee.country)
    )


def holidays_of(*, employee: Employee, years: Iterable[int]) -> dict[date, str]:
    """Public holidays at the person's country and site, with the company's own changes. One query."""
    changes = HolidayChange.objects.for_place(country=employee.country, site=employee.site)
    return holidays.of_country(
        country=employee.country,
        years=years,
        # Those of the site come after those of the country, and win.
        changes=[
            holidays.Change(day=each.day, name=each.name, is_holiday=each.is_holiday)
            for each in changes.order_by("site", "day")
        ],
    )


def days_off_of(request: LeaveRequest) -> tuple[DayOff, ...]:
    """The days that a request was counted with."""
    is_approved = request.state == LeaveRequest.State.APPROVED
    return tuple(
        DayOff(day=date.fromisoformat(day), amount=Decimal(amount), is_approved=is_approved)
        for day, amount in request.counted_days.items()
    )


def _days_off(employee: Employee) -> tuple[DayOff, ...]:
    requests = LeaveRequest.objects.active().filter(employee=employee, leave_type__uses_balance=True)
    return tuple(sorted((off for request in requests for off in days_off_of(request)), key=lambda off: off.day))


def _year(year: int, policies: list[LeavePolicy], stated: list[LeaveEntitlement]) -> YearOnRecord:
    figures = {each.kind: each.days for each in stated if each.kind != Kind.ADJUSTMENT}
    return YearOnRecord(
        policy=_policy(year, policies),
        annual_by_contract=figures.get(Kind.ANNUAL),
        carried_over_stated=figures.get(Kind.CARRIED_OVER),
        adjustments=tuple(
            Adjustment(days=each.days, reason=each.reason) for each in stated if each.kind == Kind.ADJUSTMENT
        ),
    )


def _policy(year: int, policies: list[LeavePolicy]) -> Policy | None:
    """The one for the employment type before the one for all; then the latest."""
    begun = [policy for policy in policies if policy.from_year <= year]
    if not begun:
        return None
    row = max(begun, key=lambda policy: (bool(policy.employment_type), policy.from_year))
    return Policy(
        annual_days=row.annual_days,
        is_monthly=row.accrual == LeavePolicy.Accrual.MONTHLY,
        rounding=row.rounding,
        carry_over_max_days=row.carry_over_max_days,
        carry_over_until=row.carry_over_until,
        waiting_months=row.waiting_months,
        name=_name(row),
    )


def _name(row: LeavePolicy) -> str:
    who = str(row.get_employment_type_display()).lower() if row.employment_type else "everybody"
    return f"{people.country_name(row.country)}, {who}, from {row.from_year}"
