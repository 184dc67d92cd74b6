"""Incidents: what happened, the steps of the playbook, and a timeline to which one can only add."""

from django.db import models
from django.db.models import Q

from tenants.models import Tenant


class Incident(models.Model):
    """Something that went wrong, from the first suspicion to the review. No personal detail: ids and causes."""

    class Kind(models.TextChoices):
        LEAK = "leak", "Data leak suspected"
        OUTAGE = "outage", "Outage"
        LATENCY = "latency", "Slow answers"
        WRONG_ANSWERS = "hallucination", "Wrong answers"
        DATA_LOSS = "dataloss", "Data loss"

    class Severity(models.TextChoices):
        CRITICAL = "critical", "Critical"
        HIGH = "high", "High"
        MODERATE = "moderate", "Moderate"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        MITIGATED = "mitigated", "Contained"
        RESOLVED = "resolved", "Closed"

    ref = models.CharField("reference", max_length=16, unique=True, editable=False)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.LEAK)
    severity = models.CharField(max_length=16, choices=Severity.choices, default=Severity.CRITICAL)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    companies = models.ManyToManyField(Tenant, related_name="incidents", blank=True)
    summary = models.TextField(max_length=4000, blank=True)
    impact = models.TextField(max_length=4000, blank=True)
    root_cause = models.TextField(max_length=4000, blank=True)
    worked = models.TextField(max_length=4000, blank=True)
    did_not_work = models.TextField(max_length=4000, blank=True)
    action_items = models.JSONField(default=list, blank=True, help_text="Rows of owner, task and date.")
    tags = models.CharField(max_length=200, default="security")
    opened_by = models.CharField(max_length=120)
    opened_at = models.DateTimeField()
    mitigated_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "incidents"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "mitigated", "resolved"]), name="incident_state_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["leak", "outage", "latency", "hallucination", "dataloss"]),
                name="incident_kind_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="resolved") | ~Q(root_cause="") & ~Q(impact="") & Q(resolved_at__isnull=False),
                name="incident_closed_with_cause_and_impact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.RESOLVED


class IncidentStep(models.Model):
    """One step of an incident's playbook for one company; what it does stands in ragsite.incidents.playbook."""

    class State(models.TextChoices):
        WAITING = "waiting", "To do"
        DONE = "done", "Done"
        SKIPPED = "skipped", "Skipped"

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="steps")
    company = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", null=True)
    key = models.CharField(max_length=32)
    ordinal = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=120, blank=True)
    result = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "incident_steps"
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "company", "key"], name="one_step_of_a_kind", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(state__in=["done", "skipped"]) & Q(at__isnull=False) & ~Q(actor=""),
                name="incident_step_ended_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="skipped") | ~Q(result=""), name="incident_step_skipped_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"


class TimelineEntry(models.Model):
    """What happened when. A trigger refuses UPDATE and DELETE; `log` and `row` name the audit row that it tells of."""

    class Source(models.TextChoices):
        ACTION = "action", "Incident"
        AUDIT = "audit", "Audit log"
        MANUAL = "manual", "Note"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="timeline")
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    source = models.CharField(max_length=16, choices=Source.choices)
    text = models.CharField(max_length=1000)
    link = models.CharField(max_length=500, blank=True)
    log = models.CharField(max_length=64, blank=True)
    row = models.BigIntegerField(null=True)

    class Meta:
        db_table = "incident_timeline"
        constraints = [
            models.UniqueConstraint(fields=["incident", "log", "row"], name="an_audit_row_is_told_once"),
            models.CheckConstraint(condition=Q(source__in=["action", "audit", "manual"]), name="timeline_source_known"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.text}"
