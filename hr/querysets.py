"""Which people."""

from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models.expressions import RawSQL

# UNION, not UNION ALL: a circle of managers, should there ever be one, ends here as well.
_BELOW = """
WITH RECURSIVE below(id) AS (
    SELECT id FROM employees WHERE manager_id = %s
    UNION
    SELECT employees.id FROM employees JOIN below ON employees.manager_id = below.id
)
SELECT id FROM below
"""


class EmployeeQuerySet(models.QuerySet[Any]):
    def active(self) -> "EmployeeQuerySet":
        """Not deactivated."""
        return self.filter(is_active=True)

    def with_email(self, email: str) -> "EmployeeQuerySet":
        """The person with this address, whatever its case."""
        return self.filter(email__iexact=email.strip())

    def with_number(self, number: str) -> "EmployeeQuerySet":
        """Whoever has this employee number, whatever its case: people do not tell N1 from n1."""
        return self.filter(employee_number__iexact=number)

    def below(self, employee_id: int) -> "EmployeeQuerySet":
        """Everybody who reports to this person, directly or through others; not the person."""
        return self.filter(pk__in=RawSQL(_BELOW, [employee_id]))  # noqa: S611  # the text is ours, the id a parameter

    def without_password(self) -> "EmployeeQuerySet":
        """Active, with a login for which no password was ever chosen."""
        return self.active().filter(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
