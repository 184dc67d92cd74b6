"""manage.py suspend_tenant --tenant acme --reason "unpaid" [--by ann@platform.example]"""

from typing import Any

from tenants import services
from tenants.kill_switches import effect
from tenants.management.lifecycle import LifecycleCommand
from tenants.models import Tenant


class Command(LifecycleCommand):
    help = "Refuse every request and task of a company from now on. Its data stays. Says when it took effect."

    def move(self, tenant: Tenant, *, by: str, reason: str, **options: Any) -> str:
        switch = services.suspend(tenant=tenant, reason=reason, by=by)
        measured = effect.measure(switch=switch)
        return f"is suspended: its people and its API are refused from now on ({measured})."
