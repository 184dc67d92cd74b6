"""A Word file as the ZIP archive it is: checked before anything is unpacked."""

import io
import struct
import zipfile

from documents.parsing import codes, formats
from documents.parsing.limits import Limits

# End-of-central-directory record (APPNOTE.TXT 4.3.16): its entry count is read before zipfile builds an object for
# each entry.
_END_RECORD = b"PK\x05\x06"
_END_RECORD_BYTES = 22
_MAX_COMMENT_BYTES = 65535
# Deflate reaches 1032:1 at most; a whole document above 200:1 is padding made to exhaust whoever unpacks it.
_MAX_RATIO = 200
_RATIO_MATTERS_ABOVE_BYTES = 20 * 1024 * 1024


def check_word_package(*, content: bytes, claimed: str | None, limits: Limits) -> None:
    """Refuse archives that are too large, encrypted, not Word, or carry macros.

    :raises codes.Rejected: malformed, too_large, encrypted, macro, type_mismatch or unsupported_type.
    """
    with open_archive(content=content, limits=limits) as archive:
        entries = archive.infolist()
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise codes.Rejected(code=codes.ENCRYPTED, detail="encrypted ZIP entries")
        names = {entry.filename.lower().lstrip("/") for entry in entries}
        types = _content_types(archive, limits=limits)
    if any(name.endswith("vbaproject.bin") for name in names) or b"macroenabled" in types:
        raise codes.Rejected(code=codes.MACRO)
    if any(name.startswith("word/") for name in names) or b"wordprocessingml.document.main" in types:
        return
    if not names and claimed == formats.DOCX:
        raise codes.Rejected(code=codes.MALFORMED, detail="archive without entries")
    # A spreadsheet, a plain ZIP, an e-book: wrong if the name promised a document, else simply not ours.
    raise codes.Rejected(code=codes.TYPE_MISMATCH if claimed else codes.UNSUPPORTED_TYPE, detail="ZIP, but not Word")


def open_archive(*, content: bytes, limits: Limits) -> zipfile.ZipFile:
    """Open after checking the number of entries and what they say they unpack to."""
    if _entry_count(content) > limits.max_entries:
        raise codes.Rejected(code=codes.TOO_LARGE, detail="too many archive entries")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error) as error:
        raise codes.Rejected(code=codes.MALFORMED, detail="not a readable ZIP archive") from error
    unpacked_bytes = sum(entry.file_size for entry in entries)
    if len(entries) > limits.max_entries or unpacked_bytes > limits.max_unpacked_bytes:
        raise codes.Rejected(code=codes.TOO_LARGE, detail=f"{len(entries)} entries, {unpacked_bytes} bytes unpacked")
    if unpacked_bytes > max(_RATIO_MATTERS_ABOVE_BYTES, len(content) * _MAX_RATIO):
        raise codes.Rejected(code=codes.TOO_LARGE, detail=f"{unpacked_bytes} bytes out of {len(content)}")
    return archive


def read_entry(*, archive: zipfile.ZipFile, name: str, limits: Limits) -> bytes:
    """Unpack one entry; a declared size that lies is caught while reading.

    :raises KeyError: if there is no such entry.
    """
    try:
        with archive.open(name) as entry:
            data = entry.read(limits.max_unpacked_bytes + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise codes.Rejected(code=codes.MALFORMED, detail="damaged archive entry") from error
    except Exception as error:
        if type(error).__name__ not in ("error", "LZMAError"):  # zlib.error, lzma.LZMAError
            raise
        raise codes.Rejected(code=codes.MALFORMED, detail="damaged archive entry") from error
    if len(data) > limits.max_unpacked_bytes:
        raise codes.Rejected(code=codes.TOO_LARGE, detail="archive entry larger than declared")
    return data


def _entry_count(content: bytes) -> int:
    position = content.rfind(_END_RECORD, max(0, len(content) - _END_RECORD_BYTES - _MAX_COMMENT_BYTES))
    if position < 0 or position + _END_RECORD_BYTES > len(content):
        raise codes.Rejected(code=codes.MALFORMED, detail="ZIP archive without its end")
    count: int = struct.unpack_from("<H", content, position + 10)[0]
    return count


def _content_types(archive: zipfile.ZipFile, *, limits: Limits) -> bytes:
    try:
        return read_entry(archive=archive, name="[Content_Types].xml", limits=limits)[:1_000_000].lower()
    except KeyError:
        return b""
