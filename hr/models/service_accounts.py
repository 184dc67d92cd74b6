"""A company's programs: accounts of their own, with scopes instead of a person's rights."""

from datetime import datetime
from typing import Any, NoReturn

from django.db import models

from hr.models.employees import Employee
from tenants import context
from tenants.models import ServiceAccountBase


class ServiceAccount(ServiceAccountBase):
    """A program of the company. It stops when the person who answers for it leaves, or may no longer manage it."""

    class Reads(models.TextChoices):
        EMPLOYEE = "employee", "What every employee may read"
        HR = "hr", "Every company document, confidential ones included; nobody's personal documents"

    role = models.CharField(max_length=16, choices=Reads.choices, default=Reads.EMPLOYEE, verbose_name="reads")
    responsible = models.ForeignKey(Employee, on_delete=models.SET_NULL, null=True, related_name="service_accounts")

    class Meta(ServiceAccountBase.Meta):
        db_table = "service_accounts"
        verbose_name = "service account"
        constraints = [
            *ServiceAccountBase.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(role__in=["employee", "hr"]),
                name="serviceaccount_role_known",
                violation_error_message="Choose what it reads.",
            ),
        ]

    class Privacy:
        erase = {"responsible": "the link to the person goes with the person"}
        keep = {
            "id": "pseudonym in the audit log",
            "name": "a program's name, chosen by staff",
            "purpose": "written by staff, without personal detail",
            "role": "state",
            "scopes": "state",
            "public_id": "random",
            "digest": "digest of a random secret",
            "former_public_id": "random",
            "former_digest": "digest of a random secret",
            "former_until": "state",
            "created_at": "state",
            "secret_made_at": "state",
            "expires_at": "state",
            "last_used_at": "a program's, not a person's",
            "revoked_at": "state",
            "revoked_reason": "written by staff, without personal detail",
        }

    def state(self, *, now: datetime) -> str:
        """As of the base; `cut_off` when the secret is older than the company's last cut-off and needs a successor."""
        state = super().state(now=now)
        return "cut_off" if state in ("active", "orphaned") and self.is_cut_off() else state

    def is_cut_off(self) -> bool:
        """No query."""
        cut = context.current_tenant().signed_in_after
        return cut is not None and self.secret_made_at <= cut

    def has_responsible(self) -> bool:
        person = self.responsible
        return person is not None and person.is_active and person.role in (Employee.Role.HR, Employee.Role.CEO)


class ServiceCaller(Employee):
    """What stands in a request of a service account where a person's record stands otherwise. It is never stored.

    Its id is 0, which no row has: nothing personal belongs to it, nobody reports to it, and what would be kept under
    its name is refused by the database.
    """

    account: ServiceAccount

    class Meta:
        proxy = True

    @property
    def actor_label(self) -> str:
        return self.account.actor_label

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("a service account has no record of a person")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("a service account has no record of a person")
