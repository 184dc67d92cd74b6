"""Which tenants, keys and switches."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone


class TenantQuerySet(models.QuerySet[Any]):
    def active(self) -> "TenantQuerySet":
        """Set up, and neither suspended nor off with the whole platform: those that tasks work for."""
        switches = self.model._meta.get_field("kill_switches").related_model._default_manager
        platform_off = switches.in_force(timezone.now()).filter(scope="platform", feature="everything")
        return self.filter(~models.Exists(platform_off), state="active")

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


class KillSwitchQuerySet(models.QuerySet[Any]):
    def engaged(self) -> "KillSwitchQuerySet":
        """Neither released nor recorded as lapsed."""
        return self.filter(state="engaged")

    def in_force(self, now: datetime) -> "KillSwitchQuerySet":
        """Engaged, and not over by now; what is over is recorded a moment later."""
        return self.engaged().filter(models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=now))

    def of_company(self, tenant: Any) -> "KillSwitchQuerySet":
        """What concerns a company: its own and the platform's."""
        return self.filter(models.Q(tenant=tenant) | models.Q(tenant__isnull=True))

    def waiting_for_release(self) -> "KillSwitchQuerySet":
        """Somebody asked for their release; a second person has to decide."""
        return self.engaged().exclude(release_requested_by="")
