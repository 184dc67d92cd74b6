"""The tenant of the running code, and every name that is derived from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from tenants.models import Tenant


class NoTenant(RuntimeError):
    """Code that needs a tenant runs in the public schema."""


def current_tenant() -> Tenant:
    """The tenant that this thread works for.

    :raises NoTenant: in the public schema.
    """
    tenant = connection.tenant  # type: ignore[attr-defined]
    if not isinstance(tenant, Tenant):
        raise NoTenant("this needs a tenant, but the thread is in the public schema")
    return tenant


def has_tenant() -> bool:
    return isinstance(connection.tenant, Tenant)  # type: ignore[attr-defined]


def tenant_id() -> str:
    """The explicit id of the current tenant, as used in tokens, vector payloads, object keys, cache keys and tasks.

    :raises NoTenant: in the public schema.
    """
    return str(current_tenant().uuid)


def local_today(now: datetime | None = None) -> date:
    """The day it is in the current tenant's time zone, at `now` (aware) or at this moment.

    :raises NoTenant: in the public schema.
    """
    return (now or timezone.now()).astimezone(ZoneInfo(current_tenant().time_zone)).date()


@contextmanager
def enter(tenant: Tenant) -> Iterator[Tenant]:
    """Work for `tenant` inside the block, and for the former one after it. Safe in threads, unlike `with tenant:`."""
    with tenant_context(tenant):
        yield tenant


@contextmanager
def enter_platform() -> Iterator[None]:
    """Work in the public schema inside the block."""
    with schema_context("public"):
        yield


def object_key(*parts: str) -> str:
    """A key in the file store that belongs to the current tenant, for example `<uuid>/documents/<version id>`."""
    return "/".join((tenant_id(), *parts))


def owns_object_key(key: str) -> bool:
    """Whether a stored key carries the current tenant's id; the second wall when a file is opened."""
    return key.startswith(f"{tenant_id()}/")


def make_cache_key(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: every cache key carries the tenant, or `platform` outside of one."""
    owner = str(connection.tenant.uuid) if has_tenant() else "platform"  # type: ignore[attr-defined]
    return f"{owner}:{key_prefix}:{version}:{key}"
