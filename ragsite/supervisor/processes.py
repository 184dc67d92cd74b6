"""Running parts: started, watched, restarted when they die alone, stopped in order.

One thread and one loop. Children die with the thread that started them (kernel.die_with_parent), so no other thread may
start them, and nothing in the loop may block for long: a full pipe stops the part that writes to it.
"""

import errno
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ragsite.supervisor import kernel
from ragsite.supervisor.part_log import PartLog

FIRST_RESTART_SECONDS = 0.5
LONGEST_RESTART_SECONDS = 30.0
# A part that ran this long is healthy: its next death is a first one again.
HEALTHY_AFTER_SECONDS = 60.0
READ_BYTES = 64 * 1024


@dataclass(frozen=True)
class Part:
    """One program. It gets `stop_signal`, and SIGKILL with all its children after `stop_seconds`."""

    name: str
    stop_seconds: float = 10.0
    stop_signal: int = signal.SIGTERM


class LaunchFailed(Exception):
    """A part could not be started; the message is one line."""


class Child:
    """One part's process over its restarts. Its process group is a session of its own, so Ctrl-C reaches only us."""

    def __init__(self, *, part: Part, log: PartLog, launch: Callable[[int], subprocess.Popen[bytes]]) -> None:
        self.part = part
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.restart_at: float | None = None
        self._launch = launch
        self._started_at = 0.0
        self._deaths_in_a_row = 0

    @property
    def is_running(self) -> bool:
        """False before the start, while waiting for a restart, and after the end was noticed."""
        return self.process is not None

    def start(self) -> int:
        """Start it.

        :returns: the reading end of its output, non-blocking.
        """
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        try:
            self.process = self._launch(writer)
        except Exception as error:
            os.close(reader)
            if isinstance(error, OSError):
                raise LaunchFailed(f"{self.part.name} can't be started: {error}") from error
            raise
        finally:
            os.close(writer)
        self.restart_at = None
        self._started_at = time.monotonic()
        return reader

    def has_ended(self) -> bool:
        """True once after its main process ended; then what it left behind is gone too."""
        if self.process is None:
            return False
        if self.process.returncode is not None:  # somebody else has reaped it
            return True
        # Looked at without reaping: as long as it is a zombie its number, and so the group's, can't be anybody else's.
        ended = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return False
        self.kill_group()
        self.process.wait()
        return True

    def plan_restart(self) -> float:
        """Note the death and set the time of the next try.

        :returns: seconds until then.
        """
        assert self.process is not None
        if time.monotonic() - self._started_at > HEALTHY_AFTER_SECONDS:
            self._deaths_in_a_row = 0
        delay = min(FIRST_RESTART_SECONDS * 2**self._deaths_in_a_row, LONGEST_RESTART_SECONDS)
        self._deaths_in_a_row = min(self._deaths_in_a_row + 1, 10)
        self.process = None
        self.restart_at = time.monotonic() + delay
        return delay

    def forget(self) -> None:
        """It ended and is not to come back."""
        self.process = None
        self.restart_at = None

    def terminate(self) -> None:
        """Ask the main process to end; it tells its own children."""
        if self.process is not None:
            self.process.send_signal(self.part.stop_signal)

    def kill_group(self) -> None:
        """End the main process and all its children at once."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return


def launcher(
    *, command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Callable[[int], subprocess.Popen[bytes]]:
    """How an ordinary part is started: a session of its own, SIGTERM when we die."""

    def launch(output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 (commands of the plan)
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
            preexec_fn=kernel.die_with_parent(signal.SIGTERM),
        )

    return launch


class Supervisor:
    """The loop over all children. `stop_requested` is set by SIGINT, SIGTERM and SIGHUP."""

    def __init__(self) -> None:
        self.stop_requested = False
        self._impatient = False
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._wakeup_reader, self._wakeup_writer = os.pipe()
        os.set_blocking(self._wakeup_reader, False)
        os.set_blocking(self._wakeup_writer, False)
        self._selector.register(self._wakeup_reader, selectors.EVENT_READ, None)

    def listen_to_signals(self) -> None:
        """Take over the process's signals; only a program's main function may do that."""
        signal.set_wakeup_fd(self._wakeup_writer, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_stop_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake the loop

    def start(self, child: Child) -> None:
        """Start a child and watch it from now on.

        :raises LaunchFailed: when its program can't be started.
        """
        if child not in self._children:
            self._children.append(child)
        reader = child.start()
        self._selector.register(reader, selectors.EVENT_READ, child)

    def run_to_end(self, child: Child, *, timeout_seconds: float) -> int | None:
        """Run something that ends by itself, with the loop going on for all others.

        :returns: its exit code, or None when it was stopped: too slow, or we are asked to stop.
        """
        deadline = time.monotonic() + timeout_seconds
        self.start(child)
        while not child.has_ended():
            if self.stop_requested or time.monotonic() > deadline:
                self._end(child)
                self._children.remove(child)
                return None
            self.turn(0.2, watch=False)
            self._restart_dead(except_for=child)
        assert child.process is not None
        code = child.process.returncode
        self._drain()
        child.forget()
        self._children.remove(child)
        return code

    def turn(self, seconds: float, *, watch: bool = True) -> None:
        """One round: pass on output for at most this long, then restart what died and is due."""
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                self._empty(self._wakeup_reader)
            else:
                self._read(key.fd, key.data)
        if watch:
            self._restart_dead()

    def restart_others(self, *, than: str) -> None:
        """Ask all running parts but one to end; the loop starts them again."""
        for child in self._children:
            if child.part.name != than:
                child.terminate()

    def stop(self) -> None:
        """End all children, the last started first; each within its own bound, all at once on a second Ctrl-C."""
        self.stop_requested = True
        for child in reversed(self._children):
            self._end(child)
        self._drain()
        self._children.clear()

    def close(self) -> None:
        """Let go of the loop's own pipes; nothing can be started afterwards."""
        for key in list(self._selector.get_map().values()):
            os.close(key.fd)
        self._selector.close()
        os.close(self._wakeup_writer)

    def _end(self, child: Child) -> None:
        if not child.is_running:
            child.forget()
            return
        child.terminate()
        deadline = time.monotonic() + child.part.stop_seconds
        while not child.has_ended():
            if self._impatient or time.monotonic() > deadline:
                child.log.note("did not stop in time: killed")
                child.kill_group()
                deadline = float("inf")
            self.turn(0.05, watch=False)
        child.forget()

    def _restart_dead(self, except_for: Child | None = None) -> None:
        if self.stop_requested:
            return
        now = time.monotonic()
        for child in self._children:
            if child is except_for:
                continue
            if child.has_ended():
                assert child.process is not None
                code = child.process.returncode
                delay = child.plan_restart()
                child.log.note(f"ended with code {code}; starting it again in {delay:.1f} s")
            elif child.restart_at is not None and child.restart_at <= now:
                try:
                    self.start(child)
                except LaunchFailed as error:
                    child.log.note(f"{error}; trying again in {LONGEST_RESTART_SECONDS:.0f} s")
                    child.restart_at = now + LONGEST_RESTART_SECONDS

    def _read(self, descriptor: int, child: Child) -> None:
        try:
            data = os.read(descriptor, READ_BYTES)
        except OSError as error:
            if error.errno == errno.EAGAIN:
                return
            data = b""
        if data:
            child.log.feed(data)
            return
        child.log.flush()
        self._selector.unregister(descriptor)
        os.close(descriptor)

    def _drain(self) -> None:
        """Pass on what the ended ones have printed last."""
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            ready = [(key.fd, key.data) for key, _ in self._selector.select(0) if key.data is not None]
            if not ready:
                return
            for descriptor, child in ready:
                self._read(descriptor, child)

    def _empty(self, descriptor: int) -> None:
        try:
            while os.read(descriptor, READ_BYTES):
                pass
        except OSError:
            return

    def _on_stop_signal(self, *_: object) -> None:
        self._impatient = self.stop_requested
        self.stop_requested = True
