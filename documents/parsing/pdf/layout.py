"""Geometry of a page, in points, in page space: x grows to the right, y upwards."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Box:
    left: float
    bottom: float
    right: float
    top: float

    @property
    def area(self) -> float:
        return max(self.right - self.left, 0.0) * max(self.top - self.bottom, 0.0)

    def holds(self, x: float, y: float, *, slack: float = 0.0) -> bool:
        return self.left - slack <= x <= self.right + slack and self.bottom - slack <= y <= self.top + slack


@dataclass(frozen=True)
class Style:
    """Looks of a line: size in points, rounded to halves, and whether it is bold."""

    size: float
    bold: bool


@dataclass(frozen=True)
class Look:
    """Properties shared by all characters that one text object shows; ``cos`` and ``sin`` are of its direction."""

    style: Style
    hidden: bool
    invisible: bool
    cos: float
    sin: float


# Index on the page, code point, and look; spaces and line breaks that pdfium adds have no look.
Character = tuple[int, int, Look | None]
# pdfium writes one of these where a word is broken at the end of a line, instead of hyphen and line break.
HYPHEN_MARKS = frozenset({0x2, 0xFFFE})


@dataclass
class Line:
    """One printed line.

    ``start`` and ``end`` are where it begins and ends along its own direction of writing, ``depth`` how far down the
    page its baseline lies; for upright text these are left, right and minus y. ``x`` and ``y`` are its origin on the
    page.
    """

    text: str
    style: Style
    start: float
    end: float
    depth: float
    x: float
    y: float
    ends_hyphenated: bool = False


@dataclass
class Table:
    """Cell texts of a ruled table, and whether its first row stands out as a header."""

    rows: list[list[str]]
    has_bold_header: bool


@dataclass
class Page:
    """Everything the later steps need from one page; ``number`` counts from 1."""

    number: int
    height: float
    bottom: float = 0.0
    items: list[Line | Table] = field(default_factory=list)
    has_hidden_text: bool = False
    has_pictures: bool = False
    is_recognised_scan: bool = False

    @property
    def lines(self) -> list[Line]:
        return [item for item in self.items if isinstance(item, Line)]
