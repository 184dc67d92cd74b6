"""Programs that call the API in their own name, and the tokens of operators' scripts."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone


class ServiceAccountBase(models.Model):
    """What a company's and the platform's service accounts have in common. The secret itself is stored nowhere."""

    name = models.CharField(max_length=100, unique=True)
    purpose = models.CharField(max_length=500, blank=True, help_text="What it is for, and whom to ask about it.")
    scopes = models.JSONField(default=list)
    public_id = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    # The secret before the last rotation, as long as it may still be used.
    former_public_id = models.CharField(max_length=16, blank=True, db_index=True)
    former_digest = models.CharField(max_length=64, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    secret_made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("secret_made_at"))
                & models.Q(expires_at__lte=models.F("secret_made_at") + timedelta(days=365)),
                name="%(class)s_lasts_a_year_at_most",
                violation_error_message="A secret is good for a year at most.",
            ),
            models.CheckConstraint(
                condition=~models.Q(scopes=[]),
                name="%(class)s_has_scopes",
                violation_error_message="Choose at least one scope.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor_label(self) -> str:
        """The name under which it appears in the audit log."""
        return f"service:{self.pk}"

    def state(self, *, now: datetime) -> str:
        """revoked, expired, orphaned (nobody answers for it), or active."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at <= now:
            return "expired"
        return "active" if self.has_responsible() else "orphaned"

    @property
    def is_active(self) -> bool:
        return self.state(now=timezone.now()) == "active"

    def has_responsible(self) -> bool:
        raise NotImplementedError


# No foreign keys to operators' logins: the table of logins exists in every schema, and Django, deleting an employee's
# login, would follow the key to the operator with the same number.
class PlatformServiceAccount(ServiceAccountBase):
    """A program of the operators. It stops when the operator who answers for it is no longer one."""

    operator_id = models.BigIntegerField(null=True, help_text="The operator who answers for it.")

    class Meta(ServiceAccountBase.Meta):
        db_table = "platform_service_accounts"
        verbose_name = "service account"

    @property
    def actor_label(self) -> str:
        return f"service:platform:{self.pk}"

    def has_responsible(self) -> bool:
        """One query; in the public schema only, where operators' logins are."""
        operators = User.objects.filter(is_active=True, is_superuser=True)
        return self.operator_id is not None and operators.filter(pk=self.operator_id).exists()


class OperatorToken(models.Model):
    """A token for an operator's scripts: an hour long, ended by log-out and by another password."""

    operator_id = models.BigIntegerField(db_index=True)
    public_id = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    password_mark = models.CharField(max_length=16)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "operator_tokens"

    def __str__(self) -> str:
        return f"operator:{self.operator_id}"
