"""Which people."""

from typing import Any

from django.db import models


class EmployeeQuerySet(models.QuerySet[Any]):
    def active(self) -> "EmployeeQuerySet":
        """Not deactivated."""
        return self.filter(is_active=True)

    def with_email(self, email: str) -> "EmployeeQuerySet":
        """The person with this address, whatever its case."""
        return self.filter(email__iexact=email.strip())
