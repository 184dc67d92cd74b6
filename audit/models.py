"""The audit log: one append-only row per action, in the schema of the tenant it concerns (or the platform's)."""

from django.db import models

from audit.findings.models import Finding, SuspicionRule

__all__ = ["AuditCheckpoint", "AuditLog", "Finding", "SuspicionRule"]


class AuditLog(models.Model):
    """One action and its outcome.

    Plain columns without foreign keys: the row outlives what it speaks of. It holds pseudonyms, digests and counts
    only; `sealed_content` is the place for personal detail, encrypted under the subject's key. A trigger refuses
    UPDATE, DELETE and TRUNCATE.
    """

    class Outcome(models.TextChoices):
        SUCCESS = "success", "Success"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"

    at = models.DateTimeField(db_index=True)
    sequence = models.BigIntegerField(unique=True)
    actor_kind = models.CharField(max_length=16)
    actor = models.CharField(max_length=120)
    verb = models.CharField(max_length=64)
    target = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    reason = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    prompt_version = models.CharField(max_length=64, blank=True)
    model_version = models.CharField(max_length=120, blank=True)
    confidence = models.FloatField(null=True, db_index=True)
    digest = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)
    sealed_content = models.BinaryField(null=True)
    subject_key_id = models.CharField(max_length=64, blank=True)
    previous_hash = models.BinaryField()
    row_hash = models.BinaryField()

    class Meta:
        db_table = "audit_logs"
        # With the time, as a page shows the newest rows of somebody, of a verb, of a target.
        indexes = [
            models.Index(fields=["actor", "-at"], name="audit_of_actor"),
            models.Index(fields=["verb", "-at"], name="audit_of_verb"),
            models.Index(fields=["target", "-at"], name="audit_of_target"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confidence__isnull=True) | models.Q(confidence__gte=0, confidence__lte=1),
                name="audit_confidence_between_0_and_1",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["success", "refused", "failed"]), name="audit_outcome_known"
            ),
        ]

    class Privacy:
        keep = {
            "id": "position in the log",
            "at": "evidence",
            "sequence": "evidence of completeness",
            "actor_kind": "evidence",
            "actor": "pseudonym",
            "verb": "evidence",
            "target": "pseudonym or id",
            "outcome": "evidence",
            "reason": "written by staff, without personal detail",
            "request_id": "correlation",
            "prompt_version": "evidence",
            "model_version": "evidence",
            "confidence": "evidence",
            "digest": "digest only",
            "details": "ids, digests and counts only",
            "subject_key_id": "key name",
            "previous_hash": "chain",
            "row_hash": "chain",
        }
        erase = {"sealed_content": "unreadable once the subject's key is destroyed"}

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.verb} {self.target} {self.outcome}"


class AuditCheckpoint(models.Model):
    """That a checkpoint of this schema's log was written to the file store, and what it says.

    The signed file is what counts; the row tells that there must be one, and saves listing the store every minute.
    """

    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    sequence = models.BigIntegerField(help_text="The last row that it covers.")
    row_hash = models.BinaryField(help_text="That row's hash.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file.")

    class Meta:
        db_table = "audit_checkpoints"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number__gte=1, sequence__gte=1), name="audit_checkpoint_counts_from_1"
            ),
        ]

    class Privacy:
        keep = {
            "id": "state",
            "number": "evidence",
            "at": "evidence",
            "sequence": "evidence",
            "row_hash": "chain",
            "digest": "digest only",
        }

    def __str__(self) -> str:
        return f"checkpoint {self.number}: row {self.sequence}"
