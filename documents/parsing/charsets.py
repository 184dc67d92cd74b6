"""Bytes to text: what the file says, checked against what decodes."""

import codecs
import encodings
import pkgutil
import re
from importlib import import_module

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
# What browsers assume for unlabelled Western pages; defined for all bytes but five, which "replace" covers.
_LAST_RESORT = "cp1252"


def prepare(*, content: bytes) -> None:
    """Load the codecs and the detector if this content is not plain UTF-8; later nothing can be imported."""
    import_module("encodings.utf_8_sig")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        for module in pkgutil.iter_modules(encodings.__path__):
            if module.name not in ("mbcs", "oem", "cp65001"):  # Windows only
                import_module(f"encodings.{module.name}")
        import_module("charset_normalizer").from_bytes(b"\xe4\xf6\xfc caf\xe9")
    else:
        import_module("encodings.utf_16"), import_module("encodings.utf_16_le"), import_module("encodings.utf_16_be")


def decode(*, content: bytes) -> str:
    """Text of the file: byte order mark, then UTF-8, then its own declaration, then statistics. Never fails."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\x00" in content[:1000]:
        big_endian = content[0::2].count(0) > content[1::2].count(0)
        return content.decode("utf-16-be" if big_endian else "utf-16-le", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_legacy(content)


def _decode_legacy(content: bytes) -> str:
    declared = _DECLARATION.search(content[:_DECLARATION_WINDOW_BYTES])
    if declared:
        try:
            return content.decode(codecs.lookup(declared.group(1).decode("ascii")).name)
        except (LookupError, UnicodeError, ValueError):
            pass
    best = import_module("charset_normalizer").from_bytes(content[:_DETECTION_SAMPLE_BYTES]).best()
    return content.decode(best.encoding if best else _LAST_RESORT, "replace")
