"""Leave in the admin, for HR and the owner."""

from hr.admin.leave.people import LeaveEntitlementAdmin, WorkingWeekAdmin
from hr.admin.leave.requests import LeaveRequestAdmin
from hr.admin.leave.rules import HolidayChangeAdmin, LeavePolicyAdmin, LeaveTypeAdmin

__all__ = [
    "HolidayChangeAdmin",
    "LeaveEntitlementAdmin",
    "LeavePolicyAdmin",
    "LeaveRequestAdmin",
    "LeaveTypeAdmin",
    "WorkingWeekAdmin",
]
