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
from hr.models.pay import PayCode, PayDetails, Paystub
from hr.models.refresh_tokens import RefreshToken
from hr.models.service_accounts import ServiceAccount, ServiceCaller
from hr.models.sessions import BrowserSession
from hr.models.single_sign_on import ExternalIdentity, IdentityProvider
from hr.models.subject_keys import SubjectKey

__all__ = [
    "BrowserSession",
    "Employee",
    "ExternalIdentity",
    "HolidayChange",
    "IdentityProvider",
    "LeaveDelegation",
    "LeaveEntitlement",
    "LeavePolicy",
    "LeaveRequest",
    "LeaveType",
    "PayCode",
    "PayDetails",
    "Paystub",
    "RefreshToken",
    "ServiceAccount",
    "ServiceCaller",
    "SubjectKey",
    "WorkingWeek",
]
