"""Entry point of the child process: one file on standard input, one JSON object on standard output.

Started by ``runner`` as a script, isolated (-I -S), with an empty environment and the import path as its argument. It
imports the parser for this one kind of file, then gives up its privileges, then reads the content with it.
"""

import json
import os
import sys
from typing import Any

EXIT_CANNOT_LOAD = 71


def main() -> int:
    job = json.loads(sys.argv[1])
    sys.path[:0] = job["import_path"]
    try:
        from documents.parsing import confinement, sniffing
        from documents.parsing.limits import Limits
    except ImportError:
        return EXIT_CANNOT_LOAD
    limits = Limits(**job["limits"])
    confinement.limit_resources(
        memory_bytes=limits.memory_bytes, cpu_seconds=int(limits.timeout_seconds) + 1, output_bytes=job["output_bytes"]
    )
    try:
        result = _read(job=job, limits=limits, confinement=confinement, sniffing=sniffing)
    except MemoryError:
        result = {"code": "memory", "detail": "allocation refused"}
    if result is None:
        return EXIT_CANNOT_LOAD
    return _answer(result)


def _read(*, job: dict[str, Any], limits: Any, confinement: Any, sniffing: Any) -> dict[str, Any] | None:
    from documents.parsing import codes, formats

    try:
        with open(0, "rb", closefd=False) as upload:
            content = upload.read(limits.max_bytes + 1)
        kind = sniffing.kind_of(content=content, name=job["name"], limits=limits)
        try:
            read = formats.reader_for(kind=kind, content=content)
        except ImportError:
            return None
        confinement.leave_privileges_behind()
        extract = read(content=content, limits=limits)
    except (codes.Rejected, codes.ParseFailed) as refusal:
        return {"code": refusal.code, "detail": refusal.detail}
    except MemoryError:
        raise
    except RecursionError:
        return {"code": codes.MALFORMED, "detail": "nested too deeply"}
    except Exception as error:  # noqa: BLE001 - a stranger's bytes may raise anything; all of it means "cannot be read"
        return {"code": codes.MALFORMED, "detail": type(error).__name__}
    if not any(piece.text.strip() for piece in extract.pieces):
        return {"code": codes.NO_TEXT, "detail": ",".join(extract.flags)}
    return {
        "title": extract.title,
        "page_count": extract.page_count,
        "flags": extract.flags,
        "media_type": formats.MEDIA_TYPES[kind],
        "pieces": [(piece.kind, piece.text, piece.page, piece.level) for piece in extract.pieces],
    }


def _answer(result: dict[str, Any]) -> int:
    try:
        encoded = json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        _write(encoded)
    except MemoryError:
        _write(b'{"code":"memory","detail":"while writing the result"}')
    except OSError:
        os.ftruncate(1, 0)
        os.lseek(1, 0, os.SEEK_SET)
        _write(b'{"code":"too_large","detail":"result over its limit"}')
    return 0


def _write(encoded: bytes) -> None:
    view = memoryview(encoded)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    status = main()
    # Skip the interpreter's clean-up: destroying a large document object by object only costs time.
    os._exit(status)
