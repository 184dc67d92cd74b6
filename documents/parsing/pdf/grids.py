"""Tables from ruled lines: lines that touch form a grid, and a missing piece of line merges two cells."""

from documents.parsing.pdf.drawing import Drawing
from documents.parsing.pdf.layout import Box

# How far two lines may miss each other and still meet; Word leaves a gap of a line's width at corners.
_TOLERANCE_POINTS = 3.0
_MAX_COLUMNS = 40
_MAX_ROWS = 300
# Finding what touches what compares every pair of lines.
_MAX_GRID_RULES = 1500


class Grid:
    """Cells between the lines of one table; ``cell_at`` answers with the top left cell of a merged group."""

    def __init__(
        self,
        *,
        horizontal: list[tuple[float, float, float]],
        vertical: list[tuple[float, float, float]],
    ) -> None:
        self._xs = _levels(x for x, _, _ in vertical)
        self._ys = _levels(y for y, _, _ in horizontal)[::-1]  # top row first
        self._horizontal = horizontal
        self._vertical = vertical
        self._root: dict[tuple[int, int], tuple[int, int]] = {}
        if self.is_usable_size:
            self._merge()

    @property
    def is_usable_size(self) -> bool:
        return 3 <= len(self._xs) <= _MAX_COLUMNS + 1 and 3 <= len(self._ys) <= _MAX_ROWS + 1

    @property
    def is_table(self) -> bool:
        """At least two rows of which one has two columns."""
        roots = set(self._root.values())
        return len({row for row, _ in roots}) >= 2 and len({column for _, column in roots}) >= 2

    @property
    def shape(self) -> tuple[int, int]:
        return len(self._ys) - 1, len(self._xs) - 1

    @property
    def box(self) -> Box:
        return Box(left=self._xs[0], bottom=self._ys[-1], right=self._xs[-1], top=self._ys[0])

    def cell_at(self, x: float, y: float) -> tuple[int, int]:
        column = max(sum(level <= x for level in self._xs) - 1, 0)
        row = max(sum(level >= y for level in self._ys) - 1, 0)
        rows, columns = self.shape
        return self._root[(min(row, rows - 1), min(column, columns - 1))]

    def _merge(self) -> None:
        rows, columns = self.shape
        for row in range(rows):
            for column in range(columns):
                self._root[(row, column)] = (row, column)
                middle_x = (self._xs[column] + self._xs[column + 1]) / 2
                middle_y = (self._ys[row] + self._ys[row + 1]) / 2
                if column and not _covered(self._vertical, self._xs[column], middle_y):
                    self._root[(row, column)] = self._root[(row, column - 1)]
                elif row and not _covered(self._horizontal, self._ys[row], middle_x):
                    self._root[(row, column)] = self._root[(row - 1, column)]


def find_grids(*, drawing: Drawing) -> list[Grid]:
    """Tables of a page, top to bottom."""
    rules = len(drawing.horizontal) + len(drawing.vertical)
    if len(drawing.horizontal) < 3 or len(drawing.vertical) < 3 or rules > _MAX_GRID_RULES:
        return []
    grids = []
    for horizontal, vertical in _connected(drawing):
        grid = Grid(horizontal=horizontal, vertical=vertical)
        if grid.is_usable_size and grid.is_table:
            grids.append(grid)
    return sorted(grids, key=lambda grid: -grid.box.top)


def _connected(drawing: Drawing) -> list[tuple[list[tuple[float, float, float]], list[tuple[float, float, float]]]]:
    """Groups of lines that touch each other, by union-find over horizontal and vertical pairs."""
    horizontal, vertical = drawing.horizontal, drawing.vertical
    parent = list(range(len(horizontal) + len(vertical)))

    def root_of(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i, (y, left, right) in enumerate(horizontal):
        for j, (x, bottom, top) in enumerate(vertical):
            slack = _TOLERANCE_POINTS
            if left - slack <= x <= right + slack and bottom - slack <= y <= top + slack:
                parent[root_of(i)] = root_of(len(horizontal) + j)
    groups: dict[int, tuple[list[tuple[float, float, float]], list[tuple[float, float, float]]]] = {}
    for i, rule in enumerate(horizontal):
        groups.setdefault(root_of(i), ([], []))[0].append(rule)
    for j, rule in enumerate(vertical):
        groups.setdefault(root_of(len(horizontal) + j), ([], []))[1].append(rule)
    return list(groups.values())


def _levels(values: object) -> list[float]:
    """Sorted positions; those within the tolerance of each other count once."""
    levels: list[float] = []
    for each in sorted(values):  # type: ignore[call-overload]
        if not levels or each - levels[-1] > _TOLERANCE_POINTS:
            levels.append(each)
    return levels


def _covered(rules: list[tuple[float, float, float]], level: float, point: float) -> bool:
    """True if some line at this level runs past the point."""
    slack = _TOLERANCE_POINTS + 1
    return any(abs(at - level) <= slack and begin - slack <= point <= end + slack for at, begin, end in rules)
