"""What only the Linux kernel can tell or do: children that die with us, and finding our own stray processes."""

import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
# Loaded here and not in the child: between fork and exec only plain system calls are safe.
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class RunningProcess:
    """One row of /proc. `arguments` is what the process shows as its command line (PostgreSQL rewrites its own)."""

    pid: int
    uid: int
    arguments: tuple[str, ...]


def die_with_parent(signal_number: int) -> Callable[[], None]:
    """A `preexec_fn`: the kernel signals the child when the thread that started it is gone, also by kill -9."""
    parent = os.getpid()

    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:  # it died before the call above
            os._exit(1)

    return arrange


def running_processes() -> list[RunningProcess]:
    """All processes we may look at, except zombies, which hold nothing any more."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            raw = (folder / "cmdline").read_bytes()
            uid = folder.stat().st_uid
        except OSError:  # it ended meanwhile
            continue
        if raw:
            arguments = tuple(part.decode(errors="replace") for part in raw.rstrip(b"\0").split(b"\0"))
            found.append(RunningProcess(pid=int(folder.name), uid=uid, arguments=arguments))
    return found


def processes_marked(marker: str) -> list[int]:
    """Pids whose environment at exec time holds this `NAME=value`; children inherit it, strangers never have it.

    A pid file can name a recycled pid and knows nothing of grandchildren; the environment is safe in both respects.
    """
    wanted = marker.encode()
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:  # ended meanwhile, or another user's: not ours either way
            continue
        if wanted in environment.split(b"\0"):
            found.append(int(folder.name))
    return found


def send(pids: Iterable[int], signal_number: int) -> None:
    """Signal each pid that still exists."""
    for pid in pids:
        try:
            os.kill(pid, signal_number)
        except ProcessLookupError:
            continue


def end_all(find: Callable[[], list[int]], *, grace_seconds: float, polite: int = signal.SIGTERM) -> list[int]:
    """Ask what `find` returns to end; kill -9 what is left after the grace time.

    :returns: the pids found at first; empty means there was nothing to do.
    """
    first = find()
    if not first:
        return []
    send(first, polite)
    if not _wait_until_gone(find, seconds=grace_seconds):
        send(find(), signal.SIGKILL)
        _wait_until_gone(find, seconds=5)
    return first


def _wait_until_gone(find: Callable[[], list[int]], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while find():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
