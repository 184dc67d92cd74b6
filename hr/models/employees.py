"""People of a company, with what decides which documents they may read and which policies apply to them."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from hr.querysets import EmployeeQuerySet


class Employee(models.Model):
    """The HR record of a person. May exist without a login."""

    class Role(models.TextChoices):
        EMPLOYEE = "employee", "Employee"
        MANAGER = "manager", "Manager"
        HR = "hr", "HR"
        CEO = "ceo", "CEO (owner)"

    class EmploymentType(models.TextChoices):
        FULL_TIME = "full_time", "Full time"
        PART_TIME = "part_time", "Part time"
        TEMPORARY = "temporary", "Temporary"
        APPRENTICE = "apprentice", "Apprentice"
        INTERN = "intern", "Intern"
        CONTRACTOR = "contractor", "Contractor"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="employee"
    )
    employee_number = models.CharField(max_length=32, unique=True)
    email = models.EmailField()
    first_name = models.CharField(max_length=150)
    last_name = models.CharField(max_length=150)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.EMPLOYEE)
    department = models.CharField(max_length=100, blank=True)
    manager = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reports")
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2, such as DE.")
    site = models.CharField(max_length=100, blank=True)
    employment_type = models.CharField(max_length=16, choices=EmploymentType.choices, blank=True)
    grade = models.CharField(max_length=32, blank=True)
    # Leave is counted in working days, so part time is a number of days a week and not a percentage.
    working_days_per_week = models.DecimalField(max_digits=2, decimal_places=1, default=Decimal("5.0"))
    start_date = models.DateField(null=True, blank=True, help_text="First day of employment.")
    end_date = models.DateField(null=True, blank=True, help_text="Last day of employment.")
    language = models.CharField(max_length=8, blank=True, help_text="ISO 639-1, such as de.")
    is_active = models.BooleanField(default=True)
    # Raised whenever what this person may do changes; tokens carry it and are refused when it differs.
    token_version = models.PositiveIntegerField(default=1)
    # Browsers that signed in before are signed out by their next click.
    signed_in_after = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EmployeeQuerySet.as_manager()

    class Meta:
        db_table = "employees"
        # Names in questions are looked up (hr/mentions.py).
        indexes = [
            models.Index(Lower("last_name"), name="employee_by_last_name"),
            # The order of the console's list.
            models.Index(fields=["last_name", "first_name", "id"], name="employee_in_order"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="employee_email_unique",
                violation_error_message="Somebody in this company has this e-mail address already.",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["employee", "manager", "hr", "ceo"]),
                name="employee_role_known",
                violation_error_message="Choose one of the roles.",
            ),
            models.CheckConstraint(
                condition=models.Q(country="") | models.Q(country__regex=r"^[A-Z]{2}$"),
                name="employee_country_is_a_code",
                violation_error_message="The country is a code of two capital letters, such as DE.",
            ),
            models.CheckConstraint(
                condition=models.Q(employment_type="")
                | models.Q(
                    employment_type__in=["full_time", "part_time", "temporary", "apprentice", "intern", "contractor"]
                ),
                name="employee_employment_type_known",
                violation_error_message="Choose one of the employment types.",
            ),
            models.CheckConstraint(
                condition=models.Q(working_days_per_week__gt=0, working_days_per_week__lte=7),
                name="employee_works_some_days_a_week",
                violation_error_message="More than 0 and at most 7 working days a week.",
            ),
            models.CheckConstraint(
                condition=models.Q(end_date__isnull=True)
                | models.Q(start_date__isnull=True)
                | models.Q(end_date__gte=models.F("start_date")),
                name="employee_ends_after_the_start",
                violation_error_message="The last day of employment is before the first.",
            ),
            models.CheckConstraint(
                condition=models.Q(manager__isnull=True) | ~models.Q(manager=models.F("id")),
                name="employee_is_not_their_own_manager",
                violation_error_message="Nobody is their own manager.",
            ),
        ]

    class Privacy:
        erase = {
            "user": "the login goes with the person",
            "employee_number": "identifies",
            "email": "identifies",
            "first_name": "identifies",
            "last_name": "identifies",
            "department": "identifies in a small company",
            "manager": "identifies in a small company",
            "country": "identifies in a small company",
            "site": "identifies in a small company",
            "employment_type": "personal record",
            "grade": "personal record",
            "working_days_per_week": "personal record",
            "start_date": "personal record",
            "end_date": "personal record",
            "language": "personal record",
        }
        keep = {
            "id": "pseudonym in the audit log",
            "role": "not identifying by itself",
            "is_active": "state",
            "token_version": "counter",
            "signed_in_after": "state",
            "created_at": "state",
            "updated_at": "state",
        }

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def actor_label(self) -> str:
        """The pseudonym under which this person appears in the audit log."""
        return f"employee:{self.pk}"
