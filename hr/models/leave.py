"""Leave: kinds, rules, what a person asked for, and the days on which nobody works."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from hr.leave import querysets
from hr.models.employees import Employee

_HALF_DAYS = [Decimal("0.0"), Decimal("0.5"), Decimal("1.0")]
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class LeaveType(models.Model):
    """A reason to be away. Seeded with vacation, sick, unpaid, parental and special; HR renames, adds and retires."""

    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    uses_balance = models.BooleanField(default=False, help_text="Its days are taken off the yearly balance.")
    # A sick note is a notice: waiting for a click would only make people come to work ill.
    needs_approval = models.BooleanField(default=True, help_text="Off: it counts as approved when it is reported.")
    is_active = models.BooleanField(default=True, help_text="Off: no new requests of this kind.")
    position = models.PositiveSmallIntegerField(default=100, help_text="Order in lists, the lowest first.")

    class Meta:
        db_table = "leave_types"

    class Privacy:
        erase: dict[str, str] = {}
        keep = {
            "id": "row id",
            "code": "company rule",
            "name": "company rule",
            "uses_balance": "company rule",
            "needs_approval": "company rule",
            "is_active": "state",
            "position": "company rule",
        }

    def __str__(self) -> str:
        return self.name


class LeavePolicy(models.Model):
    """How many days people of one country and employment type get, from one calendar year on.

    The one with the greatest `from_year` up to the year counts, and the one that names the employment type before the
    one for all. No policy, no carry-over: leave is kept here from the first policy's year on.
    """

    class Accrual(models.TextChoices):
        YEARLY = "yearly", "All at the start of the year"
        MONTHLY = "monthly", "One twelfth at the start of each month"

    class Rounding(models.TextChoices):
        HALF_DAY_UP = "half_day_up", "Up to the next half day"
        # Germany's Bundesurlaubsgesetz, section 5 (2): fractions of at least half a day become a whole one.
        WHOLE_DAY_NEAREST = "whole_day_nearest", "To the nearest whole day, halves up"
        NONE = "none", "Not at all (hundredths)"

    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2, such as DE.")
    employment_type = models.CharField(
        max_length=16, choices=Employee.EmploymentType.choices, blank=True, help_text="Empty: every type."
    )
    from_year = models.PositiveSmallIntegerField(help_text="First calendar year for which this policy counts.")
    annual_days = models.DecimalField(
        max_digits=4, decimal_places=1, help_text="Working days a year for a full-time week of five days."
    )
    accrual = models.CharField(max_length=16, choices=Accrual.choices, default=Accrual.YEARLY)
    rounding = models.CharField(max_length=24, choices=Rounding.choices, default=Rounding.HALF_DAY_UP)
    carry_over_max_days = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        default=Decimal("0.0"),
        help_text="At most so many unused days come over from the year before. 0: none.",
    )
    carry_over_until = models.CharField(
        max_length=5,
        blank=True,
        help_text="Last day (month-day, such as 03-31) on which days carried over can be taken. Empty: all year.",
    )
    waiting_months = models.PositiveSmallIntegerField(
        default=0, help_text="Months of employment before the first day of leave that uses the balance."
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = querysets.LeavePolicyQuerySet.as_manager()

    class Meta:
        db_table = "leave_policies"
        verbose_name_plural = "leave policies"
        constraints = [
            models.UniqueConstraint(
                fields=["country", "employment_type", "from_year"], name="leave_policy_once_a_year_for_a_kind_of_people"
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"),
                name="leave_policy_country_is_a_code",
                violation_error_message="The country is a code of two capital letters, such as DE.",
            ),
            models.CheckConstraint(
                condition=Q(from_year__gte=1970, from_year__lte=2200),
                name="leave_policy_year_is_plausible",
                violation_error_message="The first year is from 1970 to 2200.",
            ),
            models.CheckConstraint(
                condition=Q(annual_days__gte=0, annual_days__lte=366),
                name="leave_policy_days_fit_in_a_year",
                violation_error_message="From 0 to 366 days a year.",
            ),
            models.CheckConstraint(
                condition=Q(carry_over_max_days__gte=0, carry_over_max_days__lte=366),
                name="leave_policy_carry_over_fits_in_a_year",
                violation_error_message="From 0 to 366 days can be carried over.",
            ),
            models.CheckConstraint(
                condition=Q(carry_over_until="")
                | Q(carry_over_until__regex=r"^(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])$")
                | Q(carry_over_until__regex=r"^(0[469]|11)-(0[1-9]|[12]\d|30)$")
                | Q(carry_over_until__regex=r"^02-(0[1-9]|1\d|2[0-9])$"),
                name="leave_policy_carry_over_until_a_day_of_the_year",
                violation_error_message="The last day for days carried over is month-day, such as 03-31.",
            ),
            models.CheckConstraint(
                condition=Q(accrual__in=["yearly", "monthly"]),
                name="leave_policy_accrual_known",
                violation_error_message="Choose one of the ways in which days are earned.",
            ),
            models.CheckConstraint(
                condition=Q(rounding__in=["half_day_up", "whole_day_nearest", "none"]),
                name="leave_policy_rounding_known",
                violation_error_message="Choose one of the ways of rounding.",
            ),
        ]

    class Privacy:
        erase: dict[str, str] = {}
        keep = {
            "id": "row id",
            "country": "company rule",
            "employment_type": "company rule",
            "from_year": "company rule",
            "annual_days": "company rule",
            "accrual": "company rule",
            "rounding": "company rule",
            "carry_over_max_days": "company rule",
            "carry_over_until": "company rule",
            "waiting_months": "company rule",
            "updated_at": "state",
        }

    def __str__(self) -> str:
        who = self.get_employment_type_display() if self.employment_type else "everybody"
        return f"{self.country}, {who}, from {self.from_year}"


class LeaveEntitlement(models.Model):
    """What HR states for one person and year where the policy does not say it. Never changed, only withdrawn."""

    class Kind(models.TextChoices):
        ADJUSTMENT = "adjustment", "Extra days (or fewer)"
        ANNUAL = "annual", "Days a year by contract, in place of the policy's"
        CARRIED_OVER = "carried_over", "Days carried over, in place of the computed ones"

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="leave_entitlements")
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.ADJUSTMENT)
    days = models.DecimalField(max_digits=5, decimal_places=2, help_text="Working days; fewer days as a minus.")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(Employee, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = querysets.LeaveEntitlementQuerySet.as_manager()

    class Meta:
        db_table = "leave_entitlements"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["adjustment", "annual", "carried_over"]),
                name="leave_entitlement_kind_known",
                violation_error_message="Choose one of the kinds.",
            ),
            models.CheckConstraint(
                condition=Q(kind="adjustment", days__gte=-366, days__lte=366) | Q(days__gte=0, days__lte=366),
                name="leave_entitlement_days_fit_in_a_year",
                violation_error_message="At most 366 days; only extra days can be a minus.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="leave_entitlement_has_a_reason",
                violation_error_message="Please say why: the person reads it.",
            ),
            models.UniqueConstraint(
                fields=["employee", "year", "kind"],
                condition=Q(withdrawn_at__isnull=True) & ~Q(kind="adjustment"),
                name="leave_entitlement_states_a_figure_once",
                violation_error_message="This figure is stated for that year already; withdraw it first.",
            ),
        ]

    class Privacy:
        erase = {
            "employee": "goes with the person",
            "year": "personal record",
            "kind": "personal record",
            "days": "personal record",
            "reason": "personal record",
            "by": "goes with the person who wrote it",
        }
        keep = {"id": "row id", "created_at": "state", "withdrawn_at": "state"}

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.year}: {self.days}"


class LeaveRequest(models.Model):
    """A person's wish to be away, and what became of it. That approved leave was taken is a matter of the day."""

    class State(models.TextChoices):
        REQUESTED = "requested", "Waiting for a decision"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        CANCELLED = "cancelled", "Cancelled"

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="leave_requests")
    leave_type = models.ForeignKey(LeaveType, on_delete=models.PROTECT, related_name="requests")
    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    first_day = models.DateField()
    last_day = models.DateField()
    first_day_half = models.BooleanField(default=False, help_text="Begins at noon of the first day.")
    last_day_half = models.BooleanField(default=False, help_text="Ends at noon of the last day.")
    days = models.DecimalField(max_digits=5, decimal_places=1, help_text="Working days counted when it was requested.")
    # ISO day -> "1.0" or "0.5". Kept as it was counted: a holiday that HR adds later changes no past decision, and the
    # split over years and over the expiry of carry-over is read off it.
    counted_days = models.JSONField(default=dict)
    delegate = models.ForeignKey(
        Employee,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who stands in during the absence.",
    )
    comment = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(Employee, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_comment = models.CharField(max_length=500, blank=True)
    cancelled_by = models.ForeignKey(Employee, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = querysets.LeaveRequestQuerySet.as_manager()

    class Meta:
        db_table = "leave_requests"
        indexes = [
            models.Index(fields=["employee", "first_day"], name="leave_request_of_employee"),
            models.Index(fields=["state", "first_day"], name="leave_request_by_state"),
        ]
        # A person's active requests never overlap, to half a day: `leave_request_no_overlap`, in migration 0003.
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["requested", "approved", "rejected", "cancelled"]),
                name="leave_request_state_known",
                violation_error_message="Choose one of the states.",
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="leave_request_ends_after_the_start",
                violation_error_message="It ends before it starts.",
            ),
            models.CheckConstraint(
                condition=~Q(first_day=F("last_day"), first_day_half=True, last_day_half=True),
                name="leave_request_has_some_of_its_day",
                violation_error_message="A morning off and an afternoon off is the whole day.",
            ),
            models.CheckConstraint(
                condition=Q(days__gt=0),
                name="leave_request_counts_some_day",
                violation_error_message="There is no working day in this time.",
            ),
            models.CheckConstraint(
                condition=Q(delegate__isnull=True) | ~Q(delegate=F("employee")),
                name="leave_request_delegate_is_somebody_else",
                violation_error_message="The person who stands in must be somebody else.",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("employee")),
                name="leave_request_not_decided_by_oneself",
                violation_error_message="Nobody decides on their own leave.",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | Q(decided_at__isnull=False),
                name="leave_request_rejected_at_some_time",
                violation_error_message="A rejected request has the time of its decision.",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_at__isnull=True)),
                name="leave_request_cancelled_at_some_time",
                violation_error_message="A cancelled request, and no other, has the time at which it was cancelled.",
            ),
        ]

    class Privacy:
        erase = {
            "employee": "goes with the person",
            "leave_type": "may tell of health",
            "first_day": "personal record",
            "last_day": "personal record",
            "first_day_half": "personal record",
            "last_day_half": "personal record",
            "days": "personal record",
            "counted_days": "personal record",
            "delegate": "goes with the person",
            "comment": "may tell of health",
            "decided_by": "goes with the person who decided",
            "decision_comment": "personal record",
            "cancelled_by": "goes with the person who cancelled",
            "cancel_reason": "personal record",
        }
        keep = {
            "id": "pseudonym in the audit log",
            "state": "state",
            "decided_at": "state",
            "cancelled_at": "state",
            "created_at": "state",
            "updated_at": "state",
        }

    def __str__(self) -> str:
        return f"{self.employee}: {self.leave_type}, {self.first_day} to {self.last_day}"

    @property
    def target(self) -> str:
        """The pseudonym under which this request appears in the audit log."""
        return f"leave_request:{self.pk}"


