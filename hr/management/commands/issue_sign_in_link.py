"""manage.py issue_sign_in_link: the way back in for somebody whom nobody in the company can help, such as its owner."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import actors
from hr import services
from hr.models import Employee
from tenants import context
from tenants.management.base import find


class Command(BaseCommand):
    help = "Print a one-time link with which a person chooses a new password, once, within 3 days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="NAME", help="schema name or host name of the company")
        parser.add_argument("--email", required=True)
        parser.add_argument("--reason", required=True, help="for the audit log")
        parser.add_argument(
            "--reset-second-factor",
            action="store_true",
            help="also remove app, passkeys and recovery codes, which no link replaces",
        )

    def handle(
        self, *args: Any, tenant: str, email: str, reason: str, reset_second_factor: bool, **options: Any
    ) -> None:
        company = find(tenant)
        operator = actors.Actor(kind="operator", label="command:issue_sign_in_link")
        with context.enter(company), actors.acting_as(operator):
            employee = Employee.objects.select_related("user").with_email(email).first()
            if employee is None:
                raise CommandError(f"{company.name} has nobody with this address")
            try:
                if reset_second_factor:
                    services.reset_second_factor(employee=employee, reason=reason)
                path = services.new_sign_in_link(employee=employee, reason=reason)
            except (services.NoLogin, services.NoSecondFactor) as error:
                raise CommandError(str(error)) from None
            host = company.domains.order_by("-is_primary", "pk").values_list("domain", flat=True).first()
        self.stdout.write(f"{host}{path}")
