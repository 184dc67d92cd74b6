"""A throw-away PostgreSQL for a test session: made in a temporary folder, without fsync, gone afterwards.

It dies with the process that made it, also by kill -9; the next session removes the folders that such deaths leave.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ragsite.supervisor import placement, postgres_conf
from ragsite.supervisor.postgres import EmbeddedPostgres

PREFIX = "ragsite-test-"


@dataclass(frozen=True)
class TestCluster:
    """`url` signs in as the application's role, which may create databases here; `superuser_url` as `postgres`."""

    __test__ = False  # not a test class, whatever its name says to pytest

    url: str
    superuser_url: str
    data_dir: Path


@contextlib.contextmanager
def throwaway_cluster() -> Iterator[TestCluster]:
    """Start a cluster (about 2 s), yield it, stop it and remove its folder."""
    _remove_leftovers()
    data_dir = Path(tempfile.mkdtemp(prefix=PREFIX))
    data_dir.chmod(0o711)  # as root the server runs as another user, who must be able to enter
    with _held(data_dir):
        server = EmbeddedPostgres(
            data_dir=data_dir, extra_settings=postgres_conf.THROWAWAY_SETTINGS, role_may_create_databases=True
        )
        try:
            server.prepare()
            with open(data_dir / "postgres.log", "wb") as log:
                server.start(output=log)
            server.wait_until_ready()
            server.provision()
            yield TestCluster(url=server.url, superuser_url=server.superuser_url(), data_dir=data_dir)
        finally:
            server.stop()
            _remove(data_dir)


@contextlib.contextmanager
def _held(data_dir: Path) -> Iterator[None]:
    """A lock that tells a live session's folder from a dead one's."""
    # Locked under another name first: a "lock" file that anybody can see is always held.
    with open(data_dir / "lock.new", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.rename(data_dir / "lock.new", data_dir / "lock")
        yield


def _remove_leftovers() -> None:
    for lock_file in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/lock"):
        try:
            if lock_file.stat().st_uid != os.geteuid():
                continue
            with open(lock_file, "r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(lock_file.parent)
        except OSError:  # a live session's
            continue


def _remove(data_dir: Path) -> None:
    id_file = data_dir / placement.ID_FILE
    if id_file.exists():
        shutil.rmtree(placement.SHARED_HOME / id_file.read_text(encoding="ascii").strip(), ignore_errors=True)
    shutil.rmtree(data_dir, ignore_errors=True)
