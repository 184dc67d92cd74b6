"""People and their records."""

from hr.models.employees import Employee
from hr.models.leave import (
    HolidayChange,
    LeaveDelegation,
    LeaveEntitlement,
    LeavePolicy,
    LeaveRequest,
    LeaveType,
    WorkingWeek,
)
from hr.models.refresh_tokens import RefreshToken

__all__ = [
    "Employee",
    "HolidayChange",
    "LeaveDelegation",
    "LeaveEntitlement",
    "LeavePolicy",
    "LeaveRequest",
    "LeaveType",
    "RefreshToken",
    "WorkingWeek",
]
