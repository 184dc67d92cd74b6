"""The watcher of a process: one thread that reads the switches twice a second, so that no request has to.

It makes a switch count within half a second, ends what waits for something outside (a hanging language model), and
tells the other processes that it has noticed. When it dies or hangs, requests read for themselves once a second.
"""

import atexit
import os
import socket
import threading
import time

import structlog
from django.db import Error, connection

from tenants.kill_switches import effect, state

log = structlog.get_logger(__name__)

# Twice as often as the cache may be old: a request finds it fresh although one reading came late.
PERIOD_SECONDS = 0.4
_HEARTBEAT_SECONDS = 2.0

_started_in: int | None = None


def start(*, kind: str) -> None:
    """Watch in this process from now on; a second call changes nothing, a forked child starts its own."""
    global _started_in
    if _started_in == os.getpid():
        return
    _started_in = os.getpid()
    process = f"{kind}:{socket.gethostname()[:60]}:{os.getpid()}:{int(time.time())}"
    threading.Thread(target=_watch, args=(process, kind), name="kill-switches", daemon=True).start()


def _watch(process: str, kind: str) -> None:
    atexit.register(_leave, process)
    noted, heard_at = -1, 0.0
    while True:
        try:
            snapshot = state.renew()
            if snapshot.generation != noted or time.monotonic() - heard_at >= _HEARTBEAT_SECONDS:
                effect.note(process=process, kind=kind, generation=snapshot.generation)
                noted, heard_at = snapshot.generation, time.monotonic()
        except Error as error:  # the database is away or not migrated; requests meanwhile refuse by themselves
            log.warning("switches_unreadable", error=type(error).__name__)
            connection.close()
        time.sleep(PERIOD_SECONDS)


def _leave(process: str) -> None:
    try:
        effect.leave(process=process)
    except Error:
        return
