"""What suspend_tenant and resume_tenant share."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import actors
from tenants import services
from tenants.kill_switches import services as switches
from tenants.management import operators
from tenants.management.base import find
from tenants.models import Tenant


class LifecycleCommand(BaseCommand):
    """Moves one tenant, named by its schema, and says so. A reason is required, as on the admin's page."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="NAME", help="schema name or host name")
        parser.add_argument("--reason", required=True, help="kept in the audit log")
        parser.add_argument("--by", metavar="E-MAIL", help="the operator who decides this")

    def move(self, tenant: Tenant, *, by: str, reason: str, **options: Any) -> str:
        """Do it; what is printed after the company's name."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find(options.pop("tenant"))
        by = operators.label_of(options.pop("by"))
        with actors.acting_as(operators.acting(by)):
            try:
                done = self.move(tenant, by=by, reason=options.pop("reason"), **options)
            except switches.ReasonNeeded:
                raise CommandError("--reason needs at least 3 characters.") from None
            except (services.WrongTenantState, switches.CannotSwitchOff) as error:
                raise CommandError(f"{error}.".replace("..", ".")) from None
            except switches.SecondPersonNeeded as error:
                raise CommandError(f"{error} Name yourself with --by; ask for it with --request.") from None
        self.stdout.write(f"{tenant.name} {done}")
