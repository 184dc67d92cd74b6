"""Writing the audit log. Every row joins the schema's keyed hash chain (docs/adr/0017)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from audit import actors
from audit.chain import canonical, waiting
from audit.chain.canonical import Body
from audit.chain.head import Pending, Statement
from audit.chain.waiting import AuditUnavailable
from audit.models import AuditLog

__all__ = [
    "AuditOutsideTransaction",
    "AuditUnavailable",
    "BadAuditRow",
    "Entry",
    "Outcome",
    "read_content",
    "record",
    "record_all",
    "record_read",
    "record_refusal",
]

Outcome = AuditLog.Outcome

_OUTCOMES = frozenset(str(value) for value in Outcome)
# What the columns hold, in characters; reasons are cut, everything else is a mistake of the caller.
_MOST_CHARS = {
    field.attname: field.max_length
    for field in AuditLog._meta.concrete_fields
    if field.max_length and field.attname in Body._fields
}
_REASON_CHARS = _MOST_CHARS["reason"]


class AuditOutsideTransaction(RuntimeError):
    """record() was called where the action and its audit row could come apart."""


class BadAuditRow(ValueError):
    """A value that the audit log cannot keep: too long, of another type, not JSON."""


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
    content: Mapping[str, str] | None = None,
    subject: str = "",
) -> AuditLog:
    """Append one row to the current schema's audit log, inside the transaction of the action it describes.

    The row waits until that transaction commits and is written as the last thing before it (so it cannot be read
    inside, and its number is known afterwards only); with a savepoint that is rolled back it goes, too. If it cannot be
    written the COMMIT fails: no audit, no action. `details` takes ids, digests and counts only. Personal content goes
    into `content` and is sealed under the key of `subject` (an audit label such as `employee:17`).

    :raises AuditOutsideTransaction: when no transaction is open; use `record_refusal` for what changes nothing.
    :raises BadAuditRow: for a value that does not fit.
    :raises AuditUnavailable: not here but by the COMMIT.
    """
    if not transaction.get_connection().in_atomic_block:
        raise AuditOutsideTransaction(f"audit row for {verb!r} needs the transaction of its action")
    row = _row(
        verb=verb,
        target=target,
        outcome=outcome,
        reason=reason,
        confidence=confidence,
        digest=digest,
        prompt_version=prompt_version,
        model_version=model_version,
        details=details,
        content=content,
        subject=subject,
    )
    _wait([row])
    assert row.made is not None
    return row.made


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
    :raises BadAuditRow: for a value that does not fit.
    """
    if not transaction.get_connection().in_atomic_block:
        raise AuditOutsideTransaction("audit rows need the transaction of their action")
    now, actor = timezone.now(), actors.current_actor()
    _wait(
        [
            _row(
                now=now,
                actor=actor,
                verb=entry.verb,
                target=entry.target,
                reason=entry.reason,
                details=entry.details,
                keep=False,
            )
            for entry in entries
        ]
    )


def record_read(
    *,
    verb: str,
    target: str = "",
    reason: str = "",
    digest: str = "",
    model_version: str = "",
    details: dict[str, Any] | None = None,
    along: Sequence[Statement] = (),
) -> None:
    """Append the row of an action that changes nothing else, in a transaction of its own; inside one, in that.

    Call it before anything is handed out; if it raises, nothing may be. `along`: see `send_along`.

    :raises AuditUnavailable: when it cannot be written.
    """
    row = _row(verb=verb, target=target, reason=reason, digest=digest, model_version=model_version, details=details)
    _append(row, along=list(along))


def record_refusal(*, verb: str, target: str = "", reason: str, details: dict[str, Any] | None = None) -> None:
    """Append a refusal in a transaction of its own, so that it stays when the refused work is rolled back.

    Call it after the failed transaction has ended, never inside it.

    :raises AuditUnavailable: when it cannot be written.
    """
    if connection.in_atomic_block and not _inside_test_transaction():
        raise RuntimeError(f"the refusal of {verb!r} would be rolled back with the refused work")
    _append(_row(verb=verb, target=target, outcome=Outcome.REFUSED, reason=reason, details=details))


