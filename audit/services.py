"""Writing the audit log."""

import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from audit import actors
from audit.models import AuditLog

Outcome = AuditLog.Outcome


class AuditOutsideTransaction(RuntimeError):
    """record() was called where the action and its audit row could come apart."""


def record(
    *,
    verb: str,
    target: str = "",
    outcome: str = Outcome.SUCCESS,
    reason: str = "",
    confidence: float | None = None,
    digest: str = "",
    prompt_version: str = "",
    model_version: str = "",
    details: dict[str, Any] | None = None,
) -> AuditLog:
    """Append one row to the current schema's audit log, inside the transaction of the action it describes.

    If the row cannot be written the exception aborts that transaction: no audit, no action. `details` takes ids,
    digests and counts only. One INSERT.

    :raises AuditOutsideTransaction: when no transaction is open; use `record_refusal` for what changes nothing.
    """
    if not transaction.get_connection().in_atomic_block:
        raise AuditOutsideTransaction(f"audit row for {verb!r} needs the transaction of its action")
    return _append(
        verb=verb,
        target=target,
        outcome=outcome,
        reason=reason[:500],
        confidence=confidence,
        digest=digest,
        prompt_version=prompt_version,
        model_version=model_version,
        details=details or {},
    )


@dataclass(frozen=True)
class Entry:
    """One row of `record_all`: an action that succeeded."""

    verb: str
    target: str
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def record_all(entries: Iterable[Entry]) -> None:
    """Append many rows at once, as `record` would one by one: for an action on thousands of things.

    :raises AuditOutsideTransaction: when no transaction is open.
    """
    if not transaction.get_connection().in_atomic_block:
        raise AuditOutsideTransaction("audit rows need the transaction of their action")
    given = list(entries)
    actor = actors.current_actor()
    common = AuditLog(
        at=timezone.now(),
        actor_kind=actor.kind,
        actor=actor.label,
        request_id=actor.request_id,
        outcome=Outcome.SUCCESS,
    )
    sql, columns = _insert_all()
    shared = [column.get_db_prep_save(getattr(common, column.attname), connection=connection) for column in columns]
    own = [
        [entry.verb for entry in given],
        [entry.target for entry in given],
        [entry.reason[:500] for entry in given],
        [json.dumps(entry.details) for entry in given],
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*shared, *own])


def record_read(
    *, verb: str, target: str = "", digest: str = "", model_version: str = "", details: dict[str, Any] | None = None
) -> None:
    """Append the row of an action that changes nothing else: the INSERT is a transaction of its own.

    Call it before anything is handed out; if it raises, nothing may be.
    """
    _append(verb=verb, target=target, digest=digest, model_version=model_version, details=details or {})


def record_refusal(*, verb: str, target: str = "", reason: str, details: dict[str, Any] | None = None) -> None:
    """Append a refusal in a transaction of its own, so that it stays when the refused work is rolled back.

    Call it after the failed transaction has ended, never inside it.
    """
    with transaction.atomic(durable=not _inside_test_transaction()):
        record(verb=verb, target=target, outcome=Outcome.REFUSED, reason=reason, details=details)


def _append(*, outcome: str = Outcome.SUCCESS, **fields: Any) -> AuditLog:
    actor = actors.current_actor()
    row = AuditLog(
        at=timezone.now(),
        actor_kind=actor.kind,
        actor=actor.label,
        request_id=actor.request_id,
        outcome=outcome,
        **fields,
    )
    # Not `objects.create()`: it compiles its INSERT anew for each row, which took longer than the INSERT.
    sql, columns = _insert()
    with connection.cursor() as cursor:
        cursor.execute(
            sql, [column.get_db_prep_save(getattr(row, column.attname), connection=connection) for column in columns]
        )
        (row.pk,) = cursor.fetchone()
    row._state.adding = False
    row._state.db = connection.alias
    return row


@functools.cache
def _insert() -> tuple[str, list[Any]]:
    """The statement, and the fields whose values it takes."""
    columns = [field for field in AuditLog._meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{column.column}"' for column in columns)
    places = ", ".join(["%s"] * len(columns))
    return f'INSERT INTO "{AuditLog._meta.db_table}" ({names}) VALUES ({places}) RETURNING "id"', columns  # noqa: S608


# What differs between the rows of `record_all`.
_OWN = ("verb", "target", "reason", "details")


@functools.cache
def _insert_all() -> tuple[str, list[Any]]:
    """One statement for any number of rows (bulk_create takes 1.5 s of computing for 10,000), and its shared fields."""
    table = AuditLog._meta
    shared = [field for field in table.concrete_fields if not field.primary_key and field.name not in _OWN]
    names = ", ".join(f'"{name}"' for name in (*(field.column for field in shared), *_OWN))
    values = ", ".join(f"%s::{field.db_type(connection)}" for field in shared)
    rows = "unnest(%s::text[], %s::text[], %s::text[], %s::jsonb[]) AS rows(verb, target, reason, details)"
    own = ", ".join(f"rows.{name}" for name in _OWN)
    return f'INSERT INTO "{table.db_table}" ({names}) SELECT {values}, {own} FROM {rows}', shared  # noqa: S608


def _inside_test_transaction() -> bool:
    """True inside the transaction that Django's TestCase wraps around a test; durable blocks are impossible there."""
    return any(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
