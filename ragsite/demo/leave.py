"""A year of invented leave for the demo's people, drawn from their numbers, by the rules of their handbooks."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from audit import services as audit
from hr.leave import balances, entitlements, working_days
from hr.leave.values import DayOff, Record
from hr.leave.working_days import Counted, Span
from hr.models import Employee, HolidayChange, LeaveEntitlement, LeavePolicy, LeaveRequest, LeaveType
from hr.services import leave
from hr.services.leave import records
from tenants import context

State = LeaveRequest.State
Kind = LeaveEntitlement.Kind


@dataclass(frozen=True)
class _Rules:
    """What the company's own handbook says about leave."""

    countries: tuple[str, ...]
    annual_days: Decimal
    accrual: str
    carry_over_max_days: Decimal
    carry_over_until: str
    waiting_months: int
    # A day more for each so many years of service, up to so many days.
    service_years: int
    service_days_max: int
    closing_days: tuple[tuple[int, int, str], ...] = ()


_RULES = {
    "acme": _Rules(
        countries=("DE", "FR", "GB"),
        annual_days=Decimal(30),
        accrual=LeavePolicy.Accrual.YEARLY,
        carry_over_max_days=Decimal(6),
        carry_over_until="03-31",
        waiting_months=0,
        service_years=5,
        service_days_max=2,
        closing_days=((12, 24, "Closing day"), (12, 31, "Closing day")),
    ),
    "globex": _Rules(
        countries=("NL", "PL", "ES"),
        annual_days=Decimal(26),
        accrual=LeavePolicy.Accrual.MONTHLY,
        carry_over_max_days=Decimal(4),
        carry_over_until="06-30",
        waiting_months=2,
        service_years=4,
        service_days_max=3,
    ),
}

# When people like to be away: month and day from, how many days to choose from, how long in calendar days, how likely.
_HABITS: tuple[tuple[int, int, int, int, float, str], ...] = (
    (2, 2, 20, 3, 0.7, "vacation"),
    (4, 1, 30, 5, 0.7, "vacation"),
    (6, 1, 21, 1, 0.3, "special"),
    (7, 1, 45, 12, 0.95, "vacation"),
    (10, 5, 18, 5, 0.6, "vacation"),
    (12, 14, 8, 9, 0.8, "vacation"),
    (3, 1, 200, 2, 0.5, "sick"),
    (11, 2, 17, 2, 0.3, "sick"),
)
_COMMENTS = ("", "", "", "Family visit", "Moving house", "School holidays", "A long weekend")
_REASONS = ("Two of the team are away already.", "Stocktaking in that week.", "Please choose the week after.")


def seed(*, today: date) -> int:
    """Policies, holidays, balances and requests of this year for everybody in the current company who has no request.

    Returns how many requests are new. About ten queries for each new person.
    """
    rules = _RULES.get(context.current_tenant().schema_name)
    if rules is None:
        return 0
    _state_rules(rules, today.year)
    hr = Employee.objects.active().filter(role=Employee.Role.HR).order_by("employee_number").first()
    # Whoever has a row was here before; what they did since stays as it is.
    people = Employee.objects.active().filter(leave_requests=None, leave_entitlements=None).exclude(country="")
    new: list[LeaveRequest] = []
    for person in people.select_related("manager").order_by("employee_number"):
        if hr is not None and person.pk != hr.pk:
            _state_days(person, rules, hr, today.year)
        new += _requests_of(person, hr, today)
    if new:
        with transaction.atomic():
            LeaveRequest.objects.bulk_create(new)
            audit.record(verb="demo.leave", details={"requests": len(new)})
    return len(new)


def _state_rules(rules: _Rules, year: int) -> None:
    for country in rules.countries:
        if not LeavePolicy.objects.filter(country=country).exists():
            common = {"country": country, "from_year": year, "accrual": rules.accrual}
            leave.save_policy(
                policy=LeavePolicy(
                    **common,
                    annual_days=rules.annual_days,
                    carry_over_max_days=rules.carry_over_max_days,
                    carry_over_until=rules.carry_over_until,
                    waiting_months=rules.waiting_months,
                )
            )
            leave.save_policy(policy=LeavePolicy(**common, employment_type="contractor", annual_days=Decimal(0)))
        for month, day, name in rules.closing_days:
            for each in (date(year, month, day), date(year + 1, month, day)):
                if not HolidayChange.objects.filter(country=country, site="", day=each).exists():
                    leave.save_holiday_change(change=HolidayChange(country=country, day=each, name=name))


