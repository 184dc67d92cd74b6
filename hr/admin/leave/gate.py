"""Who may see leave in the admin: who decides for everybody, by the one decision of hr.access."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from hr import access
from hr.models import Employee
from tenants.console import CompanyOnly


class ForLeave(CompanyOnly):
    """HR and owners, to look at. Stands before the admin class it restricts."""

    def may(self, request: HttpRequest) -> bool:
        # On the platform's host there is no table of employees to ask.
        employee = getattr(request.user, "employee", None) if self.belongs_here() else None
        return employee is not None and access.decides_for_everybody(employee)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Some pages look for the row before they ask for permission.

        :raises django.core.exceptions.PermissionDenied: for anybody but HR and owners.
        """
        if not self.may(request):
            raise PermissionDenied
        return super().get_object(request, object_id, from_field)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.may(request)


def person(request: HttpRequest) -> Employee:
    """Who is at the console."""
    return request.user.employee  # type: ignore[union-attr]


def listed(employee: Employee) -> str:
    """A person as lists name them."""
    return f"{employee.last_name}, {employee.first_name} ({employee.employee_number})"
