"""manage.py resume_tenant --tenant acme --reason "paid" """

from collections.abc import Callable

from tenants import services
from tenants.management.lifecycle import LifecycleCommand


class Command(LifecycleCommand):
    help = "Let a suspended company work again."
    done = "works again; waiting documents are processed."

    def service(self) -> Callable[..., None]:
        return services.resume
