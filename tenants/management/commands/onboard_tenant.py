"""manage.py onboard_tenant --name "Acme" --domain acme.localhost --admin-email owner@acme.example"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import actors
from tenants import services


class Command(BaseCommand):
    help = "Make a company: row, host name, schema, first administrator. Repeating it finishes what a crash left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="the company's name")
        parser.add_argument("--domain", required=True, help="its host name, without port")
        parser.add_argument("--admin-email", required=True, help="becomes the owner (role ceo)")

    def handle(self, *args: Any, **options: Any) -> None:
        with actors.acting_as(actors.Actor(kind="operator", label="operator:shell")):
            try:
                services.check_lasting_host_name(options["domain"].strip().lower().rstrip("."))
                done = services.onboard(
                    name=options["name"], domain=options["domain"], admin_email=options["admin_email"]
                )
            except services.CannotOnboard as error:
                raise CommandError(str(error)) from None
            except ValidationError as error:
                raise CommandError(f"{options['domain']!r} is no usable host name. {error.message}") from None
        how = "is ready" if done.created else "was set up before"
        self.stdout.write(f"{done.tenant.name} {how} (schema {done.tenant.schema_name}).")
        if done.sign_in_link is None:
            self.stdout.write("Its administrator has a password already; nothing changed.")
            return
        scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
        port = "" if settings.SESSION_COOKIE_SECURE else f":{settings.ENV.port}"
        host = options["domain"].strip().lower().rstrip(".")
        self.stdout.write(f"One-time sign-in link for {options['admin_email']}, valid for 3 days:")
        self.stdout.write(f"{scheme}://{host}{port}{done.sign_in_link}")
