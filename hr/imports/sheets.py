"""A spreadsheet's cells as text, read by a disposable process (SECURITY.md, rule 7)."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

_CHILD = Path(__file__).with_name("sheet_child.py")
# The child's own limit on computing time is 60 s; a busy machine may need longer for that.
_TIMEOUT_SECONDS = 90
# How the kernel ends a process at its limit of computing time or memory.
_LIMIT_SIGNALS = (-signal.SIGXCPU, -signal.SIGKILL)


class SheetRefused(ValueError):
    """The file as a whole cannot be used. `code` is stable, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Sheet:
    """A heading and the rows below it, each with its line in the file. Rows may be shorter than the heading."""

    heading: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_sheet(*, content: bytes, max_rows: int) -> Sheet:
    """The first visible sheet of an .xlsx file, or a table in CSV. About a second for 10,000 rows.

    :raises SheetRefused: for anything else, for no row at all, and for more rows than `max_rows`.
    """
    try:
        done = subprocess.run(  # noqa: S603  # our own script, with a number
            [sys.executable, "-I", str(_CHILD), str(max_rows)],
            input=content,
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SheetRefused("too_large", "The file takes too long to read.") from None
    if done.returncode in _LIMIT_SIGNALS:
        raise SheetRefused("too_large", "The file takes more time or memory to read than is allowed.")
    if done.returncode != 0:
        # Our fault, not a limit. No word of what the child wrote: a traceback may quote cells.
        log.error("sheet_child_failed", returncode=done.returncode, size_bytes=len(content))
        raise SheetRefused("unreadable", "The file cannot be read. Save it as .xlsx or “CSV UTF-8” again and try that.")
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise SheetRefused(*answer["refused"])
    rows = [(line, tuple(cells)) for line, cells in answer["rows"]]
    if not rows:
        raise SheetRefused("empty", "The file has no rows.")
    return Sheet(heading=rows[0][1], rows=tuple(rows[1:]))
