"""Sign-in by e-mail address and password: employees in their tenant's schema, operators in the public one."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest

from tenants import context
from tenants.kill_switches import state


class EmployeeBackend(ModelBackend):
    """Django's own backend, plus: inside a company only the login of an active employee counts."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        email = (username or kwargs.get("email") or "").strip().lower()
        return super().authenticate(request, username=email, password=password)  # type: ignore[return-value]

    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and _is_current(user)

    def get_user(self, user_id: Any) -> User | None:
        """Asked on every request with a session: a person deactivated a moment ago is signed out by the next click."""
        user = User.objects.select_related("employee").filter(pk=user_id).first() if context.has_tenant() else None
        if not context.has_tenant():
            return super().get_user(user_id)  # type: ignore[return-value]
        return user if user is not None and self.user_can_authenticate(user) else None


def _is_current(user: User) -> bool:
    if not context.has_tenant():
        return user.is_superuser
    employee = getattr(user, "employee", None)
    return employee is not None and employee.is_active and state.off_for_person(employee.pk) is None
