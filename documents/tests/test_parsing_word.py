"""Word files to blocks: styles, numbering, tables, and what is not part of the printed text."""

from pathlib import Path

import pytest

from documents.tests.samples import docx, paragraph, parse, texts

STYLES = (
    '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:basedOn w:val="berschrift1"/></w:style>'
    '<w:style w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:styleId="Verzeichnis1"><w:name w:val="toc 1"/></w:style>'
)
NUMBERING = (
    '<w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1%2)"/></w:lvl>'
    "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="x"/></w:lvl>'
    "</w:abstractNum>"
    '<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="6"><w:abstractNumId w:val="1"/></w:num>'
)


def item(text: str, *, number_id: int, depth: int = 0) -> str:
    numbered = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number_id}"/></w:numPr>'
    return paragraph(text, properties=numbered)


def cell(text: str, *, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def test_headings_are_known_by_their_style_in_any_language_and_by_outline_level(tmp_path: Path) -> None:
    body = (
        paragraph("Handbook", style="berschrift1")
        + paragraph("Leave", style="Kapitel")
        + paragraph("Carrying over", properties='<w:outlineLvl w:val="1"/>')
        + paragraph("Until March.")
    )
    parsed = parse(tmp_path, name="a.docx", content=docx(body, styles=STYLES))

    assert [(block.level, block.text) for block in parsed.blocks] == [
        (1, "Handbook"),
        (1, "Leave"),
        (2, "Carrying over"),
        (0, "Until March."),
    ]
    assert parsed.blocks[-1].heading_path == ("Leave", "Carrying over")


def test_bold_lines_are_headings_only_where_there_are_no_others(tmp_path: Path) -> None:
    bold = paragraph("Leave", run="<w:b/>") + paragraph("You get 25 days.")

    without = parse(tmp_path, name="a.docx", content=docx(bold))
    beside = parse(tmp_path, name="a.docx", content=docx(paragraph("Top", style="berschrift1") + bold, styles=STYLES))

    assert texts(without, "heading") == ["Leave"]
    assert texts(beside, "heading") == ["Top"]


def test_list_numbers_are_computed_as_word_shows_them(tmp_path: Path) -> None:
    body = (
        item("Ask", number_id=5)
        + item("early", number_id=5, depth=1)
        + item("in writing", number_id=5, depth=1)
        + item("Wait", number_id=5)
        + item("politely", number_id=5, depth=1)
        + item("Go", number_id=6)
    )
    parsed = parse(tmp_path, name="a.docx", content=docx(body, numbering=NUMBERING))

    assert texts(parsed, "list_item") == ["1. Ask", "1a) early", "1b) in writing", "2. Wait", "2a) politely", "Go"]


def test_table_rows_repeat_their_header_and_fill_merged_cells(tmp_path: Path) -> None:
    merge, go_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    table = (
        row(cell("Leave"), cell("Weeks"), properties="<w:tblHeader/>")
        + row(cell("Parental", properties=merge), cell("16"))
        + row(cell("", properties=go_on), cell("12 when adopting"))
    )
    parsed = parse(tmp_path, name="a.docx", content=docx(f"<w:tbl>{table}</w:tbl>"))

    assert texts(parsed, "table") == ["Leave: Parental | Weeks: 16\nLeave: Parental | Weeks: 12 when adopting"]


def test_bold_first_row_of_a_table_is_its_header(tmp_path: Path) -> None:
    table = row(
        f"<w:tc>{paragraph('Year 2026', run='<w:b/>')}</w:tc>", f"<w:tc>{paragraph('Days', run='<w:b/>')}</w:tc>"
    )
    table += row(cell("January"), cell("2"))
    parsed = parse(tmp_path, name="a.docx", content=docx(f"<w:tbl>{table}</w:tbl>"))

    assert texts(parsed, "table") == ["Year 2026: January | Days: 2"]


def test_frame_of_one_cell_is_running_text(tmp_path: Path) -> None:
    parsed = parse(tmp_path, name="a.docx", content=docx(f"<w:tbl>{row(cell('Call HR.'))}</w:tbl>"))

    assert [(block.kind, block.text) for block in parsed.blocks] == [("paragraph", "Call HR.")]


@pytest.mark.parametrize(
    ("hidden", "flag"),
    [
        (paragraph("secret", run="<w:vanish/>"), "hidden_text"),
        (paragraph("secret", style="Secret"), "hidden_text"),
        (paragraph("secret", run='<w:color w:val="FFFFFF"/>'), "hidden_text"),
        (paragraph("secret", run='<w:sz w:val="2"/>'), "hidden_text"),
        ("<w:p><w:del><w:r><w:delText>secret</w:delText></w:r></w:del></w:p>", "deleted_revisions"),
        ("<w:p><w:moveFrom><w:r><w:t>secret</w:t></w:r></w:moveFrom></w:p>", "deleted_revisions"),
        ('<w:p><w:r><w:commentReference w:id="1"/></w:r></w:p>', "comments"),
    ],
)
def test_hidden_deleted_and_commented_text_is_dropped_and_flagged(tmp_path: Path, hidden: str, flag: str) -> None:
    comments = '<w:comment w:id="1"><w:p><w:r><w:t>secret</w:t></w:r></w:p></w:comment>'
    content = docx(paragraph("Visible.") + hidden, styles=STYLES, comments=comments)
    parsed = parse(tmp_path, name="a.docx", content=content)

    assert texts(parsed) == ["Visible."]
    assert parsed.flags == (flag,)


def test_inserted_linked_and_field_text_is_read_and_field_code_is_not(tmp_path: Path) -> None:
    body = (
        "<w:p><w:ins><w:r><w:t>Added, </w:t></w:r></w:ins><w:hyperlink><w:r><w:t>linked, </w:t></w:r></w:hyperlink>"
        "<w:r><w:instrText>DATE</w:instrText></w:r><w:r><w:t>shown</w:t><w:tab/><w:t>twice-</w:t><w:noBreakHyphen/></w:r></w:p>"
    )

    assert texts(parse(tmp_path, name="a.docx", content=docx(body))) == ["Added, linked, shown twice--"]


def test_text_boxes_are_read_once_and_after_their_paragraph(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{paragraph('In the box.')}</w:txbxContent>"
    body = (
        '<w:p><w:r><w:t>Beside it.</w:t><mc:AlternateContent xmlns:mc="mc">'
        f"<mc:Choice><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )

    assert texts(parse(tmp_path, name="a.docx", content=docx(body))) == ["Beside it.", "In the box."]


def test_footnote_follows_the_paragraph_that_refers_to_it(tmp_path: Path) -> None:
    notes = f'<w:footnote w:id="2">{paragraph("Except in leap years.")}</w:footnote>'
    body = '<w:p><w:r><w:t>365 days.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>' + paragraph("Next.")

    parsed = parse(tmp_path, name="a.docx", content=docx(body, footnotes=notes))

    assert texts(parsed) == ["365 days.", "Except in leap years.", "Next."]


def test_generated_table_of_contents_is_left_out(tmp_path: Path) -> None:
    gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    body = (
        f"<w:sdt>{gallery}<w:sdtContent>{paragraph('Leave 3')}</w:sdtContent></w:sdt>"
        + paragraph("Travel 4", style="Verzeichnis1")
        + paragraph("Text.")
    )

    assert texts(parse(tmp_path, name="a.docx", content=docx(body, styles=STYLES))) == ["Text."]
