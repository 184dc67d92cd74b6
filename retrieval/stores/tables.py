"""Names and filters of our own tables in the current tenant's schema."""

from typing import Any

from django.db import connection
from django_tenants.utils import quote_schema_name

from hr.access import Scope
from retrieval.stores.protocol import Space, check_scope
from tenants import context


def name(stem: str, space: Space) -> str:
    """`"acme"."vectors_3"`: always with the schema, never left to the search path."""
    return f'{quote_schema_name(context.current_tenant().schema_name)}."{stem}_{space.generation}"'


def own(table: str) -> str:
    """`"acme"."documents"`: a table of the tenant that Django made."""
    return f'{quote_schema_name(context.current_tenant().schema_name)}."{table}"'


def readable(scope: Scope, alias: str) -> tuple[str, list[Any]]:
    """The SQL translation of a scope over the filter columns, and its parameters.

    :raises WrongTenantScope: when the scope is another tenant's.
    """
    check_scope(scope)
    if scope.reads_confidential:
        return f"{alias}.tenant_id = %s", [scope.tenant_id]
    return f"{alias}.tenant_id = %s AND NOT {alias}.is_confidential", [scope.tenant_id]


def visible(scope: Scope, alias: str) -> tuple[str, list[Any]]:
    """`documents.querysets.visible_to` as a condition on a documents table, for statements that are written by hand."""
    check_scope(scope)
    condition = f"{alias}.deleted_at IS NULL"
    return (condition, []) if scope.reads_confidential else (f"{condition} AND NOT {alias}.is_confidential", [])


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
    """The filter columns that every table of points has. The CHECK is the second wall inside the first."""
    return (
        "chunk_id uuid NOT NULL UNIQUE, version_id uuid NOT NULL, document_id uuid NOT NULL, "
        f"is_confidential boolean NOT NULL, tenant_id uuid NOT NULL CHECK (tenant_id = '{context.tenant_id()}')"
    )
