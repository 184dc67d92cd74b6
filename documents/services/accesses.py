"""Who was shown what: one row for each document or passage, written with the read's audit row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import quote_schema_name

from audit import actors
from audit import services as audit
from documents.models import DocumentAccess
from tenants import context

How = DocumentAccess.How
# One statement for any number of rows; Django's bulk_create takes longer to compose it than PostgreSQL to run it.
_INSERT = (
    "INSERT INTO {schema}.document_accesses (at, actor, how, query_id, document_id, version_id, chunk_id) "
    "SELECT %s::timestamptz, %s::varchar, %s::varchar, %s::uuid, * "
    "FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[])"
)


class AccessOutsideTransaction(RuntimeError):
    """note() was called where the access and its audit row could come apart."""


@dataclass(frozen=True)
class Shown:
    """A document that somebody is shown, or one passage of it."""

    document_id: UUID
    version_id: UUID | None = None
    chunk_id: UUID | None = None


def note(*, shown: Iterable[Shown], how: str, query_id: UUID | None = None) -> None:
    """Keep that the actor is shown these: one INSERT at the end of the transaction, beside the audit row of the read.

    :raises AccessOutsideTransaction: when no transaction is open.
    """
    if not transaction.get_connection().in_atomic_block:
        raise AccessOutsideTransaction(f"what is shown by {how!r} needs the transaction of its audit row")
    for sql, parameters in statements(shown=shown, how=how, query_id=query_id):
        audit.send_along(sql=sql, parameters=parameters)


def statements(*, shown: Iterable[Shown], how: str, query_id: UUID | None = None) -> list[tuple[str, list[Any]]]:
    """The same for `audit.services.record_read`, which takes them along: none for nothing, otherwise one."""
    rows = list(shown)
    if not rows:
        return []
    parameters = [
        timezone.now(),
        actors.current_actor().label,
        str(how),
        query_id,
        [row.document_id for row in rows],
        [row.version_id for row in rows],
        [row.chunk_id for row in rows],
    ]
    return [(_INSERT.format(schema=quote_schema_name(context.current_tenant().schema_name)), parameters)]


def forget_before(*, moment: datetime) -> int:
    """Delete what is older; returns how many rows."""
    deleted, _ = DocumentAccess.objects.filter(at__lt=moment).delete()
    return deleted
