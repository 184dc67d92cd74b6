"""Statements about our own tables in the current tenant's schema."""

from typing import Any

from django.db import connection
from django_tenants.utils import quote_schema_name

from retrieval.stores.protocol import Space
from tenants import context


def name(stem: str, space: Space) -> str:
    """`"acme"."vectors_3"`: always with the schema, never left to the search path."""
    return f'{quote_schema_name(context.current_tenant().schema_name)}."{stem}_{space.generation}"'


def own(table: str) -> str:
    """`"acme"."documents"`: a table of the tenant that Django made."""
    return f'{quote_schema_name(context.current_tenant().schema_name)}."{table}"'


def run(sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    """One statement; its rows, if it returns any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def ask(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    """The same for what each search asks: quicker, and nothing but a schema in the statement finds a table.

    Parameters may be vectors, written `%s::vector`.
    """
    with connection.binary_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def columns() -> str:
    """What every table of points has. Who may read them is asked of the documents; see `answering`.

    The CHECK is the second wall inside the first.
    """
    return (
        "chunk_id uuid NOT NULL UNIQUE, version_id uuid NOT NULL, document_id uuid NOT NULL, "
        f"tenant_id uuid NOT NULL CHECK (tenant_id = '{context.tenant_id()}')"
    )
