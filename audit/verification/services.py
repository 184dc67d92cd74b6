"""Verifying as an operation: reported where people look, and a restore accepted by somebody with a name."""

import contextlib

import structlog
from django.db import transaction
from django.utils import timezone

from audit import checkpoints
from audit import services as audit
from audit.verification import logs
from audit.verification.findings import Kind, Report

log = structlog.get_logger(__name__)

VERB = "audit.verify"


class NothingToAccept(ValueError):
    """The log fits its checkpoints, or has findings that no restore explains."""


def verify_and_report(*, all_checkpoints: bool = False) -> Report:
    """Verify the current schema's log, and say so in its own next row and in the process's log.

    :raises audit.chain.keys.NoChainKey: when no key is configured.
    :raises audit.services.AuditUnavailable: when the result cannot be recorded.
    """
    report = logs.verify(all_checkpoints=all_checkpoints)
    details = {
        "rows": report.rows,
        "last": report.last_sequence,
        "checkpoints": report.checkpoints,
        "covered": report.covered,
        "seconds": round(report.seconds, 2),
        "bad_rows": report.bad_rows,
        "findings": [f"{one.kind}:{one.sequence}" for one in report.findings],
    }
    first = report.first
    with transaction.atomic():
        audit.record(
            verb=VERB,
            target="audit_logs",
            outcome=audit.Outcome.SUCCESS if first is None else audit.Outcome.FAILED,
            reason="" if first is None else str(first),
            details=details,
        )
    if first is None:
        log.info("audit_log_verified", owner=report.owner, rows=report.rows, seconds=details["seconds"])
    else:
        log.error("audit_log_unsound", owner=report.owner, kind=str(first.kind), sequence=first.sequence)
    return report


def accept_restore(*, reason: str) -> Report:
    """Say, for good and by name, that the database was set back on purpose: checkpoints that the log does not fit count
    no more. Everything else is still verified. Audited in the log itself, under a new checkpoint.

    :raises NothingToAccept: when the log fits, or was changed otherwise, too.
    """
    report = logs.verify()
    others = [one for one in report.findings if one.kind not in (Kind.ROLLED_BACK, Kind.CUT_TAIL)]
    if report.set_back is None or others:
        raise NothingToAccept("no restore explains this" if others else "the log fits its checkpoints")
    first, last = report.set_back
    with transaction.atomic():
        audit.record(verb=logs.ACCEPT_VERB, target="audit_logs", reason=reason, details={"first": first, "last": last})
    # Refused once at most: it says what was just accepted, and writes the checkpoint all the same.
    with contextlib.suppress(checkpoints.CheckpointRefused):
        checkpoints.write(now=timezone.now())
    return logs.verify()
