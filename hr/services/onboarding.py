"""The company's first person, when the company is made."""

from hr import links
from hr.models import Employee
from hr.services.people import create_employee
from hr.services.sessions import new_sign_in_link
from tenants import context
from tenants.models import Tenant


def onboard_first_admin(*, tenant: Tenant, admin_email: str) -> str | None:
    """Step of onboarding: the company's first person, role ceo. Returns the path of a one-time sign-in link.

    Repeatable: an existing person with the address stays as they are.
    """
    with context.enter(tenant):
        known = Employee.objects.with_email(admin_email).first()
        if known is None:
            local_part = admin_email.split("@")[0]
            known = create_employee(
                email=admin_email,
                first_name=local_part.title(),
                last_name="Administrator",
                role=Employee.Role.CEO,
                employee_number="ADMIN001",
            )
        return links.sign_in_path(known)


def unused_owner_link(*, tenant: Tenant, admin_email: str) -> str | None:
    """Step of a repeated onboarding: a new link for an owner who has never chosen a password; None for anybody else."""
    with context.enter(tenant):
        owner = Employee.objects.active().with_email(admin_email).filter(role=Employee.Role.CEO).first()
        if owner is None or owner.user is None or owner.user.has_usable_password():
            return None
        return new_sign_in_link(employee=owner, reason="onboarding was repeated")
