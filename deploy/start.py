"""Entry point of the product's container: wait for the database, prepare it once, become the wanted program.

    python deploy/start.py web        migrations (one container at a time), then the web server
    python deploy/start.py worker     the task queue `default`
    python deploy/start.py ingest     the task queue `ingest`: reading and indexing of uploaded files
    python deploy/start.py beat       the clock of scheduled tasks; one per installation
    python deploy/start.py manage X   manage.py X, without waiting or preparing

The program replaces this process, so it gets the container's signals itself.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402

from ragsite import env  # noqa: E402
from ragsite.env import BadSetting, Environment  # noqa: E402
from ragsite.supervisor import provisioning  # noqa: E402

# A database server that recovers from a crash may need minutes; an orchestrator restarts us after that.
DATABASE_TIMEOUT_SECONDS = 180
# One container migrates while the others wait: as long as the longest migration may take.
LOCK_TIMEOUT_SECONDS = 1800
EXIT_CANNOT_START = 2
ROLES = ("web", "worker", "ingest", "beat")


class CannotStart(Exception):
    """Something outside of the container is in the way; the message is one line."""


def main(arguments: Sequence[str]) -> int:
    """Returns only when the program could not be started."""
    try:
        if arguments[:1] == ["manage"]:
            _become((*_manage(), *arguments[1:]))
        if len(arguments) != 1 or arguments[0] not in ROLES:
            raise CannotStart(f"say what to be: {', '.join(ROLES)}, or manage followed by a command")
        environment = _read_environment()
        wait_for_database(url=environment.database_url, timeout_seconds=DATABASE_TIMEOUT_SECONDS)
        if arguments[0] == "web":
            prepare(environment=environment)
        _become(command_of(role=arguments[0], environment=environment))
    except CannotStart as error:
        print(f"start: {error}", file=sys.stderr, flush=True)
    return EXIT_CANNOT_START


def _read_environment() -> Environment:
    try:
        environment = env.read_environment(os.environ)
    except BadSetting as error:
        raise CannotStart(str(error)) from error
    if not environment.database_url:
        raise CannotStart("DATABASE_URL is needed: a container has no database of its own")
    if not environment.secret_key:
        raise CannotStart("SECRET_KEY is needed: each container would make up another one")
    if not environment.field_master_key:
        raise CannotStart("FIELD_MASTER_KEY is needed: what one container seals, the others must be able to open")
    if not environment.audit_chain_key:
        raise CannotStart("AUDIT_CHAIN_KEY is needed: all containers write one audit log")
    if environment.demo and not environment.demo_password:
        raise CannotStart("DEMO=1 needs DEMO_PASSWORD")
    return environment


def wait_for_database(*, url: str, timeout_seconds: float) -> None:
    """Return as soon as the database takes connections.

    :raises CannotStart: when it does not within that time; the message has the reason, never the URL's password.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            with psycopg.connect(url, connect_timeout=5):
                return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                reason = str(error).strip().splitlines()[-1]
                raise CannotStart(f"no database within {timeout_seconds:.0f} s: {reason}") from error
        time.sleep(1)


def prepare(*, environment: Environment) -> None:
    """Schemas of all companies, queue and demo, by one container at a time.

    :raises CannotStart: when a step fails or another container holds the lock too long.
    """
    with preparation_lock(url=environment.database_url):
        if not environment.broker_url:
            provisioning.install_queue(environment.database_url)
        _run("migrate_schemas", "--executor=standard", "--verbosity=1")
        if environment.demo:
            _run("seed_demo")


@contextlib.contextmanager
def preparation_lock(*, url: str) -> Iterator[None]:
    """A lock that PostgreSQL gives back by itself when its holder dies."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
        try:
            connection.execute("SELECT pg_advisory_lock(hashtext('ragsite.prepare'))")
        except psycopg.errors.LockNotAvailable as error:
            raise CannotStart(f"another container has been preparing for {LOCK_TIMEOUT_SECONDS} s") from error
        yield


def _run(*command: str) -> None:
    finished = subprocess.run((*_manage(), *command), cwd=ROOT, check=False)  # noqa: S603 (our own commands)
    if finished.returncode != 0:
        raise CannotStart(f"manage.py {command[0]} ended with {finished.returncode}: see above")


def command_of(*, role: str, environment: Environment) -> tuple[str, ...]:
    """The program of a role."""
    python = sys.executable
    celery = (python, "-m", "celery", "--app", "ragsite", "--quiet")
    if role == "web":
        return (
            *(python, "-m", "granian", "--interface", "wsgi", "--no-ws"),
            *("--host", environment.host, "--port", str(environment.port)),
            *("--workers", str(environment.web_workers), "--blocking-threads", str(env.web_threads(environment))),
            *("--workers-kill-timeout", "8"),
            "ragsite.wsgi:application",
        )
    if role == "beat":
        return (*celery, "beat", "--loglevel", "WARNING", "--pidfile=")
    queue = "ingest" if role == "ingest" else "default"
    return (
        *(*celery, "worker", "--queues", queue, "--hostname", f"{role}@%h", "--loglevel", "WARNING"),
        *("--concurrency", "1", "--without-gossip", "--without-mingle"),
    )


def _manage() -> tuple[str, str]:
    return (sys.executable, str(ROOT / "manage.py"))


def _become(command: Sequence[str]) -> None:
    sys.stdout.flush()
    os.execv(command[0], list(command))  # noqa: S606 (our own commands)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
