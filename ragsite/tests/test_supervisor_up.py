"""The whole of `up` as a process of its own, with stand-ins for the product's programs."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ragsite.supervisor import discovery, kernel
from ragsite.tests import clusters

REPO_ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """A data folder and the runs of `up` on it."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "var"
        self.port = free_port()
        self.output = folder / "output"
        self.runs: list[subprocess.Popen[bytes]] = []

    def environment(self, **changes: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        return {
            **kept,
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "DEMO_PASSWORD": "opensesame",
            **changes,
        }

    def up(self, **changes: str) -> subprocess.Popen[bytes]:
        with open(self.output, "ab") as output:
            run = subprocess.Popen(
                [sys.executable, "-m", "ragsite.tests.stub_installation"],
                cwd=REPO_ROOT,
                env=self.environment(**changes),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.runs.append(run)
        return run

    def up_until_ready(self) -> subprocess.Popen[bytes]:
        if not self.data_dir.exists():
            clusters.copy_finished(self.data_dir)
        before = self.text().count("ragsite is ready")
        run = self.up()
        self.wait_for(lambda: self.text().count("ragsite is ready") > before, run=run)
        return run

    def text(self) -> str:
        return self.output.read_text() if self.output.exists() else ""

    def pid_of(self, part: str) -> int | None:
        """The main process of a part: the child of the running supervisor whose command says so."""
        signs = {"postgres": "cluster_name=", "worker": "worker is here", "beat": "beat", "web": "ThreadingHTTPServer"}
        for process in kernel.running_processes():
            if any(signs[part] in argument for argument in process.arguments) and self._parent(process.pid) in [
                run.pid for run in self.runs
            ]:
                return process.pid
        return None

    def ours(self) -> list[int]:
        """Everything that any run has started and that is still there, the database included."""
        cluster = str(self.data_dir.resolve() / "postgres")
        servers = [process.pid for process in kernel.running_processes() if cluster in process.arguments]
        marked = [
            int(folder.name)
            for folder in Path("/proc").iterdir()
            if folder.name.isdigit() and f"DATA_DIR={self.data_dir}".encode() in self._environ(folder).split(b"\0")
        ]
        return sorted({*servers, *marked})

    def answer(self) -> str | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as response:
                return str(response.read().decode())
        except OSError:
            return None

    def wait_for(
        self, condition: Callable[[], object], *, seconds: float = 40.0, run: subprocess.Popen[bytes] | None = None
    ) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"did not happen in time; output:\n{self.text()}"
            assert run is None or run.poll() is None, f"ended; output:\n{self.text()}"
            time.sleep(0.05)

    def close(self) -> None:
        for run in self.runs:
            if run.poll() is None:
                run.terminate()
                try:
                    run.wait(30)
                except subprocess.TimeoutExpired:
                    run.kill()
                    run.wait()
        kernel.send(self.ours(), signal.SIGKILL)

    def _parent(self, pid: int) -> int:
        try:
            return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            return 0

    def _environ(self, folder: Path) -> bytes:
        try:
            return (folder / "environ").read_bytes()
        except OSError:
            return b""


@pytest.fixture
def installation() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="ragsite-up-"))
    folder.chmod(0o755)
    made = Installation(folder)
    yield made
    made.close()
    shutil.rmtree(folder)


def test_first_start_prepares_and_says_where_to_go_and_the_second_only_starts(installation: Installation) -> None:
    installation.data_dir.mkdir()
    run = installation.up_until_ready()
    text = installation.text()
    assert "preparing the only step" in text
    assert "the step ran" in (installation.data_dir / "log" / "once.log").read_text()
    assert f"http://acme.localhost:{installation.port}" in text
    assert f"http://localhost:{installation.port}/admin" in text
    assert "employee@acme.example" in text
    assert "opensesame" in text
    url = discovery.embedded_database_url(installation.data_dir)
    assert url is not None
    psycopg.connect(url).close()

    run.send_signal(signal.SIGINT)
    assert run.wait(30) == 0
    assert installation.ours() == []
    for part in ("web", "worker", "beat", "postgres"):
        assert (installation.data_dir / "log" / f"{part}.log").exists()

    started = time.monotonic()
    installation.up_until_ready()
    assert time.monotonic() - started < 10
    assert installation.text().count("preparing the only step") == 1


