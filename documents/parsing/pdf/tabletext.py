"""Characters of a page into the cells of its ruled tables."""

from collections.abc import Callable
from dataclasses import dataclass, field

from documents.parsing.pdf.grids import Grid
from documents.parsing.pdf.layout import HYPHEN_MARKS, Character, Table

_LINE_BREAK = 0xA


@dataclass
class _Filling:
    """What has been put into one grid so far."""

    grid: Grid
    first_index: int = -1
    cells: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    weights: dict[int, set[bool]] = field(default_factory=dict)  # by row: whether its characters are bold

    def table(self) -> Table:
        rows, columns = self.grid.shape
        texts = [
            [" ".join("".join(self.cells.get((row, column), ())).split()) for column in range(columns)]
            for row in range(rows)
        ]
        return Table(rows=texts, has_bold_header=self._has_bold_header())

    def _has_bold_header(self) -> bool:
        """Only the first row with text is bold throughout."""
        if len(self.weights) < 2:
            return False
        first = min(self.weights)
        others = [weight for row, weight in self.weights.items() if row != first]
        return self.weights[first] == {True} and {True} not in others


def split_tables(
    *, characters: list[Character], grids: list[Grid], origin_of: Callable[[int], tuple[float, float]]
) -> tuple[list[tuple[int, Table]], list[Character]]:
    """Tables with the index of their first character, and the characters outside them.

    ``origin_of`` gives a character's place on the page by its index.
    """
    fillings = [_Filling(grid=grid) for grid in grids]
    outside: list[Character] = []
    open_cell: list[str] | None = None
    for character in characters:
        index, code, look = character
        if look is None:
            if open_cell is not None:
                open_cell.append(" ")
            else:
                outside.append(character)
            continue
        x, y = origin_of(index)
        middle = y + look.style.size * 0.3
        filling = next((each for each in fillings if each.grid.box.holds(x, middle)), None)
        if filling is None:
            if open_cell is not None:
                outside.append((index, _LINE_BREAK, None))
            open_cell = None
            outside.append(character)
            continue
        if open_cell is None:
            outside.append((index, _LINE_BREAK, None))
        position = filling.grid.cell_at(x + 0.5, middle)
        cell = filling.cells.setdefault(position, [])
        if cell is not open_cell and cell:
            cell.append(" ")
        open_cell = cell
        cell.append("" if code in HYPHEN_MARKS else chr(code))
        if not chr(code).isspace():
            filling.weights.setdefault(position[0], set()).add(look.style.bold)
            if filling.first_index < 0:
                filling.first_index = index
    return [(each.first_index, each.table()) for each in fillings if each.first_index >= 0], outside
