"""manage.py issue_token: an access token for scripts and first steps, recorded in the audit log."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import actors
from hr import tokens
from hr.models import Employee
from tenants import context
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Print an access token for a person. It is good for ACCESS_TOKEN_MINUTES and cannot be refreshed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", required=True, help="schema name of the company, such as acme")
        parser.add_argument("--email", required=True)
        parser.add_argument("--reason", default="issued by command", help="for the audit log")

    def handle(self, *args: Any, tenant: str, email: str, reason: str, **options: Any) -> None:
        company = Tenant.objects.active().filter(schema_name=tenant).first()
        if company is None:
            raise CommandError(f"there is no active company {tenant!r}")
        operator = actors.Actor(kind="operator", label="command:issue_token")
        with context.enter(company), actors.acting_as(operator):
            employee = Employee.objects.select_related("user").with_email(email).first()
            if employee is None:
                raise CommandError(f"{tenant} has nobody with this address")
            try:
                self.stdout.write(tokens.issue_access_token(employee=employee, reason=reason))
            except tokens.InvalidToken:
                raise CommandError("this person is deactivated or has no login") from None
