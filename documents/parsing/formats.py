"""Which parser reads which kind of file."""

import encodings
import pkgutil
from importlib import import_module
from typing import Protocol

from documents.parsing.blocks import Extract
from documents.parsing.limits import Limits

PDF = "pdf"
DOCX = "docx"
HTML = "html"
MARKDOWN = "markdown"
TEXT = "text"

MEDIA_TYPES = {
    PDF: "application/pdf",
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    HTML: "text/html",
    MARKDOWN: "text/markdown",
    TEXT: "text/plain",
}

_MODULES = {
    PDF: "documents.parsing.pdf",
    DOCX: "documents.parsing.word",
    HTML: "documents.parsing.webpage",
    MARKDOWN: "documents.parsing.markdown",
    TEXT: "documents.parsing.plain",
}

# What the standard library itself imports late (Counter.most_common, for example).
_LATE_IMPORTS = ("heapq", "charset_normalizer")
_WINDOWS_CODECS = frozenset({"mbcs", "oem"})


class Reader(Protocol):
    """Turns the bytes of one kind of file into pieces; runs in the child only."""

    def __call__(self, *, content: bytes, limits: Limits) -> Extract: ...


def load_all() -> None:
    """Import every parser and all it may need later: a child without privileges may be unable to read the files."""
    for name in (*_MODULES.values(), *_LATE_IMPORTS):
        import_module(name)
    for codec in pkgutil.iter_modules(encodings.__path__):
        if codec.name not in _WINDOWS_CODECS:
            import_module(f"encodings.{codec.name}")
    # The first use of the detector imports and caches more.
    import_module("charset_normalizer").from_bytes(b"\xe4\xf6\xfc caf\xe9 na\xefve").best()
    import_module("documents.parsing.markdown").read(content=b"# a\n\n|a|b|\n|-|-|\n|c|d|", limits=Limits())


def reader_for(*, kind: str) -> Reader:
    """The parser of one kind of file."""
    reader: Reader = import_module(_MODULES[kind]).read
    return reader
