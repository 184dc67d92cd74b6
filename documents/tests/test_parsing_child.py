"""The child process: what it may not do, and what happens when it misbehaves."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from documents import parsing
from documents.parsing import Limits, ParseFailed, Rejected, nurseries, runner
from documents.parsing.nurseries import Ending
from documents.tests.samples import parse, texts

REPO_ROOT = Path(__file__).resolve().parents[2]

# Runs in a process of its own, because these limits cannot be taken back.
ESCAPES = """
import json, os, socket, sys
from documents.parsing import confinement
output = open(sys.argv[1], "ab", buffering=0)
confinement.limit_resources(memory_bytes=400_000_000, cpu_seconds=5, output_bytes=1000)
confinement.leave_privileges_behind()
def attempt(act):
    try:
        act()
    except BaseException as error:
        return type(error).__name__
    return "allowed"
def fork():
    if os.fork() == 0:
        os._exit(0)
def write_much():
    while True:
        output.write(bytes(1000))
import _socket
def raw_connection():
    made = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    made.connect(("127.0.0.1", int(sys.argv[2])))
outcome = {
    "memory": attempt(lambda: bytearray(500_000_000)),
    "fork": attempt(fork),
    "read": attempt(lambda: open("/etc/passwd").read()),
    "socket": attempt(lambda: socket.socket()),
    "lookup": attempt(lambda: socket.getaddrinfo("localhost", 80)),
    "raw connection": attempt(raw_connection),
    "write": attempt(write_much),
    "uid": os.getuid(),
}
print(json.dumps(outcome))
"""


def test_confined_process_has_no_memory_network_processes_or_disk(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.touch(mode=0o666)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = subprocess.run(
            [sys.executable, "-c", ESCAPES, str(target), str(listener.getsockname()[1])],
            cwd=REPO_ROOT,
            env={"PYTHONPATH": str(REPO_ROOT)},
            capture_output=True,
            timeout=30,
            check=True,
        )
    outcome = json.loads(done.stdout)

    assert outcome["memory"] == "MemoryError"
    assert outcome["socket"] == outcome["lookup"] == "PermissionError"
    assert outcome["raw connection"] != "allowed"
    assert outcome["write"] == "OSError"
    assert target.stat().st_size == 1000
    if ctypes.CDLL(None).syscall(444, None, 0, 1) > 0:  # the kernel has Landlock
        assert outcome["read"] == "PermissionError"
    if os.geteuid() == 0:
        assert outcome["uid"] != 0
        assert outcome["fork"] == "BlockingIOError"


def test_child_sees_neither_environment_nor_open_files_of_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    nurseries._close()
    parse(tmp_path, name="a.txt", content="hello")
    assert nurseries._current is not None
    process = Path(f"/proc/{nurseries._current._process.pid}")

    assert (process / "environ").read_bytes() == b""
    targets = [os.readlink(entry) for entry in (process / "fd").iterdir()]
    assert all(target.startswith(("/dev/null", "socket:", "pipe:")) for target in targets)
    # The control socket, and for a moment the reply to the job that just ended.
    assert sum(target.startswith("socket:") for target in targets) <= 2


def test_child_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    nested = "<div>" * 100_000  # quadratic in the HTML parser

    with pytest.raises(ParseFailed) as failure:
        parse(tmp_path, name="a.html", content=nested, limits=Limits(timeout_seconds=0.5))

    assert failure.value.code == "timeout"
    assert texts(parse(tmp_path, name="a.txt", content="still here")) == ["still here"]


def test_child_that_needs_too_much_memory_is_stopped(tmp_path: Path) -> None:
    wide = "<table>" + ("<tr>" + "<td>abc</td>" * 30 + "</tr>") * 20_000

    with pytest.raises(ParseFailed) as failure:
        parse(tmp_path, name="a.html", content=wide, limits=Limits(memory_bytes=200 * 1024 * 1024))

    assert failure.value.code == "memory"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (-signal.SIGSEGV, Rejected, "malformed"),
        (-signal.SIGBUS, Rejected, "malformed"),
        (-signal.SIGKILL, ParseFailed, "memory"),
        (-signal.SIGABRT, ParseFailed, "memory"),
        (-signal.SIGXCPU, ParseFailed, "timeout"),
        (1, Rejected, "malformed"),
    ],
)
def test_every_way_to_die_has_a_code(status: int, kind: type[Exception], code: str) -> None:
    refusal: Any = runner._refusal_for(Ending(status=status, peak_kib=0))

    assert isinstance(refusal, kind)
    assert refusal.code == code


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"code": "made up"}',
        b'{"title": null, "page_count": null, "flags": [], "media_type": "x", "pieces": [["evil", "text", null, 0]]}',
        b'{"title": null, "page_count": null, "flags": [], "media_type": "x", "pieces": [["heading", 7, null, 0]]}',
    ],
)
def test_answer_of_a_child_gone_wild_is_refused(answer: bytes) -> None:
    with pytest.raises(Rejected) as refusal:
        runner._parsed(answer)

    assert refusal.value.code == "malformed"


def test_nursery_that_was_killed_is_replaced(tmp_path: Path) -> None:
    parse(tmp_path, name="a.txt", content="one")
    assert nurseries._current is not None
    killed = nurseries._current._process
    killed.kill()
    killed.wait()

    assert texts(parse(tmp_path, name="a.txt", content="two")) == ["two"]
    assert nurseries._current._process.pid != killed.pid


def test_threads_parse_side_by_side_without_mixing_results(tmp_path: Path) -> None:
    def parse_own(number: int) -> list[str]:
        folder = tmp_path / str(number)
        folder.mkdir()
        return texts(parse(folder, name="a.md", content=f"# Heading {number}\n\nText {number}"))

    with ThreadPoolExecutor(max_workers=8) as pool:
        results = list(pool.map(parse_own, range(40)))

    assert results == [[f"Heading {number}", f"Text {number}"] for number in range(40)]


def test_forked_worker_starts_a_nursery_of_its_own(tmp_path: Path) -> None:
    parse(tmp_path, name="a.txt", content="parent")
    assert nurseries._current is not None
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            was_reset = nurseries._current is None
            done = was_reset and texts(parse(tmp_path, name="a.txt", content="child")) == ["child"]
            os.write(writer, b"1" if done else b"0")
            nurseries._close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)

    assert os.read(reader, 1) == b"1"
    assert texts(parse(tmp_path, name="a.txt", content="parent again")) == ["parent again"]
    os.close(reader)
    os.close(writer)


def test_no_child_outlives_its_worker(tmp_path: Path) -> None:
    path = tmp_path / "slow.html"
    path.write_text("<div>" * 200_000)
    script = (
        "import sys, threading\n"
        "from pathlib import Path\n"
        "from documents.parsing import Limits, nurseries, parse_file\n"
        f"job = lambda: parse_file(path=Path({str(path)!r}), original_name='a.html', limits=Limits())\n"
        "threading.Thread(target=job, daemon=True).start()\n"
        "while nurseries._current is None: pass\n"
        "print(nurseries._current._process.pid, flush=True)\n"
        "threading.Event().wait()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(REPO_ROOT)}, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        nursery = int(worker.stdout.readline())
        children = _wait_for_children(nursery)
        worker.kill()

    _wait_until_gone([nursery, *children])


def _wait_for_children(process_id: int) -> list[int]:
    listing = Path(f"/proc/{process_id}/task/{process_id}/children")
    for _ in range(100):
        if children := [int(each) for each in listing.read_text().split()]:
            return children
        threading.Event().wait(0.05)
    raise AssertionError("the nursery has no child")


def _wait_until_gone(process_ids: list[int]) -> None:
    for _ in range(100):
        if not any(_is_running(each) for each in process_ids):
            return
        threading.Event().wait(0.05)
    raise AssertionError("a process outlived its worker")


def _is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # in a container without an init process, nobody collects orphans


def test_prepared_process_reads_its_first_file_without_starting_another_nursery(tmp_path: Path) -> None:
    parsing.prepare()
    prepared = nurseries._current

    assert texts(parse(tmp_path, name="leave.md", content="# Leave\n\nThirty days.")) == ["Leave", "Thirty days."]

    assert prepared is not None
    assert nurseries._current is prepared
