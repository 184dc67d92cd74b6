"""People and their records in the admin."""

from hr.admin.employees import EmployeeAdmin
from hr.admin.pay import PayCodeAdmin, PayDetailsAdmin, PaystubAdmin

__all__ = ["EmployeeAdmin", "PayCodeAdmin", "PayDetailsAdmin", "PaystubAdmin"]