def test_part_that_is_killed_comes_back_and_the_rest_stay(installation: Installation) -> None:
    run = installation.up_until_ready()

    for part in ("worker", "beat", "web", "postgres"):
        before = {name: installation.pid_of(name) for name in ("worker", "beat", "web", "postgres")}
        victim = before[part]
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        installation.wait_for(lambda part=part, victim=victim: installation.pid_of(part) not in (None, victim), run=run)
        after = {name: installation.pid_of(name) for name in before}
        assert [name for name in before if before[name] != after[name]] == [part]

    installation.wait_for(installation.answer, run=run)
    url = discovery.embedded_database_url(installation.data_dir)
    assert url is not None
    installation.wait_for(lambda: answers(url), run=run)


def test_nothing_outlives_a_killed_supervisor_for_long_and_the_next_start_works(installation: Installation) -> None:
    run = installation.up_until_ready()

    run.kill()
    run.wait()

    # The parts are told by the kernel; the worker's child, which nobody tells, is ended by the next start.
    installation.wait_for(lambda: installation.answer() is None)
    installation.up_until_ready()
    grandchildren = [
        process.pid
        for process in kernel.running_processes()
        if "grandchild" in process.arguments and process.pid in installation.ours()
    ]
    assert len(grandchildren) == 1


def test_everything_killed_at_once_loses_no_committed_row(installation: Installation) -> None:
    installation.up_until_ready()
    url = discovery.embedded_database_url(installation.data_dir)
    assert url is not None
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        for number in range(200):
            connection.execute("INSERT INTO kept VALUES (%s)", (number,))
            connection.commit()

        everything = [*(run.pid for run in installation.runs), *installation.ours()]
        kernel.send(everything, signal.SIGKILL)
    installation.runs[-1].wait()

    installation.up_until_ready()
    url = discovery.embedded_database_url(installation.data_dir)
    assert url is not None
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*), sum(n) FROM kept").fetchone() == (200, 19900)


def test_second_up_on_the_same_folder_is_one_line(installation: Installation) -> None:
    first = installation.up_until_ready()
    length = len(installation.text())

    second = installation.up(PORT=str(free_port()))

    assert second.wait(20) == 2
    said = installation.text()[length:].strip()
    assert "\n" not in said
    assert said.startswith("ragsite: already running on DATA_DIR")
    assert str(first.pid) in said
    assert installation.answer()


def test_taken_port_is_one_line_and_nothing_is_started(installation: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        run = installation.up(PORT=str(port))

        assert run.wait(20) == 2
    assert installation.text() == f"ragsite: PORT {port} on 127.0.0.1 is taken by another program: set another PORT\n"
    assert not (installation.data_dir / "postgres").exists()


def test_unwritable_folder_is_one_line(installation: Installation) -> None:
    installation.data_dir.write_text("a file, not a folder")

    run = installation.up()

    assert run.wait(20) == 2
    assert installation.text().startswith("ragsite: can't write to DATA_DIR")
    assert installation.text().count("\n") == 1


def test_stop_during_the_start_ends_everything(installation: Installation) -> None:
    run = installation.up()
    installation.wait_for(lambda: "starting the database" in installation.text(), run=run)

    run.terminate()

    assert run.wait(30) == 0
    assert installation.ours() == []


def test_made_up_demo_password_stays_the_same(installation: Installation) -> None:
    clusters.copy_finished(installation.data_dir)
    run = installation.up(DEMO_PASSWORD="")
    installation.wait_for(lambda: "password of all demo accounts" in installation.text(), run=run)
    run.terminate()
    run.wait(30)
    again = installation.up(DEMO_PASSWORD="")
    installation.wait_for(lambda: installation.text().count("password of all demo accounts") == 2, run=again)

    lines = [line for line in installation.text().splitlines() if "password of all demo accounts" in line]
    assert lines[0] == lines[1]
    assert len(lines[0].split()[-1]) >= 12


def test_port_of_the_database_is_taken_while_it_is_down(installation: Installation) -> None:
    run = installation.up_until_ready()
    place = json.loads((installation.data_dir / "postgres.json").read_text())
    victim, web = installation.pid_of("postgres"), installation.pid_of("web")
    assert victim is not None
    os.kill(victim, signal.SIGSTOP)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        os.kill(victim, signal.SIGKILL)
        installation.wait_for(lambda: _bind(other, place["port"]), seconds=5)
        other.listen()

        installation.wait_for(
            lambda: json.loads((installation.data_dir / "postgres.json").read_text())["port"] != place["port"], run=run
        )
        # The others have to look up the new port: they are started again.
        installation.wait_for(lambda: installation.pid_of("web") not in (None, web), run=run)
        installation.wait_for(installation.answer, run=run)


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _bind(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
