"""What a wish for leave would mean: days counted, balance before and after, and everything that speaks against it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from hr.leave import balances, entitlements, problems, working_days
from hr.leave.problems import Problem
from hr.leave.values import ZERO, DayOff, Record
from hr.leave.wording import amount, day, days_of, span
from hr.models import Employee, LeaveRequest, LeaveType
from hr.services.leave import approvers, records
from hr.services.leave.balances import check_policy

# Leave that has already begun is entered afterwards for about a quarter; older corrections are HR's adjustments.
MAX_DAYS_BACK = 92
# What nobody decides on counts at once, so it is reported when it comes, not booked: an operation is known a week
# before, and a note of longer illness is followed by the next one.
MAX_REPORTED_AHEAD_DAYS, MAX_REPORTED_UNTIL_DAYS = 7, 92


@dataclass(frozen=True)
class Wish:
    """What somebody asks for. A half first day begins at noon, a half last day ends at noon."""

    first_day: date
    last_day: date
    type_code: str = "vacation"
    first_day_half: bool = False
    last_day_half: bool = False
    comment: str = ""
    delegate_id: int | None = None

    @property
    def span(self) -> working_days.Span:
        return working_days.Span(
            first=self.first_day,
            last=self.last_day,
            is_first_half=self.first_day_half,
            is_last_half=self.last_day_half,
        )


@dataclass(frozen=True)
class YearEffect:
    """What the wish takes from one year: the balance on its first day in that year, before and after."""

    year: int
    days: Decimal
    before: balances.Balance
    after: balances.Balance


@dataclass(frozen=True)
class Preview:
    """What would happen. Nothing has been written. `years` is empty for leave that uses no balance."""

    wish: Wish
    type_name: str
    needs_approval: bool
    approver_name: str
    days: Decimal = Decimal(0)
    counted: tuple[tuple[date, Decimal], ...] = ()
    holidays: tuple[tuple[date, str], ...] = ()
    free_days: int = 0
    years: tuple[YearEffect, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_possible(self) -> bool:
        return not self.problems

    @property
    def summary(self) -> tuple[str, ...]:
        """The same in sentences, for a person to read before they confirm."""
        return tuple(_sentences(self))


@dataclass(frozen=True)
class Examined:
    """A preview with its reasons as errors, the first of which `request_leave` raises."""

    preview: Preview
    errors: tuple[problems.LeaveRefused, ...] = ()


def examine(*, employee: Employee, wish: Wish, today: date) -> Examined:
    """Look at a wish from every side. About ten queries; writes nothing."""
    kind = LeaveType.objects.filter(code=wish.type_code, is_active=True).first()
    preview = Preview(
        wish=wish,
        type_name=kind.name if kind else "",
        needs_approval=kind.needs_approval if kind else True,
        approver_name=approvers.approver_name(employee=employee, on=today),
    )
    errors = list(_errors_of_form(employee, wish, kind, today))
    if kind is None or errors:
        return _examined(preview, errors)
    counted = _count(employee, wish)
    preview = replace(
        preview,
        days=counted.total,
        counted=counted.days,
        holidays=counted.holidays,
        free_days=counted.free_days,
    )
    if not counted.days:
        errors.append(problems.NoWorkingDay("There is no working day in this time: nothing to ask for."))
    errors += _errors_of_overlap(employee, wish)
    if kind.uses_balance and not errors:
        preview, errors = _with_balance(preview, employee, counted)
    return _examined(preview, errors)


def _examined(preview: Preview, errors: list[problems.LeaveRefused]) -> Examined:
    listed = tuple(problems.problem(error) for error in errors)
    return Examined(preview=replace(preview, problems=listed), errors=tuple(errors))


def _errors_of_form(
    employee: Employee, wish: Wish, kind: LeaveType | None, today: date
) -> Iterator[problems.LeaveRefused]:
    if kind is None:
        yield problems.UnknownLeaveType("There is no such kind of leave here.")
    if wish.last_day < wish.first_day:
        yield problems.EndsBeforeStart(f"It ends ({day(wish.last_day)}) before it starts ({day(wish.first_day)}).")
        return
    if wish.first_day == wish.last_day and wish.first_day_half and wish.last_day_half:
        yield problems.EndsBeforeStart("A morning off and an afternoon off is the whole day: tick only one of them.")
    earliest, latest = today - timedelta(days=MAX_DAYS_BACK), date(today.year + 1, 12, 31)
    if wish.first_day < earliest or wish.last_day > latest:
        yield problems.TooFar(f"Leave can be asked for from {day(earliest)} to {day(latest)}.")
        return
    if kind is not None and not kind.needs_approval:
        yield from _errors_of_report(wish, kind, today)
    if employee.start_date and wish.first_day < employee.start_date:
        yield problems.BeforeEmployment(f"Your employment begins on {day(employee.start_date)}.")
    if employee.end_date and wish.last_day > employee.end_date:
        yield problems.AfterEmployment(f"Your employment ends on {day(employee.end_date)}.")
    if wish.delegate_id is not None and not _is_somebody_else(employee, wish.delegate_id):
        yield problems.UnknownDelegate("The person who stands in must be a colleague who is still here.")


def _errors_of_report(wish: Wish, kind: LeaveType, today: date) -> Iterator[problems.LeaveRefused]:
    latest_start = today + timedelta(days=MAX_REPORTED_AHEAD_DAYS)
    latest_end = today + timedelta(days=MAX_REPORTED_UNTIL_DAYS)
    if wish.first_day > latest_start:
        yield problems.ReportedTooEarly(
            f"{kind.name} counts without anybody's decision, so it begins on {day(latest_start)} at the latest. "
            "Report it when it comes."
        )
    elif wish.last_day > latest_end:
        yield problems.ReportedTooEarly(
            f"{kind.name} can be reported until {day(latest_end)} at the latest; what follows, when it comes."
        )


def _is_somebody_else(employee: Employee, delegate_id: int) -> bool:
    return delegate_id != employee.pk and Employee.objects.active().filter(pk=delegate_id).exists()


def _count(employee: Employee, wish: Wish) -> working_days.Counted:
    years = range(wish.first_day.year, wish.last_day.year + 1)
    return working_days.count(
        span=wish.span,
        week=records.week_of(employee),
        holidays=records.holidays_of(employee=employee, years=years),
    )


def _errors_of_overlap(employee: Employee, wish: Wish) -> Iterator[problems.LeaveRefused]:
    own = LeaveRequest.objects.active().filter(employee=employee).select_related("leave_type")
    for other in own.touching(first=wish.first_day, last=wish.last_day).order_by("first_day", "pk"):
        # A morning and an afternoon of the same day go together.
        ends_before = other.last_day == wish.first_day and other.last_day_half and wish.first_day_half
        begins_after = other.first_day == wish.last_day and other.first_day_half and wish.last_day_half
        if not ends_before and not begins_after:
            when = span(other.first_day, other.last_day)
            yield problems.Overlap(f"You already have {other.leave_type.name.lower()} on {when}.")
            return


def _with_balance(
    preview: Preview, employee: Employee, counted: working_days.Counted
) -> tuple[Preview, list[problems.LeaveRefused]]:
    """The preview with what happens to each year, and why the balance does not allow it."""
    wish = preview.wish
    record = records.record_of(employee=employee, until_year=wish.last_day.year)
    try:
        for year in counted.by_year():
            check_policy(employee=employee, record=record, year=year)
    except problems.NoPolicy as error:
        return preview, [error]
    days_off = tuple(DayOff(day=each, amount=part, is_approved=False) for each, part in counted.days)
    after = replace(record, days_off=tuple(sorted((*record.days_off, *days_off), key=lambda off: off.day)))
    preview = replace(preview, years=tuple(_effects(record, after, counted, wish)))
    waiting = _waiting_period(record, wish)
    if waiting is not None:
        return preview, [waiting]
    if balances.shortfall(record=after, since=wish.first_day) > 0:
        return preview, [problems.ExceedsBalance(_exceeding(preview))]
    return preview, []


def _effects(record: Record, after: Record, counted: working_days.Counted, wish: Wish) -> Iterator[YearEffect]:
    for year, days in counted.by_year().items():
        on = max(wish.first_day, date(year, 1, 1))
        yield YearEffect(
            year=year,
            days=days,
            before=balances.balance(record=record, on=on),
            after=balances.balance(record=after, on=on),
        )


def _waiting_period(record: Record, wish: Wish) -> problems.WaitingPeriod | None:
    policy = record.year(wish.first_day.year).policy
    if policy is None:
        return None
    first = entitlements.first_day_of_leave(policy=policy, employment=record.employment)
    if wish.first_day >= first:
        return None
    return problems.WaitingPeriod(
        f"The first {policy.waiting_months} months are a waiting period: leave can begin on {day(first)}."
    )


def _exceeding(preview: Preview) -> str:
    for effect in preview.years:
        if effect.after.available < 0:
            return (
                f"This takes {days_of(effect.days)} of {effect.year}, but {amount(max(effect.before.available, ZERO))} "
                f"can be taken from {day(effect.before.on)} on."
            )
    return "Leave that is already planned for the next year needs the days that would be carried over."


def _sentences(preview: Preview) -> Iterator[str]:
    wish = preview.wish
    is_longer = wish.first_day != wish.last_day
    halves = [
        *([f"from noon{' of the first day' if is_longer else ''}"] if wish.first_day_half else []),
        *([f"until noon{' of the last day' if is_longer else ''}"] if wish.last_day_half else []),
    ]
    half = f" ({' and '.join(halves)})" if halves else ""
    counted = f": {amount(preview.days)} working {'day' if preview.days == 1 else 'days'}" if preview.counted else ""
    yield f"{preview.type_name or 'Leave'}, {span(wish.first_day, wish.last_day)}{half}{counted}."
    if preview.holidays:
        named = ", ".join(f"{day(each)} ({name})" for each, name in preview.holidays)
        yield f"Not counted, public holiday: {named}."
    if preview.free_days:
        yield f"Not counted, weekend or otherwise free: {days_of(Decimal(preview.free_days))}."
    for effect in preview.years:
        yield (
            f"Balance of {effect.year}: {amount(effect.before.available)} before, "
            f"{amount(effect.after.available)} after {'this' if effect.days == 1 else 'these'} {days_of(effect.days)}."
        )
    for each in preview.problems:
        yield each.message
    if preview.is_possible:
        yield f"{preview.approver_name} decides." if preview.needs_approval else "It counts as soon as it is reported."
