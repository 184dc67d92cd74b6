"""Data keys of subjects: what is sealed about one person opens under that person's key only."""

import uuid

from django.db import models
from django.db.models import Q

from hr.models.employees import Employee


class SubjectKey(models.Model):
    """One data key of one person, wrapped by a master key. One is current; retired ones open what is not yet resealed.

    Destroying the key destroys what was sealed under it, in every copy of the sealed rows.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="subject_keys")
    wrapped_key = models.BinaryField(null=True)
    master_key_id = models.CharField(max_length=16, db_index=True, help_text="Digest of the master key that wraps it.")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)
    # Rows of the audit log are never written anew, so their key stays when the others of its age are deleted.
    seals_audit = models.BooleanField(default=False)

    class Meta:
        db_table = "subject_keys"
        constraints = [
            # A destroyed key stays the current one: nothing is sealed anew about an erased person.
            models.UniqueConstraint(
                fields=["employee"],
                condition=Q(retired_at__isnull=True),
                name="subject_key_one_is_current",
                violation_error_message="The person has a current key already.",
            ),
            models.CheckConstraint(
                condition=Q(wrapped_key__isnull=True, destroyed_at__isnull=False)
                | Q(wrapped_key__isnull=False, destroyed_at__isnull=True),
                name="subject_key_is_there_or_destroyed",
                violation_error_message="A key is either there or destroyed.",
            ),
        ]

    class Privacy:
        erase = {"wrapped_key": "destroyed, which makes everything sealed under it unreadable"}
        keep = {
            "id": "random",
            "employee": "pseudonym; says that a key was destroyed",
            "master_key_id": "digest of a key",
            "created_at": "state",
            "retired_at": "state",
            "destroyed_at": "evidence of the erasure",
            "seals_audit": "state",
        }
