"""People and their records in the admin."""

from hr.admin.employees import EmployeeAdmin
from hr.admin.leave import (
    HolidayChangeAdmin,
    LeaveEntitlementAdmin,
    LeavePolicyAdmin,
    LeaveRequestAdmin,
    LeaveTypeAdmin,
    WorkingWeekAdmin,
)
from hr.admin.pay import PayCodeAdmin, PayDetailsAdmin, PaystubAdmin
from hr.admin.service_accounts import ServiceAccountAdmin

__all__ = [
    "EmployeeAdmin",
    "HolidayChangeAdmin",
    "LeaveEntitlementAdmin",
    "LeavePolicyAdmin",
    "LeaveRequestAdmin",
    "LeaveTypeAdmin",
    "PayCodeAdmin",
    "PayDetailsAdmin",
    "PaystubAdmin",
    "ServiceAccountAdmin",
    "WorkingWeekAdmin",
]
