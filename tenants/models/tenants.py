"""Tenants (companies) and their host names."""

import uuid
import zoneinfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django_tenants.models import DomainMixin, TenantMixin

from tenants.querysets import TenantQuerySet

HOST_NAME = RegexValidator(
    r"^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$",
    "A host name in lower case, such as acme.example.com, without port.",
)


def check_time_zone(name: str) -> None:
    """Accept a name of the IANA time zone database.

    :raises ValidationError: for any other text.
    """
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"{name} is not a time zone; write one such as Europe/Berlin or UTC.")


# hr.Employee.Role, which this layer cannot see.
ROLES = ["employee", "manager", "hr", "ceo"]


class Tenant(TenantMixin):
    """One company: a schema of its own, and `uuid` as the second wall (tokens, vectors, files, cache, tasks)."""

    class State(models.TextChoices):
        PROVISIONING = "provisioning", "Being set up"
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"

    class HrReading(models.TextChoices):
        """Whether HR may read what somebody asked. Whatever it says, sensitive messages are never read."""

        NEVER = "never", "Never"
        SHARED = "shared", "Only what its asker shared with HR"
        REASON = "reason", "With a reason, unless its asker kept it private"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PROVISIONING)
    state_reason = models.CharField(max_length=500, blank=True)
    min_confidence_threshold = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="Below this confidence the assistant says that the documents do not say. "
        "Empty: the installation's value.",
    )
    contact_name = models.CharField(max_length=200, blank=True, help_text="Whom to ask when the documents do not say.")
    contact_email = models.EmailField(blank=True)
    time_zone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[check_time_zone],
        help_text="Policies come into force at midnight there, for example Europe/Berlin.",
    )
    requires_review = models.BooleanField(
        default=False, help_text="A version is published only after a second HR person has reviewed it."
    )
    hr_reading = models.CharField(
        max_length=8,
        choices=HrReading.choices,
        default=HrReading.NEVER,
        help_text="Whether HR may read questions. It never reaches back to what was asked under a stricter rule.",
    )
    # Both stand here and not in the company's schema: every request has this row in its hand already.
    two_factor_roles = models.JSONField(
        default=list, blank=True, help_text="Roles whose people can do nothing without a second factor."
    )
    sso_only_roles = models.JSONField(
        default=list, blank=True, help_text="Roles whose people sign in through the company's own provider only."
    )
    suggested_questions = models.JSONField(
        default=list, blank=True, help_text='A list such as ["How many days of leave do I get?"]'
    )
    # Raised by a cut-off: tokens carry the number under which they were signed, and are refused under another one. No
    # time, because the clocks of two web servers may differ.
    token_epoch = models.PositiveIntegerField(default=1, editable=False)
    # Sessions of browsers and secrets of programs that are older are refused.
    signed_in_after = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # The schema is made by tenants.services.onboard, step by step, so that a crash leaves nothing half-made.
    auto_create_schema = False
    auto_drop_schema = False

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "tenants"
        verbose_name = "company"
        verbose_name_plural = "companies"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["provisioning", "active", "suspended"]), name="tenant_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(min_confidence_threshold__isnull=True)
                | models.Q(min_confidence_threshold__gte=0, min_confidence_threshold__lte=1),
                name="tenant_threshold_between_0_and_1",
            ),
            models.CheckConstraint(condition=~models.Q(schema_name="public"), name="tenant_schema_is_not_public"),
            models.CheckConstraint(
                condition=models.Q(hr_reading__in=["never", "shared", "reason"]), name="tenant_hr_reading_known"
            ),
            models.CheckConstraint(
                condition=models.Q(two_factor_roles__contained_by=ROLES), name="tenant_two_factor_roles_known"
            ),
            models.CheckConstraint(
                condition=models.Q(sso_only_roles__contained_by=ROLES), name="tenant_sso_only_roles_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE


class Domain(DomainMixin):
    """A host name that leads to a tenant."""

    domain = models.CharField(max_length=253, unique=True, validators=[HOST_NAME])

    class Meta:
        db_table = "domains"
        verbose_name = "host name"
