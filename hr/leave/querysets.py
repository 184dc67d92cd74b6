"""Which rows of leave."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

_ACTIVE = ("requested", "approved")


class LeavePolicyQuerySet(models.QuerySet[Any]):
    def for_people(self, *, country: str, employment_type: str) -> "LeavePolicyQuerySet":
        """Those that may count for people of this country and employment type. An empty country has none."""
        return self.filter(country=country or "-", employment_type__in=["", employment_type])


class LeaveEntitlementQuerySet(models.QuerySet[Any]):
    def in_force(self) -> "LeaveEntitlementQuerySet":
        """Not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


class LeaveRequestQuerySet(models.QuerySet[Any]):
    def active(self) -> "LeaveRequestQuerySet":
        """Waiting or approved: those that take days and cannot overlap."""
        return self.filter(state__in=_ACTIVE)

    def waiting(self) -> "LeaveRequestQuerySet":
        """Not decided yet."""
        return self.filter(state="requested")

    def of_people(self, people: Collection[int]) -> "LeaveRequestQuerySet":
        """Of these employees, by id."""
        return self.filter(employee_id__in=people)

    def touching(self, *, first: date, last: date) -> "LeaveRequestQuerySet":
        """With at least one day from `first` to `last`, both included."""
        return self.filter(first_day__lte=last, last_day__gte=first)


class LeaveDelegationQuerySet(models.QuerySet[Any]):
    def in_force_on(self, day: date) -> "LeaveDelegationQuerySet":
        """Begun, not over and not revoked."""
        return self.filter(first_day__lte=day, last_day__gte=day, revoked_at__isnull=True)

    def not_over_on(self, day: date) -> "LeaveDelegationQuerySet":
        """In force on `day` or later."""
        return self.filter(last_day__gte=day, revoked_at__isnull=True)


class HolidayChangeQuerySet(models.QuerySet[Any]):
    def for_place(self, *, country: str, site: str) -> "HolidayChangeQuerySet":
        """Of the whole country, and of this site (without regard to case)."""
        return self.filter(Q(site="") | Q(site__iexact=site.strip()), country=country)
