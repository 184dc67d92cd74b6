"""Whose login it is, and what is asked of them."""

from django.contrib.auth.models import User
from django.http import HttpRequest

from audit.actors import Actor, current_actor
from hr.models import IdentityProvider
from hr.signin import marks
from tenants import context

BACKEND = "hr.backends.EmployeeBackend"


def actor_of(user: User) -> Actor:
    """The pseudonym in the audit log: a person of the company, or on the platform an operator."""
    request_id = current_actor().request_id
    if context.has_tenant():
        return Actor("employee", user.employee.actor_label, request_id)
    return Actor("operator", f"operator:{user.pk}", request_id)


def needs_second_factor(user: User) -> bool:
    """Operators always do; in a company its settings say for which roles. No query."""
    if not context.has_tenant():
        return True
    return user.employee.role in context.current_tenant().two_factor_roles


def signs_in_by_sso_only(user: User) -> bool:
    """Whether passwords and links do not open for this person. One query for the roles concerned, none for others.

    Never while the provider is switched off, and never for the owner who keeps a way in for the day it is down.
    """
    if not context.has_tenant() or user.employee.role not in context.current_tenant().sso_only_roles:
        return False
    active = IdentityProvider.objects.filter(is_active=True)
    return active.exclude(break_glass=user.employee).exists()


def owes_second_factor(request: HttpRequest) -> bool:
    """Whether the signed-in person can do nothing before they have given, or set up, a second factor. No query."""
    user = request.user
    return (
        user.is_authenticated
        and needs_second_factor(user)  # type: ignore[arg-type]
        and not marks.has_second_factor(request)
    )
