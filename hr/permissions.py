"""API permissions: thin questions to hr.access.

Every view also names in `api_scope` what a service account needs for it; see tenants.machines.scopes.
"""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from hr import access
from hr.models import ServiceCaller
from tenants.machines import scopes

if TYPE_CHECKING:  # the framework imports this module while it makes its views
    from rest_framework.views import APIView


class IsActiveEmployee(BasePermission):
    """A signed-in, active person of the host's company, or one of its service accounts with the view's scope.

    :raises rest_framework.exceptions.PermissionDenied: for a service account without it, saying what it lacks.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        employee = getattr(request, "employee", None)
        if employee is None or not employee.is_active:
            return False
        if isinstance(employee, ServiceCaller):
            scopes.require(held=employee.account.scopes, view=view, method=request.method)
        return True


class ManagesDocuments(IsActiveEmployee):
    """One who may upload, delete, and see a document's processing."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return super().has_permission(request, view) and access.may_manage_documents(
            request.employee  # type: ignore[attr-defined]  # set by the gate
        )


class ManagesPeople(IsActiveEmployee):
    """One who may hire, correct and import people."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return super().has_permission(request, view) and access.may_manage_people(
            request.employee  # type: ignore[attr-defined]  # set by the gate
        )
