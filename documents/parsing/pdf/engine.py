"""The only module that opens documents with pdfium."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2_raw as pdfium

from documents.parsing import codes

# Outlines of real handbooks have some hundred entries; a crafted one may be endless or circular.
_MAX_BOOKMARKS = 5000
_MAX_BOOKMARK_DEPTH = 6


@contextmanager
def opened(*, content: bytes) -> Iterator[Any]:
    """A pdfium document handle.

    :raises codes.Rejected: encrypted (a password is needed to open it) or malformed.
    """
    pdfium.FPDF_InitLibraryWithConfig(pdfium.FPDF_LIBRARY_CONFIG(version=2))
    document = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
    if not document:
        error = pdfium.FPDF_GetLastError()
        if error in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise codes.Rejected(code=codes.ENCRYPTED)
        raise codes.Rejected(code=codes.MALFORMED, detail=f"pdfium error {error}")
    try:
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


@contextmanager
def page_of(*, document: Any, index: int) -> Iterator[Any]:
    """A page handle, or None where the page cannot be loaded."""
    page = pdfium.FPDF_LoadPage(document, index)
    try:
        yield page or None
    finally:
        if page:
            pdfium.FPDF_ClosePage(page)


@contextmanager
def text_of(*, page: Any) -> Iterator[Any]:
    text = pdfium.FPDFText_LoadPage(page)
    try:
        yield text or None
    finally:
        if text:
            pdfium.FPDFText_ClosePage(text)


def stated_title(*, document: Any) -> str:
    return _wide_string(lambda buffer, size: pdfium.FPDF_GetMetaText(document, b"Title", buffer, size))


def has_attachments(*, document: Any) -> bool:
    return bool(pdfium.FPDFDoc_GetAttachmentCount(document) > 0)


def bookmarks(*, document: Any) -> list[tuple[str, int]]:
    """Titles of the document's outline with their depth from 1, in order."""
    found: list[tuple[str, int]] = []
    seen: set[int] = set()
    todo = [(pdfium.FPDFBookmark_GetFirstChild(document, None), 1)]
    while todo and len(found) < _MAX_BOOKMARKS:
        bookmark, depth = todo.pop()
        address = ctypes.cast(bookmark, ctypes.c_void_p).value if bookmark else None
        if address is None or address in seen:
            continue
        seen.add(address)
        found.append((_bookmark_title(bookmark), depth))
        todo.append((pdfium.FPDFBookmark_GetNextSibling(document, bookmark), depth))
        if depth < _MAX_BOOKMARK_DEPTH:
            todo.append((pdfium.FPDFBookmark_GetFirstChild(document, bookmark), depth + 1))
    return found


def _bookmark_title(bookmark: Any) -> str:
    return _wide_string(lambda buffer, size: pdfium.FPDFBookmark_GetTitle(bookmark, buffer, size))


def _wide_string(read: Any) -> str:
    """A UTF-16 string from a pdfium call that tells its size in bytes first."""
    size = read(None, 0)
    if not 2 < size <= 65536:
        return ""
    buffer = ctypes.create_string_buffer(size)
    read(buffer, size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")
