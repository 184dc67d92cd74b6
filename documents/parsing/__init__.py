"""Uploaded files to blocks of text, in a disposable child process.

Everything below this package is free of Django: the child that opens a stranger's file imports nothing that knows a
database, a setting or a secret.
"""

from __future__ import annotations

from documents.parsing.blocks import Block, Parsed
from documents.parsing.codes import CODES, ParseFailed, ParserUnavailable, Rejected, advice_for
from documents.parsing.limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "CODES",
    "Block",
    "Limits",
    "ParseFailed",
    "Parsed",
    "ParserUnavailable",
    "Rejected",
    "advice_for",
    "parse_file",
    "prepare",
]


def parse_file(*, path: Path, original_name: str, limits: Limits) -> Parsed:
    """Read one file in a fresh child process and return its blocks.

    Costs one fork (about 10 ms; the first file of a worker 0.2 s more) and no database query. Safe in threads. The
    worker itself never parses the content; it only reads the child's JSON, whose size is bounded and whose shape is
    checked.

    :raises Rejected: if the file is not acceptable, with a code of ``CODES``.
    :raises ParseFailed: with ``timeout`` or ``memory``.
    :raises ParserUnavailable: if the child cannot start; the file is not at fault and the task should be retried.
    :raises OSError: if ``path`` cannot be read.
    """
    # Imported late because the child imports this package too, and must not pay for subprocess and tempfile each time.
    from documents.parsing import runner

    return runner.run(path=path, original_name=original_name, limits=limits)


def prepare() -> None:
    """Start this process's nursery, so that its first file need not wait for it.

    :raises ParserUnavailable: if it cannot be started.
    """
    from documents.parsing import nurseries

    nurseries.prepare()
