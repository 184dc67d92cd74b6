"""All pages of a PDF, in order, to pieces."""

import pypdfium2_raw as pdfium

from documents.parsing import blocks, codes, tables
from documents.parsing.blocks import Extract
from documents.parsing.cleaning import Collector
from documents.parsing.limits import Limits
from documents.parsing.pdf import engine, glyphs
from documents.parsing.pdf.furniture import remove_furniture
from documents.parsing.pdf.headings import heading_levels
from documents.parsing.pdf.layout import Page, Table
from documents.parsing.pdf.paragraphs import Joiner, Paragraph


def read(*, content: bytes, limits: Limits) -> Extract:
    """Parse a PDF that opens without a password.

    :raises codes.Rejected: encrypted, malformed or too_many_pages.
    """
    collector = Collector(limits=limits)
    with engine.opened(content=content) as document:
        page_count = pdfium.FPDF_GetPageCount(document)
        if page_count > limits.max_pages:
            raise codes.Rejected(code=codes.TOO_MANY_PAGES, detail=f"{page_count} pages")
        pages = _read_pages(document=document, page_count=page_count, limits=limits, collector=collector)
        bookmarks = engine.bookmarks(document=document)
        if engine.has_attachments(document=document):
            collector.flag(blocks.FLAG_ATTACHMENTS)
    remove_furniture(pages=pages)
    joiner = Joiner(pages=pages)
    items: list[Paragraph | Table] = []
    numbers: list[int] = []
    for page in pages:
        found = joiner.paragraphs_of(page)
        _continue_table(items[-1] if items else None, found[0] if found else None)
        items.extend(found)
        numbers.extend([page.number] * len(found))
    levels = heading_levels(items=items, bookmarks=bookmarks)
    for index, item in enumerate(items):
        _collect(item, level=levels.get(index, 0), page=numbers[index], collector=collector)
    return collector.finish(title=None, page_count=page_count)


def _read_pages(*, document: object, page_count: int, limits: Limits, collector: Collector) -> list[Page]:
    pages = []
    chars = 0
    for index in range(page_count):
        page = glyphs.read_page(document=document, index=index)
        if page is None:
            collector.flag(blocks.FLAG_DAMAGED_PAGES)
            continue
        pages.append(page)
        _flag_page(page, collector)
        chars += sum(len(line.text) for line in page.lines)
        if chars > limits.max_text_chars:
            raise codes.Rejected(code=codes.TOO_LARGE, detail=f"more than {limits.max_text_chars} characters of text")
    if page_count and not pages:
        raise codes.Rejected(code=codes.MALFORMED, detail="no page can be read")
    return pages


def _continue_table(last: Paragraph | Table | None, first: Paragraph | Table | None) -> None:
    """Give the rest of a table at the top of a page the header it has on the page before."""
    if not isinstance(last, Table) or not isinstance(first, Table):
        return
    if last.has_bold_header and not first.has_bold_header and len(last.rows[0]) == len(first.rows[0]):
        first.rows.insert(0, last.rows[0])
        first.has_bold_header = True


def _flag_page(page: Page, collector: Collector) -> None:
    if page.has_hidden_text:
        collector.flag(blocks.FLAG_HIDDEN_TEXT)
    if page.is_recognised_scan:
        collector.flag(blocks.FLAG_OCR_TEXT)
    if page.has_pictures and not page.items:
        collector.flag(blocks.FLAG_PAGES_WITHOUT_TEXT)


def _collect(item: Paragraph | Table, *, level: int, page: int, collector: Collector) -> None:
    if isinstance(item, Table):
        collector.table(tables.render(rows=item.rows, has_header=item.has_bold_header), page=page)
    elif level:
        collector.heading(item.text, level=level, page=page)
    elif item.is_item:
        collector.list_item(item.text, page=page)
    else:
        collector.paragraph(item.text, page=page)
