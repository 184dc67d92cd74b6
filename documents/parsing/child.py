"""What the disposable child does: one file on standard input, one JSON object on standard output.

It is forked by the ``nursery`` for this one file. It loads the parser, gives up its privileges, and only then reads the
content with it.
"""

import json
import os
import resource
from typing import Any

from documents.parsing import codes, confinement, formats, sniffing
from documents.parsing.blocks import Extract
from documents.parsing.limits import Limits

# Resident memory stays below the address space by libraries and unused reserves.
_NEARLY_FULL_SHARE = 0.6


def perform(*, job: dict[str, Any]) -> None:
    """Parse standard input and write the result, or the code of a refusal, to standard output."""
    limits = Limits(**job["limits"])
    confinement.limit_resources(
        memory_bytes=limits.memory_bytes, cpu_seconds=int(limits.timeout_seconds) + 1, output_bytes=job["output_bytes"]
    )
    try:
        result = _result(name=job["name"], limits=limits)
    except MemoryError:
        result = {"code": codes.MEMORY, "detail": "allocation refused"}
    _answer(result)


def _result(*, name: str, limits: Limits) -> dict[str, Any]:
    try:
        kind, extract = _extract(name=name, limits=limits)
    except (codes.Rejected, codes.ParseFailed) as refusal:
        return _refused(code=refusal.code, detail=refusal.detail, limits=limits)
    except MemoryError:
        raise
    except RecursionError:
        return {"code": codes.MALFORMED, "detail": "nested too deeply"}
    except Exception as error:  # a stranger's bytes may raise anything; all of it means "cannot be read"
        return _refused(code=codes.MALFORMED, detail=type(error).__name__, limits=limits)
    if not extract.pieces:
        return {"code": codes.NO_TEXT, "detail": ",".join(extract.flags)}
    return {
        "title": extract.title,
        "page_count": extract.page_count,
        "flags": extract.flags,
        "media_type": formats.MEDIA_TYPES[kind],
        "pieces": [(piece.kind, piece.text, piece.page, piece.level) for piece in extract.pieces],
    }


def _refused(*, code: str, detail: str, limits: Limits) -> dict[str, Any]:
    """lxml and lexbor report a refused allocation as one more parse error; the size of this process tells."""
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if code == codes.MALFORMED and peak_bytes > limits.memory_bytes * _NEARLY_FULL_SHARE:
        code = codes.MEMORY
    return {"code": code, "detail": detail}


def _extract(*, name: str, limits: Limits) -> tuple[str, Extract]:
    with open(0, "rb", closefd=False) as upload:
        content = upload.read(limits.max_bytes + 1)
    confinement.leave_privileges_behind()
    kind = sniffing.kind_of(content=content, name=name, limits=limits)
    return kind, formats.reader_for(kind=kind)(content=content, limits=limits)


def _answer(result: dict[str, Any]) -> None:
    try:
        _write(json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
    except MemoryError:
        _rewrite(b'{"code":"memory","detail":"while writing the result"}')
    except OSError:
        _rewrite(b'{"code":"too_large","detail":"result over its limit"}')


def _rewrite(encoded: bytes) -> None:
    os.ftruncate(1, 0)
    os.lseek(1, 0, os.SEEK_SET)
    _write(encoded)


def _write(encoded: bytes) -> None:
    view = memoryview(encoded)
    while view:
        view = view[os.write(1, view) :]
