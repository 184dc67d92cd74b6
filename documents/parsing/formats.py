"""Which parser reads which kind of file; each is imported only when needed."""

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

# What the standard library itself imports late: Counter.most_common, and decoding of PDF strings.
_LATE_IMPORTS = ("heapq", "encodings.utf_16_le", "encodings.idna", "encodings.ascii", "encodings.latin_1", "encodings.cp437")


class Reader(Protocol):
    """Turns the bytes of one kind of file into pieces; runs in the child only."""

    def __call__(self, *, content: bytes, limits: Limits) -> Extract: ...


def reader_for(*, kind: str, content: bytes) -> Reader:
    """Load the parser and all it may need, because nothing can be imported once privileges are gone."""
    module = import_module(_MODULES[kind])
    for name in _LATE_IMPORTS:
        import_module(name)
    if kind in (HTML, MARKDOWN, TEXT):
        import_module("documents.parsing.charsets").prepare(content=content)
    reader: Reader = module.read
    return reader
