"""Who gets into pay in the admin: HR only, by the one decision of hr.access."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from hr import access
from hr.models import Employee
from tenants import context
from tenants.console import CompanyOnly

# What is shown once must not stay in a browser's cache.
NO_STORE = {"Cache-Control": "private, no-store"}


class ForPay(CompanyOnly):
    """Owners administer the company and do not see what people are paid."""

    def _may(self, request: HttpRequest) -> bool:
        # On the platform's host there is no table of employees to ask.
        employee = getattr(request.user, "employee", None) if self.belongs_here() else None
        return employee is not None and access.may_manage_pay(employee)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Some pages look for the row before they ask for permission, and would tell owners which ids there are.

        :raises django.core.exceptions.PermissionDenied: for anybody but HR.
        """
        if not self._may(request):
            raise PermissionDenied
        return super().get_object(request, object_id, from_field)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)


class EditedForPay(ForPay):
    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self._may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)


def person_of(request: HttpRequest) -> Employee:
    """
    :raises django.core.exceptions.PermissionDenied: on the platform's host, where nobody is an employee.
    """
    if not context.has_tenant():
        raise PermissionDenied
    return request.user.employee  # type: ignore[union-attr]
