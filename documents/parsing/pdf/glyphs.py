"""Characters of a page to lines, leaving out what its reader cannot see."""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pypdfium2_raw as pdfium

from documents.parsing.pdf import engine
from documents.parsing.pdf.drawing import Drawing, read_drawing
from documents.parsing.pdf.grids import find_grids
from documents.parsing.pdf.layout import HYPHEN_MARKS, Box, Character, Line, Look, Page, Style, Table
from documents.parsing.pdf.tabletext import split_tables

_BOLD_NAME = re.compile(r"bold|black|heavy|demi|cmbx|cmssbx|-bd\b", re.IGNORECASE)
_BOLD_WEIGHT = 600
# Nobody can read this; footnote marks are about 5 points.
_MIN_POINTS = 2.0
_NEARLY_WHITE = 250
_INVISIBLE = 3  # text render mode, ISO 32000-1 table 106
_CLIP_ONLY = 7
_LAST_CODE_POINT = 0x10FFFF
_LINE_BREAKS = frozenset({0xA, 0xD})
# A page with more characters than a book chapter is a drawing or an attack; the rest of it is dropped.
_MAX_PAGE_CHARS = 200_000


class _PageReader:
    def __init__(self, *, page: Any, text: Any, number: int) -> None:
        self._text = text
        self._drawing: Drawing = read_drawing(page=page)
        self._box = _page_box(page)
        self._looks: dict[int, Look] = {}
        self._bold_fonts: dict[int, bool] = {}
        self._found: list[tuple[int, Line | Table]] = []  # with the index of the first character
        self.page = Page(number=number, height=self._box.top - self._box.bottom, bottom=self._box.bottom)

    def read(self) -> Page:
        self.page.has_pictures = bool(self._drawing.pictures)
        characters = self._characters()
        if self._is_recognised_scan(characters):
            self.page.is_recognised_scan = True
        visible = [entry for entry in characters if entry[2] is None or not self._drop(entry[2])]
        if any(entry[2] and self._drop(entry[2]) and not chr(entry[1]).isspace() for entry in characters):
            self.page.has_hidden_text = True
        grids = find_grids(drawing=self._drawing)
        outside = visible
        if grids:
            tables, outside = split_tables(characters=visible, grids=grids, origin_of=self._origin)
            self._found.extend(tables)
        self._collect_lines(outside)
        self.page.items = [item for _, item in sorted(self._found, key=lambda found: found[0])]
        return self.page

    def _drop(self, look: Look) -> bool:
        return look.hidden or (look.invisible and not self.page.is_recognised_scan)

    def _characters(self) -> list[Character]:
        """(index, code point, look); generated spaces and line breaks have no look."""
        count = min(pdfium.FPDFText_CountChars(self._text), _MAX_PAGE_CHARS)
        characters: list[Character] = []
        code_of, object_of, text, looks = (
            pdfium.FPDFText_GetUnicode,
            pdfium.FPDFText_GetTextObject,
            self._text,
            self._looks,
        )
        address_of = ctypes.addressof
        for index in range(count):
            code = min(code_of(text, index), _LAST_CODE_POINT)
            item = object_of(text, index)
            if not item:
                characters.append((index, code, None))
                continue
            address = address_of(item.contents)
            look = looks.get(address)
            if look is None:
                look = looks[address] = self._look(index, item)
            characters.append((index, code, look))
        return characters

    def _look(self, index: int, item: Any) -> Look:
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFText_GetMatrix(self._text, index, matrix)
        size = pdfium.FPDFText_GetFontSize(self._text, index) * math.hypot(matrix.c, matrix.d)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(item)
        x, y = self._origin(index)
        hidden = (
            size < _MIN_POINTS or not self._box.holds(x, y, slack=size) or self._is_white_on_white(index, mode, x, y)
        )
        length = math.hypot(matrix.a, matrix.b) or 1.0
        return Look(
            style=Style(size=round(size * 2) / 2, bold=self._is_bold(index, item)),
            hidden=hidden,
            invisible=mode in (_INVISIBLE, _CLIP_ONLY),
            cos=matrix.a / length,
            sin=matrix.b / length,
        )

    def _is_white_on_white(self, index: int, mode: int, x: float, y: float) -> bool:
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if mode not in (0, 4) or not pdfium.FPDFText_GetFillColor(self._text, index, red, green, blue, alpha):
            return False
        if alpha.value == 0:
            return True
        return min(red.value, green.value, blue.value) >= _NEARLY_WHITE and not self._drawing.colours(x + 1, y + 1)

    def _is_bold(self, index: int, item: Any) -> bool:
        font = pdfium.FPDFTextObj_GetFont(item)
        address = ctypes.cast(font, ctypes.c_void_p).value or 0
        if address not in self._bold_fonts:
            buffer = ctypes.create_string_buffer(256)
            pdfium.FPDFFont_GetBaseFontName(font, buffer, 256)
            name = buffer.value.decode("utf-8", "replace")
            weight = pdfium.FPDFText_GetFontWeight(self._text, index)
            self._bold_fonts[address] = bool(_BOLD_NAME.search(name)) or weight >= _BOLD_WEIGHT
        return self._bold_fonts[address]

    def _origin(self, index: int) -> tuple[float, float]:
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(self._text, index, x, y)
        return x.value, y.value

    def _char_box(self, index: int) -> Box:
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        pdfium.FPDFText_GetCharBox(self._text, index, left, right, bottom, top)
        return Box(left=left.value, bottom=bottom.value, right=right.value, top=top.value)

    def _is_recognised_scan(self, characters: list[Character]) -> bool:
        """Text recognition puts an invisible layer over the picture of a page; there, invisible text is the text."""
        looks = [look for _, _, look in characters if look]
        if not looks or not self._drawing.has_full_page_picture(page_area=self._box.area):
            return False
        return sum(look.invisible for look in looks) > len(looks) / 2

    def _collect_lines(self, characters: list[Character]) -> None:
        run: list[Character] = []
        for entry in characters:
            if entry[1] in _LINE_BREAKS:
                self._close_line(run)
                run = []
            elif entry[1] in HYPHEN_MARKS:
                self._close_line(run, hyphenated=True)
                run = []
            else:
                run.append(entry)
        self._close_line(run)

    def _close_line(self, run: list[Character], *, hyphenated: bool = False) -> None:
        shown = [(index, code, look) for index, code, look in run if look and not chr(code).isspace()]
        text = _joined(code for _, code, _ in run)
        if not shown or not text:
            return
        # By identity: equal looks of different text objects need not be found equal, and hashing each one is slow.
        most_common = Counter(id(look) for _, _, look in shown).most_common(1)[0][0]
        look = next(look for _, _, look in shown if id(look) == most_common)
        bold = all(each.style.bold for _, _, each in shown)
        x, y = self._origin(shown[0][0])
        last = self._char_box(shown[-1][0])
        start, depth = x * look.cos + y * look.sin, x * look.sin - y * look.cos
        corners = ((last.right, last.bottom), (last.left, last.top), (last.right, last.top), (last.left, last.bottom))
        end = max(cx * look.cos + cy * look.sin for cx, cy in corners)
        style = Style(size=look.style.size, bold=bold)
        line = Line(text=text, style=style, start=start, end=end, depth=depth, x=x, y=y, ends_hyphenated=hyphenated)
        self._found.append((shown[0][0], line))


def _joined(code_points: Iterable[int]) -> str:
    """Some fonts map one sign to the two halves of a UTF-16 pair."""
    text = "".join(map(chr, code_points)).strip()
    if any("\ud800" <= char <= "\udfff" for char in text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def read_page(*, document: Any, index: int) -> Page | None:
    """Lines and tables of one page in reading order; None if the page is damaged."""
    with engine.page_of(document=document, index=index) as page:
        if page is None:
            return None
        with engine.text_of(page=page) as text:
            return _PageReader(page=page, text=text, number=index + 1).read() if text else None


def _page_box(page: Any) -> Box:
    rectangle = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, rectangle):
        return Box(left=-math.inf, bottom=-math.inf, right=math.inf, top=math.inf)
    return Box(left=rectangle.left, bottom=rectangle.bottom, right=rectangle.right, top=rectangle.top)
