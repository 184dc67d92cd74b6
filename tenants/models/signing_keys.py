"""The keys that sign tokens."""

from django.db import models

from tenants.querysets import SigningKeyQuerySet


class SigningKey(models.Model):
    """A key that signs access tokens. The secret is encrypted under the installation's SECRET_KEY."""

    class State(models.TextChoices):
        NEXT = "next", "Next"
        ACTIVE = "active", "Active"
        GRACE = "grace", "Grace"
        REVOKED = "revoked", "Revoked"

    kid = models.CharField(max_length=64, unique=True)
    algorithm = models.CharField(max_length=16, default="HS256")
    sealed_secret = models.BinaryField()
    state = models.CharField(max_length=16, choices=State.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    # When it began to sign; the age of a key counts from here.
    activated_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    grace_until = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=500, blank=True)

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        db_table = "signing_keys"
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="active"), name="one_active_signing_key"
            ),
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="next"), name="one_next_signing_key"),
            models.CheckConstraint(
                condition=models.Q(state__in=["next", "active", "grace", "revoked"]), name="signing_key_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kid} ({self.state})"
