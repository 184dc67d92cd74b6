"""Refresh tokens of the API."""

from django.db import models

from hr.models.employees import Employee


class RefreshToken(models.Model):
    """One link of a chain of refresh tokens. Using a link twice is theft and revokes the whole family."""

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="refresh_tokens")
    family = models.UUIDField(db_index=True)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token's jti.")
    created_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, help_text="When the family began, with a password.")
    browser = models.CharField(max_length=60, blank=True, help_text="Family only, such as curl.")
    network = models.CharField(max_length=60, blank=True, help_text="The wider network, never an address.")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "refresh_tokens"

    class Privacy:
        erase = {
            "employee": "goes with the person",
            "browser": "what the person uses, in coarse words",
            "network": "where the person was, in coarse words",
        }
        keep = {
            "id": "row id",
            "family": "random",
            "digest": "random",
            "created_at": "state",
            "begun_at": "state",
            "expires_at": "state",
            "used_at": "state",
            "revoked_at": "state",
        }
