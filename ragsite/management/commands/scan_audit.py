"""manage.py scan_audit --tenant acme | --all-tenants | --platform"""

from argparse import ArgumentParser
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from audit import actors
from audit.findings import wording
from audit.findings.scan import scan
from audit.models import Finding
from tenants import context
from tenants.management.base import TenantCommand
from tenants.models import Tenant


class Command(TenantCommand):
    help = "Look for what is suspicious in the audit log now; beat does it every ten minutes. Can be repeated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        chosen = parser.add_mutually_exclusive_group(required=True)
        chosen.add_argument("--tenant", metavar="NAME", help="schema name or host name of one company")
        chosen.add_argument("--all-tenants", action="store_true", help="every company that is set up")
        chosen.add_argument("--platform", action="store_true", help="the platform's own log")

    def handle(self, *args: Any, **options: Any) -> None:
        if options.pop("platform"):
            shell = actors.Actor(kind="operator", label="operator:shell")
            with context.enter_platform(), actors.acting_as(shell):
                self._tell("The platform", scan(now=timezone.now(), time_zone=UTC))
            return
        super().handle(*args, **options)

    def handle_tenant(self, tenant: Tenant, **options: Any) -> None:
        self._tell(tenant.name, scan(now=timezone.now(), time_zone=ZoneInfo(tenant.time_zone)))

    def _tell(self, name: str, opened: list[Finding]) -> None:
        waiting = Finding.objects.filter(state=Finding.State.OPEN).count()
        self.stdout.write(f"{name}: {len(opened)} new findings, {waiting} open")
        for finding in opened:
            self.stdout.write(f"  {finding}: {wording.arithmetic_of(finding)}")
