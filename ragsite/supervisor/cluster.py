"""The files of a cluster: made by initdb, owned by the right user, configured anew at each start."""

import os
import shutil
import subprocess
from pathlib import Path

from ragsite.supervisor import discovery, postgres_conf
from ragsite.supervisor.placement import Placement

SUPERUSER = "postgres"
INITDB_TIMEOUT_SECONDS = 120
# Nothing of ours, above all no PGDATA or PGPORT of another installation.
BARE_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
# The line of postmaster.pid that holds the server's state (LOCK_FILE_LINE_PM_STATUS in PostgreSQL's pidfile.h).
_STATUS_LINE = 8


class DatabaseFailed(Exception):
    """The embedded database could not be made or started; the message is one line for the operator."""


def make_cluster(*, place: Placement, superuser_password: str, durable: bool) -> None:
    """initdb into a folder beside, renamed when complete: a crash half-way leaves nothing that looks like a cluster.

    :raises DatabaseFailed: with the last line that initdb printed.
    """
    target = place.cluster_dir
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(target.name + ".new")
    password_file = target.with_name(target.name + ".pwfile")
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    place.give(fresh)
    discovery.write_privately(password_file, superuser_password + "\n")
    place.give(password_file)
    command = [
        str(place.bin_dir / "initdb"),
        *("--pgdata", str(fresh), "--username", SUPERUSER, "--pwfile", str(password_file)),
        *("--auth", "scram-sha-256", "--encoding", "UTF8"),
        # PostgreSQL's own C.UTF-8: sorts alike on every machine, whatever its C library is and becomes.
        *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        *(() if durable else ("--no-sync",)),
    ]
    try:
        finished = subprocess.run(  # noqa: S603 (our own programs and paths)
            command,
            capture_output=True,
            text=True,
            timeout=INITDB_TIMEOUT_SECONDS,
            env=BARE_ENVIRONMENT,
            cwd="/",
            check=False,
            **place.identity,  # type: ignore[call-overload]
        )
    finally:
        password_file.unlink(missing_ok=True)
    if finished.returncode != 0:
        last = (finished.stderr.strip() or finished.stdout.strip() or "no output").splitlines()[-1]
        raise DatabaseFailed(f"initdb failed in {fresh}: {last}")
    if target.exists():
        try:
            target.rmdir()
        except OSError as error:
            raise DatabaseFailed(f"{target} is in the way: it is not empty and not a database") from error
    os.rename(fresh, target)


def take_ownership(*, place: Placement) -> None:
    """Volumes restored or copied by root belong to root; the server insists on its own."""
    if place.uid is None or place.cluster_dir.stat().st_uid == place.uid:
        return
    for folder, _, files in os.walk(place.cluster_dir):
        place.give(Path(folder))
        for name in files:
            place.give(Path(folder) / name)


def write_configuration(*, place: Placement, settings: tuple[postgres_conf.Setting, ...]) -> None:
    """Replace postgresql.conf and pg_hba.conf by ours."""
    for name, text in (("postgresql.conf", postgres_conf.render(settings)), ("pg_hba.conf", postgres_conf.HBA)):
        discovery.write_privately(place.cluster_dir / name, text)
        place.give(place.cluster_dir / name)


def says_ready(cluster_dir: Path) -> bool:
    """True when the server has written into its pid file that it takes connections."""
    try:
        lines = (cluster_dir / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return len(lines) >= _STATUS_LINE and lines[_STATUS_LINE - 1].strip() == "ready"
