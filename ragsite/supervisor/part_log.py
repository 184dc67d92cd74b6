"""What a part prints: to our own output with the part's name in front, and to a file of limited size."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

# Enough for days of a small installation; with the old files five times this is the most a part can fill.
MAX_FILE_BYTES = 10 * 1024 * 1024
KEPT_FILES = 4
# A part that never ends its line must not fill our memory.
MAX_LINE_BYTES = 64 * 1024


class PartLog:
    """The output of one part. `echo` also shows it on our own output."""

    def __init__(self, *, name: str, folder: Path, width: int, echo: bool = True, max_file_bytes: int = MAX_FILE_BYTES):
        self.path = folder / f"{name}.log"
        self._prefix = f"{name:<{width}} | "
        self._echo = echo
        self._max_file_bytes = max_file_bytes
        self._rest = b""
        self._stream = open(self.path, "ab")  # noqa: SIM115 (open as long as the supervisor runs)

    def feed(self, data: bytes) -> None:
        """Take output as it comes from the pipe; whole lines are written at once."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._write(line)

    def note(self, text: str) -> None:
        """A line of the supervisor's own about this part."""
        self.flush()
        self._write(f"[supervisor] {text}".encode())

    def flush(self) -> None:
        """Write a line that was not ended."""
        if self._rest:
            rest, self._rest = self._rest, b""
            self._write(rest)

    def tail(self, lines: int = 20) -> str:
        """The last lines of the file, for a part that was not shown and failed."""
        self.flush()
        with open(self.path, "rb") as stream:
            stream.seek(max(0, self._stream.tell() - lines * 400))
            return "\n".join(stream.read().decode(errors="replace").splitlines()[-lines:])

    def close(self) -> None:
        """Write what is left and let go of the file. May be called twice."""
        if self._stream.closed:
            return
        self.flush()
        self._stream.close()

    def _write(self, line: bytes) -> None:
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z "
        try:
            if self._stream.tell() > self._max_file_bytes:
                self._rotate()
            self._stream.write(stamp.encode() + line + b"\n")
            self._stream.flush()
        except OSError as error:  # a full disk must not stop the parts; they have their own way to say so
            say(f"{self._prefix}(not in the log file: {error.strerror})")
        if self._echo:
            say(self._prefix + line.decode(errors="replace"))

    def _rotate(self) -> None:
        self._stream.close()
        for number in range(KEPT_FILES - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            if older.exists():
                os.replace(older, self.path.with_name(f"{self.path.name}.{number + 1}"))
        os.replace(self.path, self.path.with_name(f"{self.path.name}.1"))
        self._stream = open(self.path, "ab")  # noqa: SIM115


def say(text: str) -> None:
    """Print a line; a closed terminal is no reason to stop serving."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
