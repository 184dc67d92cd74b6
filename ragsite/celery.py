"""The Celery application: worker and beat start from here."""

import gc
import os
import threading
from typing import Any

import structlog
from celery import Celery
from celery.signals import task_prerun, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ragsite.settings")

app = Celery("ragsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def drop_dead_connections(**_: Any) -> None:
    """Connections outlive a task (CELERY_DB_REUSE_MAX); one that broke meanwhile must not fail the next task."""
    from django.db import close_old_connections

    close_old_connections()


@worker_process_init.connect
def start_warming(**_: Any) -> None:
    """A new worker process loads what its first document would otherwise wait for (1.5 s of processor time).

    Beside the work, because Celery kills a process that is not up within four seconds.
    """
    from tenants.kill_switches import watching

    watching.start(kind="worker")
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()


def _warm_up() -> None:
    from documents import parsing
    from retrieval.encoders import get_encoder

    for load in (parsing.prepare, get_encoder):
        try:
            load()
        except Exception as error:  # whatever it is, the first task that needs it meets and reports it
            structlog.get_logger(__name__).info("not_warm", part=load.__name__, error=type(error).__name__)
    gc.freeze()  # what is loaded now stays; the collector need not look at it again and again
