"""What a file really is, from its bytes; its name only decides among kinds of plain text."""

from pathlib import PurePosixPath

from documents.parsing import archives, charsets, codes, formats
from documents.parsing.limits import Limits

_ENDINGS = {
    ".pdf": formats.PDF,
    ".docx": formats.DOCX,
    ".dotx": formats.DOCX,
    ".docm": formats.DOCX,
    ".html": formats.HTML,
    ".htm": formats.HTML,
    ".xhtml": formats.HTML,
    ".md": formats.MARKDOWN,
    ".markdown": formats.MARKDOWN,
    ".mdown": formats.MARKDOWN,
    ".txt": formats.TEXT,
    ".text": formats.TEXT,
}
_TEXT_KINDS = frozenset({formats.HTML, formats.MARKDOWN, formats.TEXT})
# Adobe's readers accept the header anywhere in the first kilobyte, and so does pdfium.
_PDF_HEADER_WINDOW_BYTES = 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
# Enough to tell text from a binary file without scanning tens of megabytes.
_TEXT_SAMPLE_BYTES = 65536
# Real text has next to no control characters; compressed or compiled data has more than 10 %.
_MAX_CONTROL_SHARE = 0.02
_CONTROL_BYTES = bytes(set(range(32)) - {9, 10, 12, 13, 27})


def kind_of(*, content: bytes, name: str, limits: Limits) -> str:
    """The format to parse the content as.

    :raises codes.Rejected: empty, unsupported_type, type_mismatch, encrypted, macro, too_large or malformed.
    """
    if not content.strip(b"\x00 \t\r\n\x0c"):
        raise codes.Rejected(code=codes.EMPTY)
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower().rstrip(". ")
    claimed = _ENDINGS.get(ending)
    found = _kind_of_bytes(content=content, claimed=claimed, limits=limits)
    if found is None:
        # Bytes we do not know: a wrong name if it promised a format, else simply not ours.
        raise codes.Rejected(code=codes.TYPE_MISMATCH if claimed else codes.UNSUPPORTED_TYPE, detail=f"named {ending}")
    if found == formats.TEXT:
        return _text_kind(content=content, claimed=claimed, ending=ending)
    if ending and claimed != found:
        raise codes.Rejected(code=codes.TYPE_MISMATCH, detail=f"{found} named {ending}")
    return found


def _kind_of_bytes(*, content: bytes, claimed: str | None, limits: Limits) -> str | None:
    if b"%PDF-" in content[:_PDF_HEADER_WINDOW_BYTES]:
        return formats.PDF
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        archives.check_word_package(content=content, claimed=claimed, limits=limits)
        return formats.DOCX
    if content.startswith(_OLE):
        # The names of OLE streams are UTF-16; an encrypted DOCX is one such stream inside an OLE file.
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise codes.Rejected(code=codes.ENCRYPTED)
        raise codes.Rejected(code=codes.UNSUPPORTED_TYPE, detail="Office 97-2003")
    if content.startswith(b"{\\rtf"):
        raise codes.Rejected(code=codes.UNSUPPORTED_TYPE, detail="RTF")
    return formats.TEXT if _is_text(content) else None


def _is_text(content: bytes) -> bool:
    if content.startswith(_BYTE_ORDER_MARKS) or charsets.is_unmarked_utf16(content=content):
        return True
    sample = content[:_TEXT_SAMPLE_BYTES]
    if _looks_like_html(sample):
        return True  # damaged in places, but only HTML starts like this
    controls = len(sample) - len(sample.translate(None, _CONTROL_BYTES))
    return controls <= len(sample) * _MAX_CONTROL_SHARE


def _looks_like_html(content: bytes) -> bool:
    start = content[:_PDF_HEADER_WINDOW_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _text_kind(*, content: bytes, claimed: str | None, ending: str) -> str:
    if claimed in _TEXT_KINDS:
        return claimed  # HTML inside .md and Markdown inside .txt are everyday; the name says how to read them
    if claimed:
        raise codes.Rejected(code=codes.TYPE_MISMATCH, detail=f"text named {ending}")
    if ending:
        raise codes.Rejected(code=codes.UNSUPPORTED_TYPE, detail=f"text named {ending}")
    return formats.HTML if _looks_like_html(content) else formats.TEXT
