"""People of a company."""

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

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="employee"
    )
    employee_number = models.CharField(max_length=32, unique=True)
    email = models.EmailField()
    first_name = models.CharField(max_length=150)
    last_name = models.CharField(max_length=150)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.EMPLOYEE)
    is_active = models.BooleanField(default=True)
    # Raised whenever what this person may do changes; tokens carry it and are refused when it differs.
    token_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EmployeeQuerySet.as_manager()

    class Meta:
        db_table = "employees"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="employee_email_unique"),
            models.CheckConstraint(
                condition=models.Q(role__in=["employee", "manager", "hr", "ceo"]), name="employee_role_known"
            ),
        ]

    class Privacy:
        erase = {
            "user": "the login goes with the person",
            "employee_number": "identifies",
            "email": "identifies",
            "first_name": "identifies",
            "last_name": "identifies",
        }
        keep = {
            "id": "pseudonym in the audit log",
            "role": "not identifying by itself",
            "is_active": "state",
            "token_version": "counter",
            "created_at": "state",
            "updated_at": "state",
        }

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def actor_label(self) -> str:
        """The pseudonym under which this person appears in the audit log."""
        return f"employee:{self.pk}"


class RefreshToken(models.Model):
    """One link of a chain of refresh tokens. Using a link twice is theft and revokes the whole family."""

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="refresh_tokens")
    family = models.UUIDField(db_index=True)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token's jti.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "refresh_tokens"

    class Privacy:
        erase = {"employee": "goes with the person"}
        keep = {
            "id": "row id",
            "family": "random",
            "digest": "random",
            "created_at": "state",
            "expires_at": "state",
            "used_at": "state",
            "revoked_at": "state",
        }
