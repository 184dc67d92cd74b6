"""Bars as SVG, computed here and drawn by templates/admin/parts/chart.html, with the same numbers as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

# The chart's own units; the page scales it to its width.
WIDTH, HEIGHT, GAP = 600, 120, 4


@dataclass(frozen=True)
class Series:
    """What one colour stands for. `css` is `a`, `b` or `c`, which differ in lightness as well as in hue."""

    name: str
    css: str


@dataclass(frozen=True)
class Rect:
    y: float
    height: float
    css: str


@dataclass(frozen=True)
class Column:
    """One slot: a stack of rectangles, the first series below. `label` is read, `values` are counted."""

    label: str
    values: tuple[int, ...]
    x: float
    width: float
    rects: tuple[Rect, ...]

    @property
    def total(self) -> int:
        return sum(self.values)


@dataclass(frozen=True)
class Bar:
    """One row of a ranking, with its share of the largest in percent."""

    label: str
    value: int
    percent: float
    url: str = ""


@dataclass(frozen=True)
class Ranking:
    """Things by size, largest first: a table whose rows have bars."""

    key: str
    title: str
    heading: str
    unit: str
    bars: tuple[Bar, ...]
    empty: str
    empty_url: str = ""
    empty_link: str = ""


@dataclass(frozen=True)
class Chart:
    """`title` and `description` are read by screen readers; `empty` is shown when there is nothing to draw."""

    key: str
    title: str
    description: str
    heading: str
    series: tuple[Series, ...]
    columns: tuple[Column, ...]
    empty: str
    empty_url: str = ""
    empty_link: str = ""
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def total(self) -> int:
        return sum(column.total for column in self.columns)

    @property
    def top(self) -> int:
        return max((column.total for column in self.columns), default=0)


def stacked(
    *,
    key: str,
    title: str,
    unit: str,
    heading: str,
    series: Sequence[Series],
    rows: Sequence[tuple[str, tuple[int, ...]]],
    empty: str,
    empty_url: str = "",
    empty_link: str = "",
) -> Chart:
    """A chart of `rows` (label, one number for each series), left to right. The highest column fills the height."""
    top = max((sum(values) for _, values in rows), default=0)
    slot = WIDTH / max(len(rows), 1)
    columns = []
    for place, (label, values) in enumerate(rows):
        rects, floor = [], float(HEIGHT)
        for one, value in zip(series, values, strict=True):
            height = HEIGHT * value / top if top else 0.0
            floor -= height
            rects.append(Rect(y=floor, height=height, css=one.css))
        columns.append(
            Column(label=label, values=values, x=place * slot + GAP / 2, width=slot - GAP, rects=tuple(rects))
        )
    total = sum(sum(values) for _, values in rows)
    highest = max(columns, key=lambda column: column.total, default=None)
    most = f", most of them ({highest.total}) at {highest.label}" if highest is not None and top else ""
    return Chart(
        key=key,
        title=title,
        description=f"{total} {unit} in all{most}.",
        heading=heading,
        series=tuple(series),
        columns=tuple(columns),
        empty=empty,
        empty_url=empty_url,
        empty_link=empty_link,
    )


def ranking(
    *,
    key: str,
    title: str,
    heading: str,
    unit: str,
    rows: Sequence[tuple[str, int, str]],
    empty: str,
    empty_url: str = "",
    empty_link: str = "",
) -> Ranking:
    """Rows of label, number and address, in the order given; bars are measured against the largest."""
    top = max((value for _, value, _ in rows), default=0)
    bars = tuple(Bar(label, value, 100 * value / top if top else 0.0, url) for label, value, url in rows)
    return Ranking(
        key=key,
        title=title,
        heading=heading,
        unit=unit,
        bars=bars,
        empty=empty,
        empty_url=empty_url,
        empty_link=empty_link,
    )
