"""Celery tasks that work for one tenant: the tenant travels in the task's headers, never in its arguments."""

from typing import Any

import structlog
from celery import Task, shared_task
from django.core.exceptions import ValidationError
from django.db import close_old_connections
from django.utils import timezone

from audit import actors
from audit import services as audit
from tenants import context, rotation
from tenants.kill_switches import effect, parking, state
from tenants.kill_switches import services as switches
from tenants.models import KillSwitch, Tenant

log = structlog.get_logger(__name__)


class WrongTenantHeader(RuntimeError):
    """A task's headers name no tenant, an unknown one, or one whose schema disagrees. It is refused, not run."""


class TenantTask(Task):
    """Base of all tenant tasks. Sending needs a current tenant; the worker enters it before the body runs.

    While the company, or a feature that the task `needs`, is switched off, the task waits (tenants.kill_switches).
    """

    abstract = True
    # Features beside "everything" without which the task cannot work; given to `shared_task(needs=...)`.
    needs: tuple[str, ...] = ()

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        tenant = context.current_tenant()
        headers = {
            **(options.pop("headers", None) or {}),
            "tenant_uuid": str(tenant.uuid),
            "tenant_schema": tenant.schema_name,
        }
        return super().apply_async(args, kwargs, headers=headers, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        close_old_connections()
        tenant = self._tenant_of_headers()
        feature = self._what_is_off(tenant)
        if feature is not None:
            parking.park(tenant=tenant, task=self.name, args=args, kwargs=kwargs, feature=feature)
            return None
        with context.enter(tenant), actors.acting_as(actors.Actor(kind="system", label=f"task:{self.name}")):
            try:
                return super().__call__(*args, **kwargs)
            except state.SwitchedOff as off:  # while it ran; what it had begun it has given back
                parking.park(tenant=tenant, task=self.name, args=args, kwargs=kwargs, feature=off.switch.feature)
                return None

    def _what_is_off(self, tenant: Tenant) -> str | None:
        """The feature that the task has to wait for. Asked anew for each task: one query."""
        snapshot = state.renew()
        if tenant.state == Tenant.State.SUSPENDED and not snapshot.knows_suspension(tenant.pk):
            return KillSwitch.Feature.EVERYTHING
        for feature in (KillSwitch.Feature.EVERYTHING, *self.needs):
            if snapshot.blocking(feature=feature, tenant_pk=tenant.pk) is not None:
                return feature
        return None

    def _tenant_of_headers(self) -> Tenant:
        uuid = getattr(self.request, "tenant_uuid", None)
        schema = getattr(self.request, "tenant_schema", None)
        with context.enter_platform():
            tenant = _named(uuid)
            if tenant is None or tenant.schema_name != schema:
                audit.record_refusal(verb="task.run", target=f"task:{self.name}", reason="wrong_tenant_header")
                raise WrongTenantHeader(f"task {self.name} carries no valid tenant")
        return tenant


def _named(uuid: Any) -> Tenant | None:
    """The tenant that a header names; a header can carry anything."""
    try:
        return Tenant.objects.filter(uuid=uuid).first() if uuid else None
    except ValidationError:
        return None


@shared_task(name="tenants.rotate_due_keys")
def rotate_due_keys() -> None:
    """Once a day: retire signing keys whose grace is over, and rotate the active one when it is old enough."""
    with actors.acting_as(actors.Actor(kind="system", label="task:tenants.rotate_due_keys")):
        rotation.rotate_due_keys(now=timezone.now())


@shared_task(name="tenants.settle_kill_switches")
def settle_kill_switches() -> None:
    """Record the switches that have ended by themselves, and send on whatever no longer has to wait. Repeatable."""
    switches.lapse_expired(now=timezone.now())
    parking.send_back()
    effect.forget_dead()
