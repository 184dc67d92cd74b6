"""People and their records in the admin."""

from hr.admin.employees import EmployeeAdmin

__all__ = ["EmployeeAdmin"]
