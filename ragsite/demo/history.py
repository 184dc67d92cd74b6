"""The demo's five weeks of reading: who was shown which document, an evening that stands out, and what was found in it.

The audit log itself is not written back in time, in a demo neither: it begins on the day of the first start.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from audit import services as audit
from audit.findings import services as findings
from audit.models import Finding
from documents import patterns
from documents.models import Document, DocumentAccess
from hr.models import Employee
from tenants import context

How = DocumentAccess.How
# What people do most: ask. The weights are out of ten.
_WAYS = (How.ANSWER, How.ANSWER, How.ANSWER, How.ANSWER, How.PASSAGE, How.PASSAGE, How.PAGE, How.PAGE, How.PAGE)
# Who reads on a working day, and how much.
_SHARE_OF_READERS = 0.35
_MOST_A_DAY = 4
_EVENING_ROWS = 64


def seed(*, today: date) -> int:
    """Make the current tenant's history unless somebody was shown a document already; returns how many rows."""
    if DocumentAccess.objects.exists():
        return 0
    documents = list(
        Document.objects.filter(deleted_at=None, is_confidential=False, persona=Document.Persona.COMPANY)
        .order_by("external_id", "pk")
        .values_list("pk", flat=True)
    )
    people = list(Employee.objects.active().order_by("pk"))
    if len(documents) < 3 or len(people) < 10:
        return 0
    rng = random.Random(context.current_tenant().schema_name)  # noqa: S311 (a demo; the same each time)
    rows = list(_weeks(rng, people, documents, today))
    reader = next(one for one in reversed(people) if one.role == Employee.Role.EMPLOYEE)
    evening = _evening(rng, reader, documents, today)
    now = timezone.now()
    with transaction.atomic():
        DocumentAccess.objects.bulk_create([row for row in (*rows, *evening) if row.at < now], batch_size=1000)
        audit.record(verb="demo.history", details={"accesses": len(rows) + len(evening)})
        _found(reader, evening, now)
    return len(rows) + len(evening)


def _weeks(
    rng: random.Random, people: Sequence[Employee], documents: Sequence[Any], today: date
) -> Iterator[DocumentAccess]:
    """Working days of the last weeks: a third of the people look something up, the first documents most."""
    for ago in range(patterns.ALL_DAYS):
        day = today - timedelta(days=ago)
        if day.isoweekday() > 5:
            continue
        for person in people:
            if rng.random() > _SHARE_OF_READERS:
                continue
            for _ in range(rng.randint(1, _MOST_A_DAY)):
                place = min(int(rng.expovariate(0.25)), len(documents) - 1)
                at = _at(day, hour=rng.randint(8, 17), minute=rng.randint(0, 59))
                yield _access(at, person, documents[place], rng.choice(_WAYS))


def _evening(rng: random.Random, reader: Employee, documents: Sequence[Any], today: date) -> tuple[DocumentAccess, ...]:
    """One person opens and downloads nearly everything, on the evening of the last working day before today."""
    last = today - timedelta(days=max(1, today.isoweekday() - 5))
    begin = _at(last, hour=22, minute=10)
    return tuple(
        _access(
            begin + timedelta(seconds=8 * n + rng.randint(0, 5)),
            reader,
            documents[n % len(documents)],
            How.DOWNLOAD if n % 3 == 2 else How.PAGE,
        )
        for n in range(_EVENING_ROWS)
    )


def _found(reader: Employee, evening: Sequence[DocumentAccess], now: datetime) -> None:
    """What the rules would have found, and one finding of before that somebody decided on."""
    first, last = evening[0].at, evening[-1].at
    shared = {
        "subject": reader.actor_label,
        "first_at": first,
        "last_at": last,
        "count": len(evening),
        "found_at": last,
    }
    burst = {"threshold": 60, "window_minutes": 10, "usual": 3.0, "factor": 3.0, "least": 60}
    night = {"threshold": 20, "window_minutes": 720, "usual": 0.1, "factor": 3.0, "least": 20}
    Finding.objects.create(rule="burst", numbers=burst, **shared)
    Finding.objects.create(rule="off_hours", numbers=night, **shared)
    before = now - timedelta(days=12)
    earlier = Finding.objects.create(
        rule="denied_rate",
        subject=f"employee:{Employee.objects.active().filter(role=Employee.Role.MANAGER).order_by('pk')[0].pk}",
        first_at=before,
        last_at=before + timedelta(minutes=20),
        count=12,
        numbers={"threshold": 10, "window_minutes": 60, "share": 0.4, "least_share": 0.2, "of_all": 30},
        found_at=before + timedelta(minutes=30),
    )
    findings.dismiss(finding=earlier, reason="A new manager, whose role was set a day late")


def _access(at: datetime, person: Employee, document: Any, how: str) -> DocumentAccess:
    return DocumentAccess(at=at, actor=person.actor_label, document_id=document, how=how)


def _at(day: date, *, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), ZoneInfo(context.current_tenant().time_zone))
