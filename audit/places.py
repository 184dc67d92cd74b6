"""Whose audit log it is: the name of its chain in checkpoints and exports."""

from django.db import connection

PLATFORM = "platform"


class NoOwner(RuntimeError):
    """The schema was entered by its name only, so it is not known whose it is; enter the tenant."""


def owner() -> str:
    """The uuid of the company that is worked for, or `platform` in the public schema.

    :raises NoOwner: when a schema was entered without its tenant.
    """
    uuid = getattr(connection.tenant, "uuid", None)  # type: ignore[attr-defined]
    if uuid is not None:
        return str(uuid)
    if schema() == "public":
        return PLATFORM
    raise NoOwner(f"schema {schema()} was entered without its tenant")


def schema() -> str:
    """The schema whose log is written and read now."""
    name: str = connection.schema_name  # type: ignore[attr-defined]
    return name
