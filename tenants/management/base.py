"""Commands that work for companies: `--tenant acme` or `--all-tenants`, and never a guess."""

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import actors
from tenants import context
from tenants.models import Tenant


class TenantCommand(BaseCommand):
    """Runs `handle_tenant` once for every chosen company, inside it and as the operator's shell."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        chosen = parser.add_mutually_exclusive_group(required=True)
        chosen.add_argument("--tenant", metavar="NAME", help="schema name or host name of one company")
        chosen.add_argument("--all-tenants", action="store_true", help="every company that is set up")

    def handle(self, *args: Any, **options: Any) -> None:
        tenants = self._chosen(options)
        mine = {name: value for name, value in options.items() if name not in ("tenant", "all_tenants")}
        for tenant in tenants:
            shell = actors.Actor(kind="operator", label="operator:shell")
            with context.enter(tenant), actors.acting_as(shell):
                self.handle_tenant(tenant, **mine)

    def handle_tenant(self, tenant: Tenant, **options: Any) -> None:
        raise NotImplementedError

    def _chosen(self, options: dict[str, Any]) -> Iterable[Tenant]:
        if options["all_tenants"]:
            return list(Tenant.objects.set_up().lasting().order_by("pk"))
        return [find(options["tenant"])]


def find(name: str) -> Tenant:
    """The company with this schema name or host name.

    :raises CommandError: when there is none; lists those there are.
    """
    tenant = Tenant.objects.filter(schema_name=name).first() or Tenant.objects.filter(domains__domain=name).first()
    if tenant is None:
        known = ", ".join(Tenant.objects.order_by("schema_name").values_list("schema_name", flat=True)) or "none yet"
        raise CommandError(f"There is no company {name!r}. Known: {known}")
    return tenant
