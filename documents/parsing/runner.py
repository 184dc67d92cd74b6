"""The worker's side of parsing: hand a file to a child, wait, and check what comes back."""

import json
import signal
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from documents.parsing import blocks, codes, nurseries
from documents.parsing.limits import Limits

# A user's file name is only looked at for its ending; this bounds what reaches the child.
_MAX_NAME_CHARS = 255
# UTF-8 needs up to four bytes a character; JSON adds brackets and escapes around each piece.
_OUTPUT_BYTES_PER_CHAR = 5
_OUTPUT_OVERHEAD_BYTES = 1024 * 1024


def run(*, path: Path, original_name: str, limits: Limits) -> blocks.Parsed:
    """See ``documents.parsing.parse_file``."""
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise codes.Rejected(code=codes.EMPTY)
    if size_bytes > limits.max_bytes:
        raise codes.Rejected(code=codes.TOO_LARGE, detail=f"{size_bytes} bytes")
    with path.open("rb") as upload, tempfile.TemporaryFile() as output:
        job = {
            "name": original_name[-_MAX_NAME_CHARS:].encode("utf-8", "replace").decode(),
            "limits": asdict(limits),
            "output_bytes": _output_bytes(limits),
        }
        ending = nurseries.run_child(
            job=job, upload=upload.fileno(), output=output.fileno(), timeout_seconds=limits.timeout_seconds
        )
        if ending is None:
            raise codes.ParseFailed(code=codes.TIMEOUT, detail=f"stopped after {limits.timeout_seconds:g} s")
        if ending.status != 0:
            raise _refusal_for(ending)
        output.seek(0)
        return _parsed(output.read(_output_bytes(limits) + 1))


def _output_bytes(limits: Limits) -> int:
    return limits.max_text_chars * _OUTPUT_BYTES_PER_CHAR + _OUTPUT_OVERHEAD_BYTES


def _refusal_for(ending: nurseries.Ending) -> Exception:
    """A child that ended without an answer.

    The kernel's memory killer sends SIGKILL; pdfium aborts when an allocation is refused. Everything else is a crash in
    a parser, which the same bytes will repeat.
    """
    detail = f"signal {-ending.status}" if ending.status < 0 else f"exit {ending.status}"
    if -ending.status in (signal.SIGKILL, signal.SIGABRT, signal.SIGTRAP):
        return codes.ParseFailed(code=codes.MEMORY, detail=detail)
    if -ending.status == signal.SIGXCPU:
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
