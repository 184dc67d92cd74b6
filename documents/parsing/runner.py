"""Runs the parser in a child process that may crash, hang or grow without harm to the worker."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from documents.parsing import blocks, codes
from documents.parsing.child import EXIT_CANNOT_LOAD
from documents.parsing.limits import Limits

_CHILD = Path(__file__).with_name("child.py")
_PROJECT = Path(__file__).resolve().parents[2]
# A user's file name is only looked at for its ending; this bounds what reaches the child's command line.
_MAX_NAME_CHARS = 255
# UTF-8 needs up to four bytes a character; JSON adds brackets and escapes around each piece.
_OUTPUT_BYTES_PER_CHAR = 5
_OUTPUT_OVERHEAD_BYTES = 1024 * 1024


def parse_file(*, path: Path, original_name: str, limits: Limits) -> blocks.Parsed:
    """Read one file in a fresh child process and return its blocks.

    Costs one process start (about 0.1 s) and no database query. Safe in threads. The worker itself never parses the
    content; it only reads the child's JSON, whose size is bounded and whose shape is checked.

    :raises codes.Rejected: if the file is not acceptable, with a code of ``codes.CODES``.
    :raises codes.ParseFailed: with ``timeout`` or ``memory``.
    :raises codes.ParserUnavailable: if the child cannot start; the file is not at fault and the task should be retried.
    :raises OSError: if ``path`` cannot be read.
    """
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise codes.Rejected(code=codes.EMPTY)
    if size_bytes > limits.max_bytes:
        raise codes.Rejected(code=codes.TOO_LARGE, detail=f"{size_bytes} bytes")
    with path.open("rb") as upload, tempfile.TemporaryFile() as output:
        status = _run_child(upload=upload, output=output, name=original_name, limits=limits)
        if status == EXIT_CANNOT_LOAD:
            raise codes.ParserUnavailable("the parser's libraries cannot be loaded")
        if status != 0:
            raise _refusal_for_status(status)
        output.seek(0)
        return _parsed(output.read(_output_bytes(limits) + 1))


def _output_bytes(limits: Limits) -> int:
    return limits.max_text_chars * _OUTPUT_BYTES_PER_CHAR + _OUTPUT_OVERHEAD_BYTES


def _run_child(*, upload: IO[bytes], output: IO[bytes], name: str, limits: Limits) -> int:
    """The child's exit status as subprocess reports it: negative for a signal; ``timeout`` raises."""
    job = {
        "name": name[-_MAX_NAME_CHARS:].encode("utf-8", "replace").decode(),
        "limits": asdict(limits),
        "output_bytes": _output_bytes(limits),
        "import_path": [str(_PROJECT), *(entry for entry in sys.path if os.path.isabs(entry) and os.path.isdir(entry))],
    }
    try:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and script; the user's name is data inside the JSON
            [sys.executable, "-I", "-S", "-X", "utf8", str(_CHILD), json.dumps(job)],
            stdin=upload,
            stdout=output,
            stderr=subprocess.DEVNULL,  # a parser's warning may quote the document
            env={},
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise codes.ParserUnavailable(f"cannot start the parser: {error.strerror}") from error
    try:
        if not _ended(child, timeout_seconds=limits.timeout_seconds):
            raise codes.ParseFailed(code=codes.TIMEOUT, detail=f"stopped after {limits.timeout_seconds:g} s")
        return child.wait()
    finally:
        _kill_group(child)


def _ended(child: "subprocess.Popen[bytes]", *, timeout_seconds: float) -> bool:
    """Wait for the end of the child without polling: ``Popen.wait(timeout)`` sleeps up to 50 ms too long."""
    try:
        watch = os.pidfd_open(child.pid)
    except OSError:
        return _ended_by_polling(child, timeout_seconds=timeout_seconds)
    try:
        poller = select.poll()
        poller.register(watch, select.POLLIN)
        return bool(poller.poll(timeout_seconds * 1000))
    finally:
        os.close(watch)


def _ended_by_polling(child: "subprocess.Popen[bytes]", *, timeout_seconds: float) -> bool:
    try:
        child.wait(timeout=timeout_seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill_group(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()


def _refusal_for_status(status: int) -> Exception:
    """A child that ended without an answer.

    The kernel's memory killer sends SIGKILL; pdfium aborts when an allocation is refused. Everything else is a crash in
    a parser, which the same bytes will repeat.
    """
    detail = f"signal {-status}" if status < 0 else f"exit {status}"
    if -status in (signal.SIGKILL, signal.SIGABRT, signal.SIGTRAP):
        return codes.ParseFailed(code=codes.MEMORY, detail=detail)
    if -status == signal.SIGXCPU:
        return codes.ParseFailed(code=codes.TIMEOUT, detail=detail)
    return codes.Rejected(code=codes.MALFORMED, detail=detail)


def _parsed(encoded: bytes) -> blocks.Parsed:
    """The child's answer, checked: a parser that was taken over must not be able to confuse the worker."""
    try:
        answer = json.loads(encoded)
        if "code" in answer:
            raise codes.refusal(code=_known_code(answer["code"]), detail=str(answer.get("detail", ""))[:200])
        pieces = [_piece(*fields) for fields in answer["pieces"]]
        return blocks.Parsed(
            title=_title(answer["title"]),
            blocks=blocks.with_heading_paths(pieces),
            page_count=None if answer["page_count"] is None else int(answer["page_count"]),
            flags=tuple(str(flag)[:50] for flag in answer["flags"]),
            media_type=str(answer["media_type"])[:100],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise codes.Rejected(code=codes.MALFORMED, detail="unreadable answer of the parser") from error


def _known_code(code: Any) -> str:
    if code not in codes.CODES:
        raise ValueError(code)
    return str(code)


def _title(title: Any) -> str | None:
    return None if title is None else str(title)[:300]


def _piece(kind: Any, text: Any, page: Any, level: Any) -> blocks.Piece:
    if kind not in blocks.KINDS or not isinstance(text, str):
        raise ValueError(kind)
    return blocks.Piece(kind=kind, text=text, page=None if page is None else int(page), level=int(level))