class LeaveDelegation(models.Model):
    """A manager's right to decide on leave, passed to another manager for a time."""

    manager = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="leave_delegations")
    delegate = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="leave_delegated_to_me")
    first_day = models.DateField()
    last_day = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    objects = querysets.LeaveDelegationQuerySet.as_manager()

    class Meta:
        db_table = "leave_delegations"
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="leave_delegation_ends_after_the_start",
                violation_error_message="It ends before it starts.",
            ),
            models.CheckConstraint(
                condition=~Q(manager=F("delegate")),
                name="leave_delegation_is_to_somebody_else",
                violation_error_message="Decisions are passed on to somebody else.",
            ),
        ]

    class Privacy:
        erase = {"manager": "goes with the person", "delegate": "goes with the person"}
        keep = {
            "id": "pseudonym in the audit log",
            "first_day": "state",
            "last_day": "state",
            "created_at": "state",
            "revoked_at": "state",
        }


class HolidayChange(models.Model):
    """A company's own change to a country's public holidays: a day more, or one on which people do work."""

    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2, such as DE.")
    site = models.CharField(max_length=100, blank=True, help_text="Empty: every site in the country.")
    day = models.DateField()
    name = models.CharField(max_length=100, blank=True)
    is_holiday = models.BooleanField(default=True, help_text="Off: people work on this public holiday.")

    objects = querysets.HolidayChangeQuerySet.as_manager()

    class Meta:
        db_table = "leave_holiday_changes"
        constraints = [
            models.UniqueConstraint(fields=["country", "site", "day"], name="holiday_change_once_a_day"),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"),
                name="holiday_change_country_is_a_code",
                violation_error_message="The country is a code of two capital letters, such as DE.",
            ),
            models.CheckConstraint(
                condition=Q(is_holiday=False) | ~Q(name=""),
                name="holiday_change_names_a_new_holiday",
                violation_error_message="A holiday of your own needs a name.",
            ),
        ]

    class Privacy:
        erase: dict[str, str] = {}
        keep = {
            "id": "row id",
            "country": "company rule",
            "site": "company rule",
            "day": "company rule",
            "name": "company rule",
            "is_holiday": "company rule",
        }

    def __str__(self) -> str:
        return f"{self.country} {self.day}: {self.name if self.is_holiday else 'working day'}"


