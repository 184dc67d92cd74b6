"""manage.py issue_token: an access token for scripts and first steps, recorded in the audit log."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import actors
from hr import tokens
from hr.models import Employee
from tenants import context
from tenants.management.base import find


class Command(BaseCommand):
    help = "Print an access token for a person. It is good for ACCESS_TOKEN_MINUTES and cannot be refreshed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="NAME", help="schema name or host name of the company")
        parser.add_argument("--email", required=True)
        parser.add_argument("--reason", default="issued by command", help="for the audit log")

    def handle(self, *args: Any, tenant: str, email: str, reason: str, **options: Any) -> None:
        company = find(tenant)
        if not company.is_active:
            raise CommandError(
                f"{company.name} is {company.get_state_display().lower()}; tokens are for active companies"
            )
        operator = actors.Actor(kind="operator", label="command:issue_token")
        with context.enter(company), actors.acting_as(operator):
            employee = Employee.objects.select_related("user").with_email(email).first()
            if employee is None:
                raise CommandError(f"{company.name} has nobody with this address")
            try:
                self.stdout.write(tokens.issue_access_token(employee=employee, reason=reason))
            except tokens.InvalidToken:
                raise CommandError("this person is deactivated or has no login") from None
