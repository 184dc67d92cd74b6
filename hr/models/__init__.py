"""People and their records."""

from hr.models.employees import Employee
from hr.models.refresh_tokens import RefreshToken

__all__ = ["Employee", "RefreshToken"]
