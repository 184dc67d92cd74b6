"""Which tenants and keys."""

from typing import Any

from django.db import models


class TenantQuerySet(models.QuerySet[Any]):
    def active(self) -> "TenantQuerySet":
        """Set up and not suspended."""
        return self.filter(state="active")

    def set_up(self) -> "TenantQuerySet":
        """Their schema stands, suspended or not."""
        return self.exclude(state="provisioning")

    def lasting(self) -> "TenantQuerySet":
        """Without the scratch companies of a running evaluation, whose host names end in .invalid."""
        return self.exclude(domains__domain__endswith=".invalid")


class SigningKeyQuerySet(models.QuerySet[Any]):
    def verifying(self) -> "SigningKeyQuerySet":
        """Keys whose tokens are still accepted; the caller checks `grace_until`."""
        return self.filter(state__in=["next", "active", "grace"])
