"""A small process that only forks children, so that starting one costs milliseconds instead of importing every library.

Started once per worker process as a script, isolated (-I -S), with an empty environment. It never looks at a document:
each file is read by a child forked from this clean state, which ends after that one file.

Protocol, over a socket pair of whole messages: the worker sends a JSON job with three descriptors (upload, output,
reply). The exit status comes back on ``reply``. Closing ``reply`` early, as also happens when the worker dies, kills
that child; closing the control socket ends the nursery.
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
from typing import Any

EXIT_CANNOT_LOAD = 71
MAX_MESSAGE_BYTES = 65536
READY = b"ready"


class Nursery:
    """Forks, waits and kills; single-threaded, so that forking is safe."""

    def __init__(self, *, control: socket.socket) -> None:
        self._control = control
        self._replies: dict[int, socket.socket] = {}  # child's process id -> where its status goes
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_reader, False)
        os.set_blocking(self._wake_writer, False)
        signal.set_wakeup_fd(self._wake_writer)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the worker decides when we end

    def serve(self) -> None:
        """Until the worker is gone."""
        self._control.send(READY)
        while True:
            watched: list[Any] = [self._control, self._wake_reader, *self._replies.values()]
            readable, _, _ = select.select(watched, [], [])
            if self._wake_reader in readable:
                self._drain_wake_pipe()
                self._report_ended()
            for process_id in [each for each, reply in self._replies.items() if reply in readable]:
                _kill(process_id)  # nobody waits any more; its end is reported to a closed socket
                self._replies[process_id].close()
                del self._replies[process_id]
            if self._control in readable and not self._accept():
                break
        for process_id in self._replies:
            _kill(process_id)

    def _accept(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, MAX_MESSAGE_BYTES, 3)
        if not message:
            return False
        upload, output, reply = descriptors
        process_id = os.fork()
        if process_id == 0:
            self._be_child(message=message, upload=upload, output=output)
        os.close(upload)
        os.close(output)
        self._replies[process_id] = socket.socket(fileno=reply)
        return True

    def _be_child(self, *, message: bytes, upload: int, output: int) -> None:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setpgid(0, 0)
            os.dup2(upload, 0)
            os.dup2(output, 1)
            os.closerange(3, 1024)  # the control socket and the replies of other children
            from documents.parsing import child

            child.perform(job=json.loads(message))
            status = 0
        finally:
            # Skips the interpreter's clean-up, which must not run twice and only costs time.
            os._exit(status)

    def _drain_wake_pipe(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_reader, 4096)

    def _report_ended(self) -> None:
        while True:
            try:
                process_id, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if process_id == 0:
                return
            reply = self._replies.pop(process_id, None)
            if reply is None:
                continue
            answer = {"status": os.waitstatus_to_exitcode(status), "peak_kib": usage.ru_maxrss}
            with contextlib.suppress(OSError):  # the worker has stopped waiting
                reply.send(json.dumps(answer).encode())
            reply.close()


def _kill(process_id: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            kill(process_id, signal.SIGKILL)


def main() -> int:
    control = socket.socket(fileno=int(sys.argv[1]))
    sys.path[:0] = json.loads(sys.argv[2])
    try:
        from documents.parsing import child, formats  # noqa: F401 - loaded here so that every child has it

        formats.load_all()
    except ImportError:
        return EXIT_CANNOT_LOAD
    gc.freeze()  # children then share this memory instead of copying it page by page
    Nursery(control=control).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
