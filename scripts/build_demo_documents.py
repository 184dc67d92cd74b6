"""Render the demo's DOCX and PDF files from their Markdown sources.

    python scripts/build_demo_documents.py [external_id ...]

The results are committed, so only people who edit ``ragsite/demo/sources`` need this script. DOCX is written with
python-docx, PDF is printed by a headless Chromium found on PATH. Dates inside the files are
fixed, so the same source and the same tools give the same bytes.
"""

import argparse
import html
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import docx
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph
from markdown_it import MarkdownIt
from markdown_it.token import Token

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ragsite.demo import catalog

# Written into every file instead of the time of the build.
BUILT_AT = datetime(2026, 1, 2, 9, 0, 0, tzinfo=UTC)
CHROMIUM_TIMEOUT_SECONDS = 120
MAX_FILE_BYTES = 200_000

PARSER = MarkdownIt("commonmark").enable("table")

THEMES = {
    "acme": {"font": "Liberation Sans, Arial, sans-serif", "word_font": "Arial", "color": "1F4E79"},
    "globex": {"font": "Liberation Serif, Georgia, serif", "word_font": "Georgia", "color": "1E5B3E"},
}

PAGE = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<style>
@page {{ size: A4; margin: 22mm 20mm 24mm 22mm;
  @bottom-left {{ content: "{company}: {title}"; font: 8.5pt {font}; color: #555; }}
  @bottom-right {{ content: "Page " counter(page) " of " counter(pages); font: 8.5pt {font}; color: #555; }} }}
body {{ font: 10.5pt/1.45 {font}; color: #1b1b1b; hyphens: none; margin: 0; }}
h1 {{ font-size: 22pt; line-height: 1.2; color: #{color}; margin: 0 0 10pt; border-bottom: 2pt solid #{color}; }}
h2 {{ font-size: 14.5pt; color: #{color}; margin: 16pt 0 5pt; break-after: avoid; }}
h3 {{ font-size: 12pt; color: #333; margin: 11pt 0 4pt; break-after: avoid; }}
p {{ margin: 0 0 6pt; orphans: 2; widows: 2; }}
ul, ol {{ margin: 0 0 7pt; padding-left: 18pt; }}
/* A marker of text survives copying and text extraction; the default disc is drawn as a shape. */
ul {{ list-style-type: "•  "; }}
li {{ margin: 0 0 2.5pt; }}
table {{ border-collapse: collapse; width: 100%; margin: 5pt 0 9pt; font-size: 9.5pt; break-inside: avoid; }}
th, td {{ border: 0.6pt solid #999; padding: 3pt 6pt; text-align: left; vertical-align: top; }}
th {{ background: #{color}; color: #fff; }}
</style></head><body>
{body}
</body></html>
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description="Render the demo's DOCX and PDF files.")
    arguments.add_argument("external_id", nargs="*", help="only these documents; default: all")
    wanted = set(arguments.parse_args().external_id)
    for company in catalog.load_catalog():
        for document in company.documents:
            source = catalog.source_of(document=document)
            if source is None or (wanted and document.external_id not in wanted):
                continue
            render = write_docx if document.path.suffix == ".docx" else write_pdf
            render(company=company, document=document, markdown=source.read_text(encoding="utf-8"))
            size = document.path.stat().st_size
            if size > MAX_FILE_BYTES:
                raise SystemExit(f"{document.path.name}: {size} bytes, more than {MAX_FILE_BYTES}")
            print(f"{document.external_id}: {size} bytes")


def write_pdf(*, company: catalog.DemoCompany, document: catalog.DemoDocument, markdown: str) -> None:
    """Print the Markdown as an A4 PDF with page numbers, headings in the outline and a fixed date."""
    page = PAGE.format(
        language=document.language,
        title=html.escape(document.title),
        company=html.escape(company.name),
        body=PARSER.render(markdown),
        **{key: THEMES[company.slug][key] for key in ("font", "color")},
    )
    with tempfile.TemporaryDirectory() as folder:
        page_path, pdf_path = Path(folder, "page.html"), Path(folder, "page.pdf")
        page_path.write_text(page, encoding="utf-8")
        _print_page(page_path=page_path, pdf_path=pdf_path, profile=Path(folder, "profile"))
        document.path.write_bytes(_with_fixed_dates(pdf_path.read_bytes()))


def write_docx(*, company: catalog.DemoCompany, document: catalog.DemoDocument, markdown: str) -> None:
    """Write the Markdown as DOCX with real heading, list and table styles."""
    file = docx.Document()
    _apply_theme(file, theme=THEMES[company.slug])
    properties = file.core_properties
    properties.title, properties.author, properties.last_modified_by = document.title, company.name, company.name
    properties.comments, properties.language = "", document.language
    properties.created = properties.modified = BUILT_AT.replace(tzinfo=None)
    _DocxWriter(file).write(PARSER.parse(markdown))
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder, "draft.docx")
        file.save(str(draft))
        _copy_zip_with_fixed_dates(source=draft, target=document.path)


class _DocxWriter:
    """Walks the flat token list of markdown-it once; knows the constructs our sources use and refuses others."""

    def __init__(self, file: Document) -> None:
        self.file = file
        self.list_styles: list[str] = []
        self.numbering_id: int | None = None

    def write(self, tokens: list[Token]) -> None:
        position = 0
        while position < len(tokens):
            token = tokens[position]
            if token.type == "heading_open":
                self._runs(self.file.add_heading(level=int(token.tag[1])), tokens[position + 1])
                position += 2
            elif token.type == "paragraph_open":
                self._paragraph(tokens[position + 1])
                position += 2
            elif token.type == "table_open":
                end = next(at for at in range(position, len(tokens)) if tokens[at].type == "table_close")
                self._table(tokens[position:end])
                position = end
            elif token.type == "bullet_list_open":
                self.list_styles.append("List Bullet")
            elif token.type == "ordered_list_open":
                self.list_styles.append("List Number")
                self.numbering_id = self._restarted_numbering()
            elif token.type in {"bullet_list_close", "ordered_list_close"}:
                self.list_styles.pop()
            elif token.type not in {"list_item_open", "list_item_close"}:
                raise SystemExit(f"Markdown construct not supported in DOCX: {token.type}")
            position += 1

    def _paragraph(self, inline: Token) -> None:
        style = self.list_styles[-1] if self.list_styles else None
        paragraph = self.file.add_paragraph(style=style)
        if style == "List Number":
            self._number(paragraph)
        self._runs(paragraph, inline)

    def _runs(self, paragraph: Paragraph, inline: Token) -> None:
        bold = italic = False
        for child in inline.children or []:
            if child.type in {"strong_open", "strong_close"}:
                bold = child.type == "strong_open"
            elif child.type in {"em_open", "em_close"}:
                italic = child.type == "em_open"
            else:
                run = paragraph.add_run(" " if child.type == "softbreak" else child.content)
                run.bold, run.italic = bold or None, italic or None

    def _table(self, tokens: list[Token]) -> None:
        rows: list[list[Token]] = []
        for position, token in enumerate(tokens):
            if token.type == "tr_open":
                rows.append([])
            elif token.type in {"th_open", "td_open"}:
                rows[-1].append(tokens[position + 1])
        table = self.file.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
        for cells, row in zip(rows, table.rows, strict=True):
            for inline, cell in zip(cells, row.cells, strict=True):
                self._runs(cell.paragraphs[0], inline)
        for cell in table.rows[0].cells:
            for run in cell.paragraphs[0].runs:
                run.bold = True
        # Word repeats the header row on each page the table runs over.
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        self.file.add_paragraph()

    def _restarted_numbering(self) -> int:
        # The template's "List Number" is one endless list: without an own w:num the second list would start at 4.
        numbering = self.file.part.numbering_part.numbering_definitions._numbering
        style = self.file.styles["List Number"].element
        shared_id = style.pPr.numPr.numId.val
        number = numbering.add_num(numbering.num_having_numId(shared_id).abstractNumId.val)
        number.add_lvlOverride(ilvl=0).add_startOverride(1)
        return number.numId

    def _number(self, paragraph: Paragraph) -> None:
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = 0
        properties.get_or_add_numId().val = self.numbering_id


def _apply_theme(file: Document, *, theme: dict[str, str]) -> None:
    file.styles["Normal"].font.name = theme["word_font"]
    file.styles["Normal"].font.size = Pt(10.5)
    for level in (1, 2, 3):
        style = file.styles[f"Heading {level}"]
        style.font.name = theme["word_font"]
        style.font.color.rgb = RGBColor.from_string(theme["color"])
        # Theme fonts win over names; without this Word shows the headings in its own font.
        fonts = style.element.rPr.rFonts
        for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(attribute), None)


def _print_page(*, page_path: Path, pdf_path: Path, profile: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        raise SystemExit("No Chromium found: install it, or put it on PATH under the name chromium.")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", f"--user-data-dir={profile}", "--no-pdf-header-footer"]
    flags += ["--generate-pdf-document-outline", f"--print-to-pdf={pdf_path}", page_path.as_uri()]
    subprocess.run([chromium, *flags], check=True, capture_output=True, timeout=CHROMIUM_TIMEOUT_SECONDS)


def _with_fixed_dates(pdf: bytes) -> bytes:
    # Same length, because the cross-reference table holds byte offsets.
    stamp = BUILT_AT.strftime("D:%Y%m%d%H%M%S").encode()
    pdf = re.sub(rb"D:\d{14}", stamp, pdf)
    return re.sub(rb"/Creator \(Mozilla(?:\\.|[^\\)])*\)", lambda found: b"/Creator (HR)".ljust(len(found[0])), pdf)


def _copy_zip_with_fixed_dates(*, source: Path, target: Path) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name == "docProps/thumbnail.jpeg":
                continue  # a picture of python-docx's empty template
            content = old.read(name)
            if name == "_rels/.rels":
                content = re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", content)
            entry = zipfile.ZipInfo(name, date_time=BUILT_AT.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)


if __name__ == "__main__":
    main()
