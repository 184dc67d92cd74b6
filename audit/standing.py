"""How the log stands: when it was last verified, up to which row, and how many findings wait. One query."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.http import HttpRequest

# What audit.verification.services writes after each verification.
_VERIFIED = "audit.verify"
_SQL = """
SELECT (SELECT count(*) FROM findings WHERE state = 'open'), newest.at, newest.outcome, newest.reason,
       (newest.details ->> 'last')::bigint, covered.sequence, covered.at
FROM (SELECT 1) AS one LEFT JOIN LATERAL (
    SELECT at, outcome, reason, details FROM audit_logs WHERE verb = %s ORDER BY at DESC LIMIT 1
) AS newest ON true
LEFT JOIN LATERAL (SELECT sequence, at FROM audit_checkpoints ORDER BY number DESC LIMIT 1) AS covered ON true
"""


@dataclass(frozen=True)
class Standing:
    """`verified_at` is None for a log that was never verified; `problem` says what was wrong with it."""

    open_findings: int
    verified_at: datetime | None = None
    up_to: int | None = None
    problem: str = ""
    covered: int = 0
    covered_at: datetime | None = None

    @property
    def sentence(self) -> str:
        """For the head of the log's page."""
        if self.verified_at is None:
            return "Not verified yet"
        when = f"{self.verified_at:%Y-%m-%d %H:%M} UTC"
        if self.problem:
            return f"Not sound, verified at {when}: {self.problem}"
        return f"Verified up to row {self.up_to} at {when}; {self.not_covered}"

    @property
    def not_covered(self) -> str:
        """The rows that could be cut unseen: each look is a row itself, so there are some but for a moment."""
        if self.covered_at is None:
            return "no row is yet protected against a cut: there is no checkpoint"
        moment = f"{self.covered_at:%H:%M:%S} UTC"
        return f"rows after {self.covered} (the last checkpoint, {moment}) are not yet protected against a cut"

    @property
    def tone(self) -> str:
        return "waiting" if self.verified_at is None else "bad" if self.problem else "good"


def of_current_schema() -> Standing:
    """The standing of the current schema's log."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [_VERIFIED])
        count, at, outcome, reason, last, covered, covered_at = cursor.fetchone()
    is_sound = outcome in (None, "success")
    return Standing(
        count, at, last, "" if is_sound else reason or "see the newest row of a verification", covered or 0, covered_at
    )


def of_request(request: Any) -> Standing:
    """The same, asked once for a request: the page's head and the side bar both show it."""
    known: Standing | None = getattr(request, "log_standing", None)
    if known is None:
        known = of_current_schema()
        if isinstance(request, HttpRequest):
            request.log_standing = known  # type: ignore[attr-defined]
    return known
