"""The audit logs of the installation, one after the other: the platform's, and that of each company that is set up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DatabaseError

from audit import actors, checkpoints
from audit.models import AuditLog
from audit.verification import services as verification
from audit.verification.findings import Report
from tenants import context
from tenants.models import Tenant

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Standing:
    """What the latest verification of each log said. Ages in seconds; a log that never was counts as unverified."""

    logs: int
    unsound: int
    unverified: int
    oldest_seconds: float


def places() -> list[Tenant | None]:
    """Whose logs there are; None is the platform. Suspended companies, too: theirs are read when others are not."""
    return [None, *Tenant.objects.set_up().order_by("pk")]


@contextmanager
def enter(place: Tenant | None) -> Iterator[str]:
    """Work inside the schema of a log, and say whose it is."""
    if place is None:
        with context.enter_platform():
            yield "platform"
    else:
        with context.enter(place):
            yield place.schema_name


def write_checkpoints(*, now: datetime) -> int:
    """One checkpoint for each log that has new rows; returns how many. One log's trouble does not keep the others."""
    written = 0
    for place in places():
        with enter(place) as name:
            try:
                written += checkpoints.write(now=now) is not None
            except checkpoints.CheckpointRefused as error:
                log.error("audit_checkpoint_refused", log=name, reason=str(error))
            except (DatabaseError, OSError) as error:
                log.error("audit_checkpoint_failed", log=name, error=type(error).__name__)
    return written


def verify_all() -> list[Report]:
    """Verify every log and report each in itself."""
    reports = []
    with actors.acting_as(actors.Actor(kind="system", label="task:audit.verify")):
        for place in places():
            with enter(place) as name:
                try:
                    reports.append(verification.verify_and_report())
                except DatabaseError as error:
                    log.error("audit_log_not_verified", log=name, error=type(error).__name__)
    return reports


def standing(*, now: datetime) -> Standing:
    """From the rows that verifications left. One query for each log."""
    found = places()
    ages, unsound = [], 0
    for place in found:
        with enter(place):
            last = AuditLog.objects.filter(verb=verification.VERB).order_by("-at").only("at", "outcome").first()
        if last is not None:
            ages.append((now - last.at).total_seconds())
            unsound += last.outcome != AuditLog.Outcome.SUCCESS
    return Standing(
        logs=len(found), unsound=unsound, unverified=len(found) - len(ages), oldest_seconds=max(ages, default=0.0)
    )
