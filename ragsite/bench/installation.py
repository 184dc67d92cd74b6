"""A throw-away installation in the embedded shape, started as an operator would start it."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ragsite.env import REPO_ROOT

_START_SECONDS = 300
_STOP_SECONDS = 60


@dataclass(frozen=True)
class Installation:
    """A running product. `pid` is its supervisor."""

    port: int
    data_dir: Path
    pid: int

    def processes(self) -> dict[int, str]:
        """Command lines of the supervisor's descendants by process id."""
        parents: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                except (FileNotFoundError, ProcessLookupError):
                    continue
                parents.setdefault(parent, []).append(int(entry.name))
        found, open_pids = {}, [self.pid]
        while open_pids:
            for pid in parents.get(open_pids.pop(), []):
                try:
                    found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                except (FileNotFoundError, ProcessLookupError):
                    continue
                open_pids.append(pid)
        return found

    def largest(self, word: str) -> tuple[int, int]:
        """(process id, peak resident bytes) of the largest process whose command line holds `word`."""
        sizes = [(peak_bytes(pid), pid) for pid, command in self.processes().items() if word in command]
        size, pid = max(sizes)
        return pid, size


@contextmanager
def started() -> Iterator[Installation]:
    """Start `manage.py up` with an empty data folder; stop it and remove everything afterwards."""
    with tempfile.TemporaryDirectory(prefix="ragsite-bench-") as folder:
        data_dir = Path(folder)
        data_dir.chmod(0o711)  # as root PostgreSQL runs as another user, who must be able to enter
        port = _free_port()
        environment = {
            **os.environ,
            "DATA_DIR": str(data_dir),
            "PORT": str(port),
            "DEMO": "0",
            "LOG_LEVEL": "WARNING",
            # The limits are not what is measured.
            "THROTTLE_QUESTIONS_PER_MINUTE": "1000000",
            "THROTTLE_API_PER_MINUTE": "1000000",
            "THROTTLE_UPLOADS_PER_MINUTE": "1000000",
        }
        log = (data_dir.parent / f"{data_dir.name}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, str(REPO_ROOT / "manage.py"), "up"], env=environment, stdout=log, stderr=log, cwd=REPO_ROOT
        )
        try:
            _wait_until_ready(port, process)
            yield Installation(port=port, data_dir=data_dir, pid=process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=_STOP_SECONDS)
            log.close()


def peak_bytes(pid: int) -> int:
    """Peak resident memory of a process (VmHWM of /proc)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def has_torch(pid: int) -> bool:
    """Whether a process has mapped torch's libraries."""
    return "libtorch" in Path(f"/proc/{pid}/maps").read_text()


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"manage.py up ended with code {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            with contextlib.closing(connection):
                connection.request("GET", "/readyz")
                if json.loads(connection.getresponse().read()).get("status") == "ok":
                    return
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass
        time.sleep(0.3)
    raise RuntimeError(f"not ready after {_START_SECONDS} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
