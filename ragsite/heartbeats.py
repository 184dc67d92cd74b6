"""Signs of life of the processes that nobody can ask: the worker when it ends a task, the beat when it sends one.

Both have work every ten seconds (CELERY_BEAT_SCHEDULE), so a minute of silence means something. A thread that only says
"I am here" would say so beside a worker that is stuck.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery.signals import after_task_publish, beat_init, task_postrun
from django.db import Error
from django.utils import timezone

log = structlog.get_logger(__name__)

WORKER, BEAT = "worker", "beat"
# Written at most this often by a process: a backlog of a thousand files is no reason for a thousand rows' versions.
_EVERY_SECONDS = 5.0
SILENT_AFTER = timedelta(seconds=60)
_written: dict[str, float] = {}
_is_beat = False


def write(name: str, *, now: datetime) -> None:
    """Remember that `name` is alive. One statement; a database that is away is somebody else's news."""
    from ragsite.models import Heartbeat
    from tenants import context

    if time.monotonic() - _written.get(name, -_EVERY_SECONDS) < _EVERY_SECONDS:
        return
    try:
        with context.enter_platform():
            Heartbeat.objects.bulk_create(
                [Heartbeat(name=name, at=now)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
            )
    except Error as error:
        log.info("heartbeat_not_written", process=name, error=type(error).__name__)
        return
    _written[name] = time.monotonic()


def last_heard() -> Mapping[str, datetime]:
    """When each was last heard of. One query."""
    from ragsite.models import Heartbeat

    return dict(Heartbeat.objects.values_list("name", "at"))


class Silent(RuntimeError):
    """Nothing was heard of it for SILENT_AFTER, or ever."""


def check(name: str, *, now: datetime) -> None:
    """:raises Silent: when it was not heard of lately."""
    at = last_heard().get(name)
    if at is None or now - at > SILENT_AFTER:
        raise Silent(name)


@task_postrun.connect(weak=False)
def _worker_lives(**_: Any) -> None:
    write(WORKER, now=timezone.now())


@beat_init.connect(weak=False)
def _this_is_the_beat(**_: Any) -> None:
    global _is_beat
    _is_beat = True


@after_task_publish.connect(weak=False)
def _beat_lives(**_: Any) -> None:
    if _is_beat:
        write(BEAT, now=timezone.now())
