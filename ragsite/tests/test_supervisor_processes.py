"""The loop over the parts: output, restarts, stopping."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ragsite.supervisor import kernel
from ragsite.supervisor.part_log import PartLog
from ragsite.supervisor.processes import Child, LaunchFailed, Part, Supervisor, launcher


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor()
    yield made
    made.stop()
    made.close()


@pytest.fixture
def make_log(tmp_path: Path) -> Iterator[Callable[..., PartLog]]:
    made: list[PartLog] = []

    def make(name: str, **options: int) -> PartLog:
        made.append(PartLog(name=name, folder=tmp_path, width=6, echo=False, **options))
        return made[-1]

    yield make
    for log in made:
        log.close()


@pytest.fixture
def make_child(tmp_path: Path, make_log: Callable[..., PartLog]) -> Callable[..., Child]:
    def make(code: str, *, name: str = "part", stop_seconds: float = 5.0) -> Child:
        log = make_log(name)
        launch = launcher(command=(sys.executable, "-c", code), environment=os.environ, folder=tmp_path)
        return Child(part=Part(name=name, stop_seconds=stop_seconds), log=log, launch=launch)

    return make


def turn_until(supervisor: Supervisor, condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        supervisor.turn(0.05)


def is_alive(pid: int) -> bool:
    return any(process.pid == pid for process in kernel.running_processes())


def test_output_goes_to_the_parts_log_line_by_line(supervisor: Supervisor, make_child: Callable[..., Child]) -> None:
    child = make_child("import sys; print('one'); print('two', file=sys.stderr); print('half', end='')")

    assert supervisor.run_to_end(child, timeout_seconds=10) == 0

    lines = child.log.path.read_text().splitlines()
    assert sorted(line.split("Z ", 1)[1] for line in lines) == ["half", "one", "two"]


def test_exit_code_of_a_step_is_reported(supervisor: Supervisor, make_child: Callable[..., Child]) -> None:
    assert supervisor.run_to_end(make_child("raise SystemExit(7)"), timeout_seconds=10) == 7


def test_step_that_takes_too_long_is_stopped(supervisor: Supervisor, make_child: Callable[..., Child]) -> None:
    child = make_child("import time; time.sleep(1000)")

    assert supervisor.run_to_end(child, timeout_seconds=0.3) is None

    assert not child.is_running


def test_part_that_dies_is_started_again(supervisor: Supervisor, make_child: Callable[..., Child]) -> None:
    child = make_child("import time; print('here', flush=True); time.sleep(1000)")
    supervisor.start(child)
    assert child.process is not None
    first = child.process.pid
    turn_until(supervisor, lambda: "here" in child.log.path.read_text())

    os.kill(first, signal.SIGKILL)

    turn_until(supervisor, lambda: child.process is not None and child.process.pid != first)
    turn_until(supervisor, lambda: child.log.path.read_text().count("here") == 2)
    assert "ended with code -9" in child.log.path.read_text()


def test_part_that_keeps_dying_waits_longer_each_time(make_child: Callable[..., Child]) -> None:
    child = make_child("pass")
    delays = []

    for _ in range(8):
        os.close(child.start())
        while not child.has_ended():
            time.sleep(0.01)
        delays.append(child.plan_restart())

    assert delays == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_what_a_dead_part_leaves_behind_is_ended(supervisor: Supervisor, make_child: Callable[..., Child]) -> None:
    child = make_child(
        "import subprocess, sys, time; "
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)']).pid, flush=True); "
        "time.sleep(1000)"
    )
    supervisor.start(child)
    turn_until(supervisor, lambda: child.log.path.stat().st_size > 0)
    grandchild = int(child.log.path.read_text().split()[-1])
    assert child.process is not None

    os.kill(child.process.pid, signal.SIGKILL)

    turn_until(supervisor, lambda: not is_alive(grandchild))


def test_part_that_ignores_the_request_to_stop_is_killed(
    supervisor: Supervisor, make_child: Callable[..., Child]
) -> None:
    child = make_child(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('deaf', flush=True); time.sleep(1000)",
        stop_seconds=0.5,
    )
    supervisor.start(child)
    turn_until(supervisor, lambda: "deaf" in child.log.path.read_text())

    started = time.monotonic()
    supervisor.stop()

    assert time.monotonic() - started < 3
    assert not child.is_running
    assert "did not stop in time" in child.log.path.read_text()


def test_parts_are_stopped_in_reverse_order(supervisor: Supervisor, make_child: Callable[..., Child]) -> None:
    code = (
        "import signal, sys, time; "
        "signal.signal(signal.SIGTERM, lambda *_: (print('end', time.monotonic(), flush=True), sys.exit(0))); "
        "print('ready', flush=True); time.sleep(1000)"
    )
    children = [make_child(code, name=name) for name in ("first", "second", "third")]
    for child in children:
        supervisor.start(child)
        turn_until(supervisor, lambda child=child: "ready" in child.log.path.read_text())

    supervisor.stop()

    ends = [float(child.log.path.read_text().split()[-1]) for child in children]
    assert ends == sorted(ends, reverse=True)


def test_program_that_does_not_exist_is_a_named_error(
    supervisor: Supervisor, make_log: Callable[..., PartLog], tmp_path: Path
) -> None:
    log = make_log("ghost")
    launch = launcher(command=("/no/such/program",), environment=os.environ, folder=tmp_path)

    with pytest.raises(LaunchFailed, match="ghost can't be started"):
        supervisor.start(Child(part=Part(name="ghost"), log=log, launch=launch))


def test_child_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, pathlib, sys, time\n"
            "from ragsite.supervisor.processes import launcher\n"
            "launch = launcher(command=('/bin/sleep', '1000'), environment=os.environ, folder=pathlib.Path('/'))\n"
            "print(launch(2).pid, flush=True)\n"
            "time.sleep(1000)",
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_alive(child)

    parent.kill()
    parent.communicate()

    deadline = time.monotonic() + 5
    while is_alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_log_file_is_rotated_by_size_and_old_ones_go(make_log: Callable[..., PartLog], tmp_path: Path) -> None:
    log = make_log("chatty", max_file_bytes=1000)

    for number in range(200):
        log.feed(f"line {number} {'x' * 80}\n".encode())

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["chatty.log", "chatty.log.1", "chatty.log.2", "chatty.log.3", "chatty.log.4"]
    assert all(path.stat().st_size < 1200 for path in tmp_path.iterdir())
    assert "line 199" in (tmp_path / "chatty.log").read_text()


def test_line_without_an_end_does_not_fill_the_memory(make_log: Callable[..., PartLog]) -> None:
    log = make_log("endless")

    for _ in range(100):
        log.feed(b"x" * 10_000)

    assert log.path.stat().st_size > 500_000


def test_stray_processes_are_known_by_their_environment() -> None:
    marker = f"RAGSITE_TEST_MARK={os.getpid()}"
    name, _, value = marker.partition("=")
    stray = subprocess.Popen(["/bin/sleep", "1000"], env={name: value})
    stranger = subprocess.Popen(["/bin/sleep", "1000"], env={name: value + "0"})
    try:
        assert kernel.processes_marked(marker) == [stray.pid]

        kernel.send([stray.pid], signal.SIGTERM)
        stray.wait(5)

        assert kernel.processes_marked(marker) == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
