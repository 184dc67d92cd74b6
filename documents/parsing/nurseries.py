"""This worker process's own nursery: started on first use, replaced when it is gone."""

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents.parsing import codes
from documents.parsing.nursery import MAX_MESSAGE_BYTES, READY

_SCRIPT = Path(__file__).with_name("nursery.py")
_PROJECT = Path(__file__).resolve().parents[2]
# Importing every parser takes 0.3 s on an idle machine.
_START_SECONDS = 60.0


@dataclass(frozen=True)
class Ending:
    """How a child ended: its exit status (negative: the signal) and its largest resident size."""

    status: int
    peak_kib: int


class _NurseryGone(Exception):
    pass


class _Nursery:
    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        import_path = [str(_PROJECT), *(entry for entry in sys.path if os.path.isabs(entry) and os.path.isdir(entry))]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script, no user input
                [sys.executable, "-I", "-S", "-X", "utf8", str(_SCRIPT), str(theirs.fileno()), json.dumps(import_path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # a parser's warning may quote a document
                env={},
                cwd="/",
                pass_fds=[theirs.fileno()],
            )
        self._control.settimeout(_START_SECONDS)
        if self._control.recv(len(READY)) != READY:
            raise _NurseryGone
        self._control.settimeout(None)

    def run_child(self, *, job: dict[str, Any], upload: int, output: int, timeout_seconds: float) -> Ending | None:
        message = json.dumps(job).encode()
        if len(message) > MAX_MESSAGE_BYTES:
            raise ValueError("job is too long")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            try:
                socket.send_fds(self._control, [message], [upload, output, theirs.fileno()])
            except OSError as error:
                raise _NurseryGone from error
            theirs.close()  # ours then ends when the nursery does
            ours.settimeout(timeout_seconds)
            try:
                answer = ours.recv(MAX_MESSAGE_BYTES)
            except TimeoutError:
                return None  # closing our end has the child killed
            except OSError as error:
                raise _NurseryGone from error
        if not answer:
            raise _NurseryGone
        return Ending(**json.loads(answer))

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_lock = threading.Lock()
_current: _Nursery | None = None


def prepare() -> None:
    """Start the nursery if there is none.

    :raises codes.ParserUnavailable: if it cannot be started.
    """
    _nursery()


def run_child(*, job: dict[str, Any], upload: int, output: int, timeout_seconds: float) -> Ending | None:
    """Have one child read ``upload`` and write ``output`` (descriptors); None if it had to be stopped.

    :raises codes.ParserUnavailable: if no child can be started.
    """
    for _ in range(2):  # the nursery may have been killed since its last use
        nursery = _nursery()
        try:
            return nursery.run_child(job=job, upload=upload, output=output, timeout_seconds=timeout_seconds)
        except _NurseryGone:
            _forget(nursery)
            os.lseek(upload, 0, os.SEEK_SET)
            os.ftruncate(output, 0)
            os.lseek(output, 0, os.SEEK_SET)
    raise codes.ParserUnavailable("the parser's processes keep dying")


def _nursery() -> _Nursery:
    global _current
    with _lock:
        if _current is None:
            try:
                _current = _Nursery()
            except (OSError, _NurseryGone) as error:
                raise codes.ParserUnavailable("the parser cannot start or load its libraries") from error
        return _current


def _forget(nursery: _Nursery) -> None:
    global _current
    with _lock:
        if _current is nursery:
            _current = None
            nursery.close()


def _reset_after_fork() -> None:
    """A forked worker must not share its parent's nursery; its lock may be held by a thread that no longer exists."""
    global _current, _lock
    _lock = threading.Lock()
    if _current is not None:
        _current._control.close()  # only this copy; the parent's stays open
        _current = None


def _close() -> None:
    if _current is not None:
        _forget(_current)


os.register_at_fork(after_in_child=_reset_after_fork)
atexit.register(_close)
