"""Health checks of the product's containers: exit 0 when well, 1 with one line when not.

    python deploy/healthcheck.py web      /readyz answers 200
    python deploy/healthcheck.py worker   this container's worker answers a ping through the broker (also: ingest)
    python deploy/healthcheck.py beat     a scheduled task was sent in the last minutes

No Django: a check every half a minute should cost a tenth of a second, not two.
"""

import os
import socket
import sys
import urllib.request
from collections.abc import Callable, Sequence

# Beat writes what it has sent to the database every three minutes (django-celery-beat, sync_every).
BEAT_SILENCE_MINUTES = 10


class Unwell(Exception):
    """What is wrong, in one line."""


def check_web() -> None:
    """The web server is ready."""
    address = f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}/readyz"
    with urllib.request.urlopen(address, timeout=8) as response:
        if response.status != 200:
            raise Unwell(f"/readyz: {response.status}")


def check_worker(*, role: str) -> None:
    """The worker's control loop answers."""
    broker = os.environ.get("BROKER_URL", "")
    # The queue in PostgreSQL has no broadcast, so nobody can be asked; then it has to do that the process is there.
    if not broker:
        return
    from celery import Celery

    name = f"{role}@{socket.gethostname()}"
    app = Celery(broker=broker)
    app.conf.broker_connection_timeout = 5
    if not app.control.ping(destination=[name], timeout=8):
        raise Unwell(f"{name} does not answer")


def check_beat() -> None:
    """Some scheduled task was sent lately."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as connection:
        row = connection.execute(
            "SELECT count(*) FROM public.django_celery_beat_periodictask"
            " WHERE last_run_at > now() - make_interval(mins => %s)",
            (BEAT_SILENCE_MINUTES,),
        ).fetchone()
    if not row or not row[0]:
        raise Unwell(f"no scheduled task was sent for {BEAT_SILENCE_MINUTES} minutes")


CHECKS: dict[str, Callable[[], None]] = {
    "web": check_web,
    "worker": lambda: check_worker(role="worker"),
    "ingest": lambda: check_worker(role="ingest"),
    "beat": check_beat,
}


def main(arguments: Sequence[str]) -> int:
    """Run one check."""
    if len(arguments) != 1 or arguments[0] not in CHECKS:
        print(f"usage: healthcheck.py {'|'.join(CHECKS)}", file=sys.stderr)
        return 2
    try:
        CHECKS[arguments[0]]()
    except Exception as error:  # whatever it is, the answer is "unwell", with its name
        print(f"unwell: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
