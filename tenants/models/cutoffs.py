"""Moments before which no token of a company counts."""

from django.db import models

from tenants.models.tenants import Tenant


class TokenCutoff(models.Model):
    """One cut-off, kept as history. What is compared on every request stands in the company's own row."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="token_cutoffs")
    not_before = models.DateTimeField(help_text="Tokens, sessions and secrets that are older are refused.")
    epoch = models.PositiveIntegerField(help_text="The number that tokens carry from then on.")
    kid = models.CharField(max_length=64, blank=True, help_text="The revoked key that made it necessary.")
    by = models.CharField(max_length=120)
    reason = models.CharField(max_length=500)

    class Meta:
        db_table = "token_cutoffs"
        constraints = [models.UniqueConstraint(fields=["tenant", "epoch"], name="one_token_cutoff_per_epoch")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.not_before:%Y-%m-%d %H:%M:%S}"
