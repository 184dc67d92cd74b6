"""Bytes to text: what the file says, checked against what decodes."""

import codecs
import re
from importlib import import_module

from documents.parsing import codes
from documents.parsing.limits import Limits

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# HTML requires the declaration within the first 1024 bytes; some generators are late.
_DECLARATION_WINDOW_BYTES = 4096
_DECLARATION = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""")
# Detection by statistics costs seconds on megabytes and gains nothing beyond this.
_DETECTION_SAMPLE_BYTES = 200_000
_UTF16_SAMPLE_BYTES = 65536
# What Windows, the web and mail have used; left to itself the detector prefers DOS code pages for short German texts.
_CANDIDATES = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"),
    *("iso8859_2", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_8", "iso8859_15", "koi8_r", "koi8_u", "mac_roman"),
    *("shift_jis", "cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "euc_kr", "cp949"),
]
# What browsers assume for unlabelled Western pages; defined for all bytes but five, which "replace" covers.
_LAST_RESORT = "cp1252"


def is_unmarked_utf16(*, content: bytes) -> bool:
    """Latin text in UTF-16 has a zero in every other byte, always on the same side."""
    sample = content[:_UTF16_SAMPLE_BYTES]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    return max(even, odd) > len(sample) * 0.3 and min(even, odd) < len(sample) * 0.02


def decode(*, content: bytes) -> str:
    """Text of the file: byte order mark, then UTF-8, then its own declaration, then statistics. Never fails."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if is_unmarked_utf16(content=content):
        big_endian = content[0::2].count(0) > content[1::2].count(0)
        return content.decode("utf-16-be" if big_endian else "utf-16-le", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_legacy(content)


def decode_prose(*, content: bytes, limits: Limits) -> str:
    """Like ``decode``, for formats that are nearly all text and so can be measured before they are parsed.

    :raises codes.Rejected: too_large.
    """
    text = decode(content=content)
    if len(text) > limits.max_text_chars:
        raise codes.Rejected(code=codes.TOO_LARGE, detail=f"more than {limits.max_text_chars} characters of text")
    return text


def _decode_legacy(content: bytes) -> str:
    declared = _DECLARATION.search(content[:_DECLARATION_WINDOW_BYTES])
    if declared:
        try:
            return content.decode(codecs.lookup(declared.group(1).decode("ascii")).name)
        except (LookupError, UnicodeError, ValueError):
            pass
    detector = import_module("charset_normalizer")
    best = detector.from_bytes(content[:_DETECTION_SAMPLE_BYTES], cp_isolation=_CANDIDATES).best()
    return content.decode(best.encoding if best else _LAST_RESORT, "replace")
