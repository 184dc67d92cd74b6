"""The API of people."""

from hr.api.auth import LogoutView, RefreshView, SignInView
from hr.api.employees import EmployeeListView, EmployeeView

__all__ = ["EmployeeListView", "EmployeeView", "LogoutView", "RefreshView", "SignInView"]
