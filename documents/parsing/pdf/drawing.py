"""What is drawn on a page besides text: pictures, filled areas and straight lines."""

import ctypes
from dataclasses import dataclass, field
from typing import Any

import pypdfium2_raw as pdfium

from documents.parsing.pdf.layout import Box

# A line thicker than this is a bar or a background.
_MAX_RULE_POINTS = 3.0
# Drawings (plans, charts) have ten thousands of strokes; tables do not.
_MAX_RULES = 4000
_MAX_SEGMENTS = 200
_NEARLY_WHITE = 250
# A picture over this share of the page is a scan or a cover.
_FULL_PAGE_SHARE = 0.5


@dataclass
class Drawing:
    """``horizontal`` holds (y, left, right), ``vertical`` (x, bottom, top), both in points."""

    horizontal: list[tuple[float, float, float]] = field(default_factory=list)
    vertical: list[tuple[float, float, float]] = field(default_factory=list)
    backgrounds: list[Box] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)

    def colours(self, x: float, y: float) -> bool:
        """True where something that is not white lies behind this point."""
        return any(box.holds(x, y) for box in self.backgrounds)

    def has_full_page_picture(self, *, page_area: float) -> bool:
        return sum(box.area for box in self.pictures) >= page_area * _FULL_PAGE_SHARE


def read_drawing(*, page: Any) -> Drawing:
    """Walk the page's objects once."""
    drawing = Drawing()
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        item = pdfium.FPDFPage_GetObject(page, index)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        box = _bounds(item)
        if box is None:
            continue
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            _add_path(item, box, drawing)
            continue
        if kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            drawing.pictures.append(box)
        drawing.backgrounds.append(box)
    return drawing


def _bounds(item: Any) -> Box | None:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top):
        return None
    return Box(left=left.value, bottom=bottom.value, right=right.value, top=top.value)


def _add_path(item: Any, box: Box, drawing: Drawing) -> None:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, mode, stroke)
    if mode.value and box.area and not _is_white(item):
        drawing.backgrounds.append(box)
    if len(drawing.horizontal) + len(drawing.vertical) >= _MAX_RULES:
        return
    width, height = box.right - box.left, box.top - box.bottom
    if height <= _MAX_RULE_POINTS and width > _MAX_RULE_POINTS:
        drawing.horizontal.append(((box.bottom + box.top) / 2, box.left, box.right))
    elif width <= _MAX_RULE_POINTS and height > _MAX_RULE_POINTS:
        drawing.vertical.append(((box.left + box.right) / 2, box.bottom, box.top))
    elif stroke.value:
        _add_segments(item, drawing)


def _add_segments(item: Any, drawing: Drawing) -> None:
    """Straight pieces of an outlined path, such as the frame of a cell or a whole grid drawn at once."""
    count = pdfium.FPDFPath_CountSegments(item)
    if not 2 <= count <= _MAX_SEGMENTS:
        return
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(item, matrix)
    start = last = (0.0, 0.0)
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        x, y = ctypes.c_float(), ctypes.c_float()
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            _add_rule(last, point, drawing)
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment):
            _add_rule(last, start, drawing)


def _add_rule(begin: tuple[float, float], end: tuple[float, float], drawing: Drawing) -> None:
    (x0, y0), (x1, y1) = begin, end
    if abs(y0 - y1) <= 1 and abs(x0 - x1) > _MAX_RULE_POINTS:
        drawing.horizontal.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
    elif abs(x0 - x1) <= 1 and abs(y0 - y1) > _MAX_RULE_POINTS:
        drawing.vertical.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))


def _is_white(item: Any) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(item, red, green, blue, alpha):
        return False
    return alpha.value == 0 or min(red.value, green.value, blue.value) >= _NEARLY_WHITE
