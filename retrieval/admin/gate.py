"""Who gets into the assistant's pages of the console: HR and owners; other people's words are for HR alone."""

from typing import Any

from django.http import HttpRequest

from hr import access
from hr.models import Employee
from tenants.console import CompanyOnly

# What is shown once must not stay in a browser's cache.
NO_STORE = {"Cache-Control": "private, no-store"}


class ForManagement(CompanyOnly):
    """HR and owners, by the one decision of hr.access."""

    def _may(self, request: HttpRequest) -> bool:
        # On the platform's host there is no table of employees to ask.
        employee = getattr(request.user, "employee", None) if self.belongs_here() else None
        return employee is not None and access.may_manage_documents(employee)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)


def person_of(request: HttpRequest) -> Employee:
    """Who is signed in. The console lets nobody in who is not in the company."""
    return request.user.employee  # type: ignore[union-attr]