def _state_days(person: Employee, rules: _Rules, hr: Employee, year: int) -> None:
    """Days for long service, and what was left in the former system."""
    if person.start_date is None or person.employment_type == "contractor":
        return
    rng = random.Random(f"{person.employee_number} stated")  # noqa: S311 (invented days, not a secret)
    service = min(rules.service_days_max, (year - 1 - person.start_date.year) // rules.service_years)
    if service > 0:
        leave.add_entitlement(
            employee=person, year=year, kind=Kind.ADJUSTMENT, days=Decimal(service), reason="Long service", by=hr
        )
    left = min(Decimal(rng.randrange(0, 13)) / 2, rules.carry_over_max_days)
    if left and person.start_date.year < year:
        reason = "Left in the former system"
        leave.add_entitlement(employee=person, year=year, kind=Kind.CARRIED_OVER, days=left, reason=reason, by=hr)


def _requests_of(person: Employee, hr: Employee | None, today: date) -> Iterator[LeaveRequest]:
    """Of this year and the next February, as far as the balance covers them."""
    rng = random.Random(f"{person.employee_number} {today.year}")  # noqa: S311
    kinds = {kind.code: kind for kind in LeaveType.objects.all()}
    week = records.week_of(person)
    holidays = records.holidays_of(employee=person, years=(today.year, today.year + 1))
    record = records.record_of(employee=person, until_year=today.year + 1)
    used: list[tuple[date, date]] = []
    for span, code in _spans(rng, today.year):
        counted = working_days.count(span=span, week=week, holidays=holidays)
        if code not in kinds or not counted.days or _is_taken(span, used) or not _is_employed(person, span):
            continue
        if code == "sick" and span.last >= today:  # nobody reports in advance that they will be ill
            continue
        # From the first to the last day that counts: nobody asks for the Sunday before.
        half = span.is_first_half and counted.days[0][0] == span.first
        span = Span(first=counted.days[0][0], last=counted.days[-1][0], is_first_half=half)
        request = _request(rng, person, hr, kinds[code], span, counted, today)
        if kinds[code].uses_balance and request.state in (State.REQUESTED, State.APPROVED):
            with_it = _with(record, counted)
            if balances.shortfall(record=with_it, since=date(today.year, 1, 1)) > 0 or _is_waiting(record, span):
                continue
            record = with_it
        if request.state in (State.REQUESTED, State.APPROVED):
            used.append((span.first, span.last))
        yield request


def _spans(rng: random.Random, year: int) -> Iterator[tuple[Span, str]]:
    """Wishes in the order of habit. The random numbers are drawn whether a wish is used or not."""
    for month, day, choice, length, likely, code in (*_HABITS, (2, 8, 15, 4, 0.4, "next year")):
        first = date(year + (code == "next year"), month, day) + timedelta(days=rng.randrange(choice))
        first += timedelta(days=(7 - first.weekday()) % 7 if length > 4 else 0)  # long ones begin on a Monday
        is_half = length < 4 and rng.random() < 0.3
        span = Span(first=first, last=first + timedelta(days=length - 1), is_first_half=is_half and code != "sick")
        if rng.random() < likely:
            yield span, "vacation" if code == "next year" else code


def _request(
    rng: random.Random,
    person: Employee,
    hr: Employee | None,
    kind: LeaveType,
    span: Span,
    counted: Counted,
    today: date,
) -> LeaveRequest:
    decider = person.manager or (hr if hr is not None and hr.pk != person.pk else None)
    request = LeaveRequest(
        employee=person,
        leave_type=kind,
        first_day=span.first,
        last_day=span.last,
        first_day_half=span.is_first_half,
        days=counted.total,
        counted_days={day.isoformat(): str(amount) for day, amount in counted.days},
        comment=rng.choice(_COMMENTS) if kind.code == "vacation" else "",
    )
    chance, reason = rng.random(), rng.choice(_REASONS)
    decided_at = _noon(min(span.first - timedelta(days=21), today - timedelta(days=1)))
    if not kind.needs_approval:
        request.state, request.decided_at = State.APPROVED, _noon(min(span.first, today))
    elif decider is None or (span.first > today and chance < 0.5):
        request.state = State.REQUESTED
    elif chance > 0.93:
        request.state, request.decided_by, request.decided_at = State.REJECTED, decider, decided_at
        request.decision_comment = reason
    elif chance > 0.88:
        request.state, request.cancelled_by, request.cancelled_at = State.CANCELLED, person, decided_at
    else:
        request.state, request.decided_by, request.decided_at = State.APPROVED, decider, decided_at
    return request


def _is_taken(span: Span, used: Sequence[tuple[date, date]]) -> bool:
    return any(first <= span.last and span.first <= last for first, last in used)


def _is_employed(person: Employee, span: Span) -> bool:
    return (person.start_date or date.min) <= span.first and span.last <= (person.end_date or date.max)


def _is_waiting(record: Record, span: Span) -> bool:
    """In the first months, in which the policy gives no leave."""
    policy = record.year(span.first.year).policy
    if policy is None:
        return True
    return span.first < entitlements.first_day_of_leave(policy=policy, employment=record.employment)


def _with(record: Record, counted: Counted) -> Record:
    days_off = (DayOff(day=day, amount=amount, is_approved=True) for day, amount in counted.days)
    return replace(record, days_off=tuple(sorted((*record.days_off, *days_off), key=lambda off: off.day)))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=timezone.get_default_timezone())
