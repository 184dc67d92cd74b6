"""What suspend_tenant and resume_tenant share."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import actors
from tenants import services
from tenants.management.base import find


class LifecycleCommand(BaseCommand):
    """Moves one tenant, named by its schema, and says so. A reason is required, as on the admin's page."""

    done = ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="NAME", help="schema name or host name")
        parser.add_argument("--reason", required=True, help="kept in the audit log")

    def service(self) -> Callable[..., None]:
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find(options["tenant"])
        reason = options["reason"].strip()
        if len(reason) < 3:
            raise CommandError("--reason needs at least 3 characters.")
        with actors.acting_as(actors.Actor(kind="operator", label="operator:shell")):
            try:
                self.service()(tenant=tenant, reason=reason)
            except services.WrongTenantState as error:
                raise CommandError(f"{error}.") from None
        self.stdout.write(f"{tenant.name} {self.done}")
