"""API permissions: thin questions to hr.access."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class IsActiveEmployee(BasePermission):
    """A signed-in, active person of the host's company."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        employee = getattr(request, "employee", None)
        return employee is not None and employee.is_active