class WorkingWeek(models.Model):
    """On which weekdays a person works, where that is not simply the first ones of the week. 0, a half or 1 a day."""

    employee = models.OneToOneField(Employee, on_delete=models.CASCADE, related_name="working_week")
    monday = models.DecimalField(max_digits=2, decimal_places=1, default=Decimal("1.0"))
    tuesday = models.DecimalField(max_digits=2, decimal_places=1, default=Decimal("1.0"))
    wednesday = models.DecimalField(max_digits=2, decimal_places=1, default=Decimal("1.0"))
    thursday = models.DecimalField(max_digits=2, decimal_places=1, default=Decimal("1.0"))
    friday = models.DecimalField(max_digits=2, decimal_places=1, default=Decimal("1.0"))
    saturday = models.DecimalField(max_digits=2, decimal_places=1, default=Decimal("0.0"))
    sunday = models.DecimalField(max_digits=2, decimal_places=1, default=Decimal("0.0"))

    class Meta:
        db_table = "leave_working_weeks"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    monday__in=_HALF_DAYS,
                    tuesday__in=_HALF_DAYS,
                    wednesday__in=_HALF_DAYS,
                    thursday__in=_HALF_DAYS,
                    friday__in=_HALF_DAYS,
                    saturday__in=_HALF_DAYS,
                    sunday__in=_HALF_DAYS,
                ),
                name="working_week_of_half_days",
                violation_error_message="Each weekday is 0, 0.5 or 1.",
            )
        ]

    class Privacy:
        erase = {
            "employee": "goes with the person",
            "monday": "personal record",
            "tuesday": "personal record",
            "wednesday": "personal record",
            "thursday": "personal record",
            "friday": "personal record",
            "saturday": "personal record",
            "sunday": "personal record",
        }
        keep = {"id": "row id"}

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        """Monday first."""
        return tuple(getattr(self, name) for name in _WEEKDAYS)
