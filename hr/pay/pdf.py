"""A paystub as a PDF: one layout of our own, drawn with reportlab. The same paystub gives the same bytes."""

import functools
import io
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hr.pay.lines import PayLine, Payslip, day_name

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

# Bitstream Vera comes with reportlab and is embedded, so that the file looks the same on every machine.
_PLAIN, _BOLD = "Vera", "VeraBd"
_INK, _SOFT, _LINE, _FILL = "#1c2427", "#535d61", "#c9c4b8", "#f1efe9"
# Letters that Vera lacks and that do not come apart into a letter and an accent.
_NEAREST = str.maketrans({"ŧ": "t", "Ŧ": "T", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ĸ": "k", "ŋ": "n", "Ŋ": "N"})
_TITLES = {"earning": "Earnings", "deduction": "Deductions", "employer": "Paid by the employer on top"}
_TOTALS = {"earning": "Gross", "deduction": "Total deductions", "employer": "Total paid by the employer"}


def render(*, payslip: Payslip, company: str, person: str, employee_number: str, department: str) -> bytes:
    """A4, as many pages as the lines need. Letters that the font lacks are written with the nearest one it has."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    output = io.BytesIO()
    month = payslip.month
    document = SimpleDocTemplate(
        output,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=20 * mm,
        bottomMargin=22 * mm,
        title=f"Paystub {month}",
        author=_drawable(company),
        subject="Paystub",
        lang="en",
        # No time of making and no random id: the same paystub is the same file.
        invariant=1,
    )
    story = _story(payslip, company=company, person=person, number=employee_number, department=department, month=month)
    foot = _drawable(f"{company} · Paystub {month} · {person}, {employee_number}")
    document.build(story, canvasmaker=_canvas_class(foot))
    return output.getvalue()


def _story(payslip: Payslip, *, company: str, person: str, number: str, department: str, month: str) -> list[Any]:
    from reportlab.lib.units import mm
    from reportlab.platypus import Spacer

    facts = [
        ("Name", person),
        ("Employee number", number),
        ("Department", department or "–"),
        ("Period", f"{day_name(payslip.period_start_date)} – {day_name(payslip.period_end_date)}"),
        ("Pay date", day_name(payslip.pay_date)),
        ("Currency", payslip.currency),
    ]
    note = ""
    if payslip.is_correction:
        note = f"Correction no. {payslip.number - 1}: replaces the earlier paystub of this period."
    if payslip.is_replaced:
        note = (note + " Replaced: a later correction counts instead of this paystub.").strip()
    story: list[Any] = [
        _text(company, size=9.5, color=_SOFT),
        _text(f"Paystub {month}", size=19, bold=True, leading=25),
        *([_text(note, size=9.5, bold=True)] if note else []),
        Spacer(1, 5 * mm),
        _facts(facts),
        Spacer(1, 6 * mm),
    ]
    for kind in ("earning", "deduction"):
        if rows := payslip.of_kind(kind):
            story += [_table(kind, rows, payslip), Spacer(1, 4 * mm)]
    story += [_net(payslip), Spacer(1, 8 * mm)]
    if rows := payslip.of_kind("employer"):
        story.append(_table("employer", rows, payslip))
    return story


def _facts(facts: Sequence[tuple[str, str]]) -> Any:
    """Two columns of three facts."""
    from reportlab.lib.units import mm
    from reportlab.platypus import Table

    half = (len(facts) + 1) // 2
    pairs = zip(facts[:half], facts[half:], strict=False)
    rows = [
        [_text(cell, size=9, color=_SOFT if n % 2 == 0 else _INK) for n, cell in enumerate(left + right)]
        for left, right in pairs
    ]
    table = Table(rows, colWidths=[34 * mm, 46 * mm, 20 * mm, 70 * mm], hAlign="LEFT")
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ]
    )
    return table


def _table(kind: str, lines: Sequence[PayLine], payslip: Payslip) -> Any:
    from reportlab.lib.units import mm
    from reportlab.platypus import Table

    rows: list[list[Any]] = [[_text(_TITLES[kind], size=9.5, bold=True), "", _number(payslip.currency, bold=True)]]
    for line in lines:
        rows.append(
            [
                _text(line.code, size=8.5, color=_SOFT),
                _text(line.label, size=9.5),
                _number(payslip.written(line.amount)),
            ]
        )
    rows.append(
        [_text(_TOTALS[kind], size=9.5, bold=True), "", _number(payslip.written(payslip.total_of(kind)), bold=True)]
    )
    table = Table(rows, colWidths=[38 * mm, 92 * mm, 40 * mm], repeatRows=1, hAlign="LEFT")
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("SPAN", (0, 0), (1, 0)),
            ("SPAN", (0, -1), (1, -1)),
            ("BACKGROUND", (0, 0), (-1, 0), _FILL),
            ("LINEBELOW", (0, 1), (-1, -2), 0.4, _LINE),
            ("LINEABOVE", (0, -1), (-1, -1), 0.8, _INK),
            # A total never stands alone on the next page.
            ("NOSPLIT", (0, -2), (-1, -1)),
        ]
    )
    return table


def _net(payslip: Payslip) -> Any:
    from reportlab.lib.units import mm
    from reportlab.platypus import Table

    label = _text("Net, paid out", size=12, bold=True)
    amount = _number(f"{payslip.written(payslip.net)} {payslip.currency}", size=12, bold=True)
    table = Table([[label, amount]], colWidths=[90 * mm, 80 * mm], hAlign="LEFT")
    table.setStyle(
        [
            ("BOX", (0, 0), (-1, -1), 1, _INK),
            ("TOPPADDING", (0, 0), (-1, -1), 7),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 9),
        ]
    )
    return table


def _text(text: str, *, size: float, color: str = _INK, bold: bool = False, leading: float = 0) -> Any:
    return _paragraph(text, size=size, color=color, bold=bold, leading=leading or size * 1.35, alignment=0)


def _number(text: str, *, size: float = 9.5, bold: bool = False) -> Any:
    return _paragraph(text, size=size, color=_INK, bold=bold, leading=size * 1.35, alignment=2)


def _paragraph(text: str, *, size: float, color: str, bold: bool, leading: float, alignment: int) -> Any:
    from xml.sax.saxutils import escape

    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    _register_fonts()
    style = ParagraphStyle(
        "own",
        fontName=_BOLD if bold else _PLAIN,
        fontSize=size,
        leading=leading,
        textColor=HexColor(color),
        alignment=alignment,
        splitLongWords=1,
    )
    # Escaped: a label such as <b> or <img src=...> is text and not markup of reportlab's.
    return Paragraph(escape(_drawable(text)), style)


def _canvas_class(foot: str) -> "type[Canvas]":
    """Draws the foot of each page once the number of pages is known."""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    _register_fonts()

    class Numbered(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self.setFont(_PLAIN, 7.5)
                self.setFillColor(HexColor(_SOFT))
                self.drawString(20 * mm, 12 * mm, foot[:110])
                self.drawRightString(190 * mm, 12 * mm, f"Page {number} of {len(self._pages)}")
                super().showPage()
            super().save()

    return Numbered


@functools.cache
def _register_fonts() -> frozenset[int]:
    """Makes the fonts known to reportlab. Returns the characters that both can draw."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (_PLAIN, _BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    faces = [pdfmetrics.getFont(name).face.charToGlyph for name in (_PLAIN, _BOLD)]
    return frozenset(faces[0]) & frozenset(faces[1])


def _drawable(text: str) -> str:
    """The text in characters that the font has: č becomes c, and what has no nearest letter becomes a question mark."""
    known = _register_fonts()
    return "".join(character if ord(character) in known else _nearest(character, known) for character in text)


def _nearest(character: str, known: frozenset[int]) -> str:
    bare = [part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)]
    plain = "".join(bare).translate(_NEAREST)
    return plain if plain and all(ord(part) in known for part in plain) else "?"
