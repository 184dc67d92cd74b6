"""API permissions: thin questions to hr.access."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from hr import access

if TYPE_CHECKING:  # the framework imports this module while it makes its views
    from rest_framework.views import APIView


class IsActiveEmployee(BasePermission):
    """A signed-in, active person of the host's company."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        employee = getattr(request, "employee", None)
        return employee is not None and employee.is_active


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
