"""manage.py resume_tenant --tenant acme --reason "paid" --by bea@platform.example [--request]"""

from typing import Any

from django.core.management.base import CommandParser

from tenants import services
from tenants.management.lifecycle import LifecycleCommand
from tenants.models import Tenant


class Command(LifecycleCommand):
    help = "Let a suspended company work again. Takes another operator than the one who suspended it or asked for this."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--request", action="store_true", help="only ask for it; another operator decides")

    def move(self, tenant: Tenant, *, by: str, reason: str, **options: Any) -> str:
        if options["request"]:
            services.request_resume(tenant=tenant, reason=reason, by=by)
            return "stays suspended until another operator resumes it; your request is kept."
        services.resume(tenant=tenant, reason=reason, by=by)
        return "works again; waiting documents are processed."