def read_content(row: AuditLog) -> dict[str, str]:
    """The personal content of a row, or nothing when it has none. Reading it is an action of its own: record it.

    :raises hr.keys.KeyUnavailable: one of its kinds, when the key is missing or was destroyed.
    """
    if row.sealed_content is None:
        return {}
    opened: dict[str, str] = _step("OPEN_AUDIT_CONTENT")(key_id=row.subject_key_id, sealed=bytes(row.sealed_content))
    return opened


def send_along(*, sql: str, parameters: list[Any]) -> None:
    """Have a statement done at the end of the transaction, in the message that takes the audit log's head.

    For what is written beside an audit row and read by nobody before the COMMIT: it costs no round trip of its own. The
    statement names its tables with their schema and returns nothing. When it fails the transaction does.

    :raises AuditOutsideTransaction: when no transaction is open.
    """
    if not connection.in_atomic_block:
        raise AuditOutsideTransaction("what goes along with an audit row needs its transaction")
    _wait([], [(sql, parameters)])


def _append(row: Pending, along: list[Statement] | None = None) -> None:
    if connection.in_atomic_block:
        _wait([row], along)
    else:
        waiting.write_alone(connection, [row], along or [])


def _wait(rows: list[Pending], along: list[Statement] | None = None) -> None:
    queue: waiting.Waiting = connection.audit_rows  # type: ignore[attr-defined]
    queue.rows += rows
    queue.along += along or []
    # In a test's own transaction, without a block of the product's around it, there is no end to wait for.
    if queue and _inside_test_transaction() and not any(_own_savepoints()):
        waiting.write_now(connection, queue)


def _row(
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
    content: Mapping[str, str] | None = None,
    subject: str = "",
    now: datetime | None = None,
    actor: actors.Actor | None = None,
    keep: bool = True,
) -> Pending:
    actor, at = actor or actors.current_actor(), now or timezone.now()
    key_id, sealed = "", None
    if content:
        if not subject:
            raise BadAuditRow(f"the content of {verb!r} needs a subject, under whose key it is sealed")
        key_id, sealed = _step("SEAL_AUDIT_CONTENT")(subject=subject, content=dict(content))
    try:
        body = Body(
            at=canonical.microseconds(at),
            actor_kind=actor.kind,
            actor=actor.label,
            verb=verb,
            target=target,
            outcome=str(outcome),
            reason=reason[:_REASON_CHARS],
            request_id=actor.request_id,
            prompt_version=prompt_version,
            model_version=model_version,
            confidence=None if confidence is None else float(confidence),
            digest=digest,
            details=canonical.json_text(details) if details else "{}",
            sealed_digest=canonical.sealed_digest(sealed),
            subject_key_id=key_id,
        )
        _check(body)
        return Pending(
            schema=connection.schema_name,  # type: ignore[attr-defined]
            at=at,
            body=body,
            hashed=body.hashed(),
            sealed=sealed,
            made=_instance(body, at, details or {}, sealed) if keep else None,
        )
    except (TypeError, ValueError) as error:
        raise BadAuditRow(f"audit row for {verb!r}: {error}") from error


def _check(body: Body) -> None:
    for name, most in _MOST_CHARS.items():
        value = getattr(body, name)
        if len(value) > most:
            raise ValueError(f"{name} has {len(value)} characters, {most} fit")
        canonical.check_text(value)
    if body.outcome not in _OUTCOMES:
        raise ValueError(f"outcome {body.outcome!r} is not known")
    if body.confidence is not None and not 0 <= body.confidence <= 1:
        raise ValueError("confidence is not between 0 and 1")


def _instance(body: Body, at: datetime, details: dict[str, Any], sealed: bytes | None) -> AuditLog:
    same = {name: getattr(body, name) for name in _MOST_CHARS}
    row = AuditLog(**same, at=at, confidence=body.confidence, details=details, sealed_content=sealed)
    row._state.db = connection.alias
    return row


def _step(name: str) -> Callable[..., Any]:
    """What a higher layer does for this one (ragsite/settings/steps.py)."""
    step: Callable[..., Any] = import_string(settings.STEPS[name][0])
    return step


def _inside_test_transaction() -> bool:
    """True inside the transaction that Django's TestCase wraps around a test; durable blocks are impossible there."""
    return any(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def _own_savepoints() -> list[str | None]:
    """The savepoints of the blocks that are not a test's wrapping."""
    blocks = [block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)]
    return list(connection.savepoint_ids[-len(blocks) :]) if blocks else []
