"""manage.py invite_employees --tenant acme --email dana@acme.example | --all-without-password"""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from hr import services
from hr.models import Employee
from tenants.management.base import TenantCommand
from tenants.models import Domain, Tenant


class Command(TenantCommand):
    help = "Give people a one-time link to choose a password: by mail where EMAIL_URL is set, otherwise printed."

    def add_arguments(self, parser: CommandParser) -> None:  # type: ignore[override]
        super().add_arguments(parser)
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--email", action="append", help="one person; can be repeated")
        who.add_argument("--all-without-password", action="store_true", help="everybody who never chose a password")
        parser.add_argument("--reason", default="invited by command", help="for the audit log")

    def handle_tenant(self, tenant: Tenant, **options: Any) -> None:
        base_url = _base_url(tenant)
        for employee in _people(options):
            try:
                invitation = services.invite(employee=employee, base_url=base_url, reason=options["reason"])
            except (services.NoLogin, services.AlreadySignedUp) as error:
                self.stderr.write(f"{employee.email}: {error}")
                continue
            self.stdout.write(f"{employee.email} {'mailed' if invitation.mailed else invitation.url}")


def _people(options: dict[str, Any]) -> list[Employee]:
    people = Employee.objects.select_related("user").order_by("pk")
    if options["all_without_password"]:
        return list(people.without_password())
    found = []
    for email in options["email"]:
        employee = people.with_email(email).first()
        if employee is None:
            raise CommandError("The company has nobody with this address.")
        found.append(employee)
    return found


def _base_url(tenant: Tenant) -> str:
    host = Domain.objects.filter(tenant=tenant).order_by("-is_primary", "pk").values_list("domain", flat=True)[0]
    if settings.SESSION_COOKIE_SECURE:
        return f"https://{host}"
    return f"http://{host}:{settings.ENV.port}"
