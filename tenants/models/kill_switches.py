"""What is switched off, for whom and by whom; what waits meanwhile; and which processes have noticed."""

from django.db import models
from django.db.models import F, Q

from tenants.models.tenants import Tenant
from tenants.querysets import KillSwitchQuerySet

# Labels of persons among operators; programs and the bare shell are nobody in particular.
PERSON_PATTERN = r"^operator:[0-9]+$"


class KillSwitch(models.Model):
    """Something that is off, from `enabled_at` until it is released or `expires_at` has passed.

    Rows stay as history. Two persons are in every release: who engaged it, or asked for its release, is never who
    releases it; the database refuses such a row, whatever code wrote it.
    """

    class Scope(models.TextChoices):
        PLATFORM = "platform", "Every company"
        TENANT = "tenant", "One company"
        EMPLOYEE = "employee", "One person"

    class Feature(models.TextChoices):
        EVERYTHING = "everything", "Everything"
        LANGUAGE_MODEL = "language_model", "Language model"
        TOOLS = "tools", "Looking into personal records"
        VECTORS = "vectors", "Search by meaning"
        UPLOADS = "uploads", "Uploads"

    class State(models.TextChoices):
        ENGAGED = "engaged", "Off"
        RELEASED = "released", "Released"
        LAPSED = "lapsed", "Lapsed"

    scope = models.CharField(max_length=16, choices=Scope.choices)
    feature = models.CharField(max_length=16, choices=Feature.choices)
    tenant = models.ForeignKey(
        Tenant, null=True, blank=True, on_delete=models.CASCADE, related_name="kill_switches", verbose_name="company"
    )
    # A number in the company's schema, where the person is; no key leads there from here.
    employee_id = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.ENGAGED)
    reason = models.CharField(max_length=500)
    enabled_by = models.CharField(max_length=120)
    enabled_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    release_requested_by = models.CharField(max_length=120, blank=True)
    release_requested_at = models.DateTimeField(null=True, blank=True)
    release_request_reason = models.CharField(max_length=500, blank=True)
    released_by = models.CharField(max_length=120, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    release_reason = models.CharField(max_length=500, blank=True)
    # Counts every change of every switch, in the order of their commits; a process says up to which one it has read.
    generation = models.BigIntegerField()
    effect_seconds = models.FloatField(
        null=True, blank=True, help_text="From the switch until the last process refused. Empty: not measured."
    )
    effect_processes = models.PositiveIntegerField(default=0, help_text="Processes that confirmed it.")
    effect_silent = models.PositiveIntegerField(default=0, help_text="Processes that had not confirmed it in time.")

    objects = KillSwitchQuerySet.as_manager()

    class Meta:
        db_table = "kill_switches"
        verbose_name = "kill switch"
        verbose_name_plural = "kill switches"
        indexes = [
            models.Index(fields=["generation"], name="kill_switch_generation"),
            models.Index(fields=["state"], condition=Q(state="engaged"), name="kill_switch_engaged"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=["platform", "tenant", "employee"]), name="kill_switch_scope_known"
            ),
            models.CheckConstraint(
                condition=Q(feature__in=["everything", "language_model", "tools", "vectors", "uploads"]),
                name="kill_switch_feature_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["engaged", "released", "lapsed"]), name="kill_switch_state_known"
            ),
            models.CheckConstraint(
                condition=Q(scope="platform", tenant__isnull=True, employee_id__isnull=True)
                | Q(scope="tenant", tenant__isnull=False, employee_id__isnull=True)
                | Q(scope="employee", tenant__isnull=False, employee_id__isnull=False, feature="everything"),
                name="kill_switch_target_fits_scope",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="kill_switch_has_a_reason"),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("enabled_at")),
                name="kill_switch_expires_after_it_began",
            ),
            models.CheckConstraint(
                condition=(Q(state="released", released_at__isnull=False) & ~Q(release_reason=""))
                | Q(state="lapsed", released_at__isnull=False, released_by="")
                | Q(state="engaged", released_at__isnull=True, released_by=""),
                name="kill_switch_end_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state="released")
                | (
                    Q(released_by__regex=PERSON_PATTERN)
                    & ~Q(released_by=F("enabled_by"))
                    & ~Q(released_by=F("release_requested_by"))
                    & (Q(enabled_by__regex=PERSON_PATTERN) | Q(release_requested_by__regex=PERSON_PATTERN))
                ),
                name="kill_switch_second_person_releases",
            ),
            models.UniqueConstraint(
                fields=["scope", "feature", "tenant", "employee_id"],
                condition=Q(state="engaged"),
                nulls_distinct=False,
                name="kill_switch_engaged_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_feature_display()}: {self.target_label}"

    @property
    def target_label(self) -> str:
        """Whom it concerns, in words. One query unless the company was loaded along."""
        if self.tenant_id is None:
            return "every company"
        if self.employee_id is None:
            return str(self.tenant)
        return f"person {self.employee_id} of {self.tenant}"

    @property
    def is_engaged(self) -> bool:
        return self.state == self.State.ENGAGED


class ParkedTask(models.Model):
    """A task that came while its company, or what it needs, was off. It is sent again on release."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="parked_tasks")
    task = models.CharField(max_length=120)
    # Ids only, as in every task; text, so that the same task twice is one row.
    arguments = models.CharField(max_length=500)
    feature = models.CharField(max_length=16, choices=KillSwitch.Feature.choices)
    parked_at = models.DateTimeField()

    class Meta:
        db_table = "parked_tasks"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "task", "arguments"], name="parked_task_waits_once"),
        ]

    def __str__(self) -> str:
        return f"{self.task} of {self.tenant}"


class SwitchWitness(models.Model):
    """A process of this installation and the newest switch it has read. Rows of dead processes go after a day."""

    process = models.CharField(max_length=120, primary_key=True)
    kind = models.CharField(max_length=16)
    generation = models.BigIntegerField()
    noticed_at = models.DateTimeField()
    alive_at = models.DateTimeField()

    class Meta:
        db_table = "switch_witnesses"

    def __str__(self) -> str:
        return self.process
