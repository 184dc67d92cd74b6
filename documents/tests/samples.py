"""Small files made in memory, so that tests of parsing need nothing but themselves."""

import io
import zipfile
from pathlib import Path

from documents.parsing import Limits, Parsed, parse_file

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def parse(folder: Path, *, name: str, content: bytes | str, limits: Limits | None = None) -> Parsed:
    """Write and parse one file, as an upload would be."""
    path = folder / "upload"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return parse_file(path=path, original_name=name, limits=limits or Limits())


def texts(parsed: Parsed, kind: str | None = None) -> list[str]:
    return [block.text for block in parsed.blocks if kind is None or block.kind == kind]


def zipped(entries: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def docx(body: str, **parts: str) -> bytes:
    """A Word file with this body; ``styles`` and ``numbering`` are the insides of those parts."""
    entries: dict[str, bytes | str] = {"word/document.xml": f"<w:document {WORD}><w:body>{body}</w:body></w:document>"}
    for name, inside in parts.items():
        entries[f"word/{name}.xml"] = f"<w:{name} {WORD}>{inside}</w:{name}>"
    return zipped(entries)


def paragraph(text: str, *, style: str = "", run: str = "", properties: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def line(text: str, *, x: int = 72, y: int, size: float = 11, bold: bool = False, extra: str = "") -> str:
    """One printed line of a PDF page; ``extra`` are operators before the text, such as a colour."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT {extra} /{'F2' if bold else 'F1'} {size} Tf {x} {y} Td ({escaped}) Tj ET\n"


def pdf(*pages: str, bookmarks: tuple[str, ...] = ()) -> bytes:
    """A PDF whose pages (US letter) have these content streams."""
    first_page, objects = 6, {}
    kids = " ".join(f"{first_page + 2 * index} 0 R" for index in range(len(pages)))
    outline = f"/Outlines {first_page + 2 * len(pages)} 0 R" if bookmarks else ""
    objects[1] = f"<</Type/Catalog/Pages 2 0 R{outline}>>"
    objects[2] = f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>"
    objects[3] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    objects[4] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold>>"
    objects[5] = "<</Font<</F1 3 0 R/F2 4 0 R>>>>"
    for index, stream in enumerate(pages):
        number = first_page + 2 * index
        objects[number] = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources 5 0 R/Contents {number + 1} 0 R>>"
        objects[number + 1] = f"<</Length {len(stream)}>>stream\n{stream}\nendstream"
    root = first_page + 2 * len(pages)
    if bookmarks:
        objects[root] = f"<</Type/Outlines/First {root + 1} 0 R/Last {root + len(bookmarks)} 0 R>>"
        for index, title in enumerate(bookmarks, start=1):
            after = f"/Next {root + index + 1} 0 R" if index < len(bookmarks) else ""
            objects[root + index] = f"<</Title({title})/Parent {root} 0 R{after}>>"
    return _assembled(objects)


def _assembled(objects: dict[int, str]) -> bytes:
    out = b"%PDF-1.4\n"
    offsets = []
    for number in sorted(objects):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{objects[number]}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    return out + f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode()
