"""Tables that plain text draws with spaces, tabs or bars: which lines are their rows, and what is in their cells."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

# Two spaces follow a full stop in older typing; they separate nothing there.
_GAP = re.compile(r"(?<=[^\s.!?]) {2,}(?=\S)|(?<=[.!?]) {3,}(?=\S)")
# Justified text is full of double spaces that happen to stand under each other; columns are mostly wider apart.
_WIDE_SPACES = 3
_BAR = re.compile(r"\s\|\s|^\s*\|.*\S|\S.*\|\s*$")
_MAX_LINE_CHARS = 500
_MIN_ROWS = 2


@dataclass(frozen=True)
class Group:
    """Consecutive lines: the rows of one table, or, when ``rows`` is empty, anything else."""

    lines: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()


def group_lines(*, lines: Sequence[str], is_item: Callable[[str], bool]) -> list[Group]:
    """The lines in groups, in order. List items (``is_item``) are never rows: they keep their lines anyway."""
    groups: list[Group] = []
    prose: list[str] = []
    position = 0
    while position < len(lines):
        run = _run_at(_until_item(lines, position, is_item))
        rows = run.rows()
        if not rows:
            # A run that is no table is not looked at again line by line: that would take its length squared.
            length = max(1, len(run.lines))
            prose.extend(lines[position : position + length])
            position += length
            continue
        if prose:
            groups.append(Group(lines=tuple(prose)))
            prose = []
        groups.append(Group(lines=tuple(run.lines), rows=tuple(rows)))
        position += len(run.lines)
    if prose:
        groups.append(Group(lines=tuple(prose)))
    return groups


def _until_item(lines: Sequence[str], position: int, is_item: Callable[[str], bool]) -> Iterator[str]:
    for line in map(lines.__getitem__, range(position, len(lines))):
        if is_item(line) or len(line) > _MAX_LINE_CHARS:
            return
        yield line


class _Run:
    """Lines that may be rows of one table. This one takes none."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def takes(self, line: str) -> bool:
        """Add the line if it belongs to the run."""
        return False

    def rows(self) -> list[tuple[str, ...]]:
        """The cells, line by line; nothing when the run is no table."""
        return []


class _Barred(_Run):
    """Cells between bars."""

    def takes(self, line: str) -> bool:
        if not _BAR.search(line):
            return False
        self.lines.append(line)
        return True

    def rows(self) -> list[tuple[str, ...]]:
        if len(self.lines) < _MIN_ROWS:
            return []
        return [tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in self.lines]


class _Tabbed(_Run):
    """Cells between tabs."""

    def takes(self, line: str) -> bool:
        if "\t" not in line.strip():
            return False
        self.lines.append(line)
        return True

    def rows(self) -> list[tuple[str, ...]]:
        if len(self.lines) < _MIN_ROWS:
            return []
        exact = [tuple(cell.strip() for cell in line.rstrip().split("\t")) for line in self.lines]
        if len({len(row) for row in exact}) == 1:
            return exact
        # Tabs that push a text to its place come in different numbers; elsewhere two in a row hold an empty cell.
        return [tuple(cell.strip() for cell in re.split(r"\t+", line.strip())) for line in self.lines]


class _Spaced(_Run):
    """Cells that stand under each other."""

    def __init__(self) -> None:
        super().__init__()
        self._blank: set[int] = set()  # positions between words, or before the first, that are blank in every line
        self._wide = 0

    def takes(self, line: str) -> bool:
        gaps = [match.span() for match in _GAP.finditer(line)]
        indent = len(line) - len(line.lstrip(" "))
        if self.lines and indent >= _WIDE_SPACES:
            gaps.append((0, indent))  # an empty first cell
        blank = {place for start, end in gaps for place in range(start, end)}
        if self.lines:
            blank &= self._blank
        if not blank:
            return False
        self._blank = blank
        self._wide += any(end - start >= _WIDE_SPACES for start, end in gaps)
        self.lines.append(line)
        return True

    def rows(self) -> list[tuple[str, ...]]:
        if len(self.lines) < _MIN_ROWS or self._wide * 2 <= len(self.lines):
            return []
        cuts = sorted(place for place in self._blank if place - 1 not in self._blank)
        return [
            tuple(line[start:end].strip() for start, end in itertools.pairwise([0, *cuts, len(line)]))
            for line in self.lines
        ]


def _run_at(lines: Iterator[str]) -> _Run:
    """The longest run that begins with the first line; an empty one when it begins none."""
    first = next(lines, "")
    run = next((kind for kind in (_Barred(), _Tabbed(), _Spaced()) if kind.takes(first)), _Run())
    while run.lines and (line := next(lines, None)) is not None and run.takes(line):
        pass
    return run
