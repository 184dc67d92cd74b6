"""Commands about audit logs: `--tenant acme`, `--all-tenants` or `--platform`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit import actors
from tenants import audit_logs
from tenants.management.base import find


class LogCommand(BaseCommand):
    """Runs `handle_log` inside the schema of each chosen log, as the operator's shell."""

    one_only = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        chosen = parser.add_mutually_exclusive_group(required=True)
        chosen.add_argument("--tenant", metavar="NAME", help="the log of the company with this schema or host name")
        chosen.add_argument("--platform", action="store_true", help="the platform's own log")
        if not self.one_only:
            chosen.add_argument("--all-tenants", action="store_true", help="every log: companies' and platform's")

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("all_tenants"):
            places = audit_logs.places()
        else:
            places = [None if options["platform"] else find(options["tenant"])]
        shell = actors.Actor(kind="operator", label="operator:shell")
        for place in places:
            with audit_logs.enter(place) as name, actors.acting_as(shell):
                self.handle_log(name, **options)

    def handle_log(self, name: str, **options: Any) -> None:
        raise NotImplementedError
