"""Rows of the log for tests, written as the product writes them, at any time and by anybody."""

from datetime import datetime
from typing import Any

import time_machine
from django.db import transaction
from django.utils import timezone

from audit import actors
from audit import services as audit


def write(
    *,
    at: datetime | None = None,
    actor: str = "employee:1",
    verb: str = "search.run",
    request_id: str = "",
    count: int = 1,
    **values: Any,
) -> None:
    """`count` rows alike, in the current schema."""
    kind: Any = actor.partition(":")[0]
    with (
        time_machine.travel(at or timezone.now(), tick=False),
        actors.acting_as(actors.Actor(kind, actor, request_id)),
        transaction.atomic(),
    ):
        for _ in range(count):
            audit.record(verb=verb, **values)
