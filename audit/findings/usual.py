"""What is usual for one person: their own figures of the 28 days before what is looked at."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from audit.findings.models import Rule
from audit.findings.rules import Figures
from audit.verbs import reading_verbs

DAYS = 28
# Of the windows in which the person did anything, so many hold no more: one burst of last week does not hide the next.
_BUSY = 0.95
_BUSY_WINDOW = """
SELECT coalesce(percentile_disc(%s) WITHIN GROUP (ORDER BY n), 0) FROM (
    SELECT count(*) AS n FROM audit_logs
    WHERE actor = %s AND at >= %s AND at < %s AND outcome = 'success' AND verb = ANY(%s)
    GROUP BY floor(extract(epoch FROM at) / %s)
) AS windows
"""
_OFF_HOURS = """
SELECT count(*) FROM (
    SELECT at AT TIME ZONE %s AS local FROM audit_logs
    WHERE actor = %s AND at >= %s AND at < %s AND outcome = 'success' AND verb = ANY(%s)
) AS rows
WHERE NOT (extract(isodow FROM local) = ANY(%s) AND extract(hour FROM local) >= %s AND extract(hour FROM local) < %s)
"""


def usual_figure(*, rule: str, subject: str, figures: Figures, before: datetime) -> float:
    """Rows of a busy window, or out of hours in an average night, in the 28 days before. One query."""
    span: list[Any] = [subject, before - timedelta(days=DAYS), before, list(reading_verbs())]
    with connection.cursor() as cursor:
        if rule == Rule.OFF_HOURS:
            hours: list[Any] = [sorted(figures.working_days), figures.day_begins_hour, figures.day_ends_hour]
            cursor.execute(_OFF_HOURS, [str(figures.time_zone), *span, *hours])
            return float(cursor.fetchone()[0]) / DAYS
        cursor.execute(_BUSY_WINDOW, [_BUSY, *span, figures.window.total_seconds()])
        return float(cursor.fetchone()[0])
