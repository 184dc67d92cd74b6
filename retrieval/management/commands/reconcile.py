"""manage.py reconcile --all-tenants [--repair]"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from retrieval.services import reconciling
from tenants.management.base import TenantCommand
from tenants.models import Tenant


class Command(TenantCommand):
    help = "Compare PostgreSQL, vectors and files in both directions. Exit code 1 while differences remain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--repair", action="store_true", help="embed what is missing, remove strays, rewrite filters"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.remaining = 0
        super().handle(*args, **options)
        if self.remaining:
            raise CommandError(f"{self.remaining} differences remain.")

    def handle_tenant(self, tenant: Tenant, **options: Any) -> None:
        differences = reconciling.compare()
        if options["repair"] and differences.total:
            self._print(tenant, differences, "found")
            reconciling.repair(differences=differences)
            differences = reconciling.compare()
        self._print(tenant, differences, "remaining" if options["repair"] else "found")
        self.remaining += differences.total

    def _print(self, tenant: Tenant, differences: reconciling.Differences, label: str) -> None:
        counts = ", ".join(f"{name} {count}" for name, count in differences.counts().items() if count)
        self.stdout.write(
            f"{tenant.schema_name}: {differences.total} differences {label}{': ' + counts if counts else ''}"
        )
