"""manage.py suspend_tenant --tenant acme --reason "unpaid" """

from collections.abc import Callable

from tenants import services
from tenants.management.lifecycle import LifecycleCommand


class Command(LifecycleCommand):
    help = "Refuse every request and task of a company from now on. Its data stays."
    done = "is suspended: its people and its API are refused from now on."

    def service(self) -> Callable[..., None]:
        return services.suspend
