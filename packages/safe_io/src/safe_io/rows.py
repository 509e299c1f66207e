"""A table that stays readable where it doesn't fit.

Columns that may not be folded keep their width. Those that may share what is left, as long as each gets
LEAST. If they don't, the table becomes a list: the other cells of a row in its first line, those cells
beneath it, each with its heading.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as RichText

from safe_io.terminal import Text

LEAST = 16  # columns of a terminal that a folded cell needs to be read
BORDER = 3  # columns that a cell takes beside its text, in a table with a frame


@dataclass(frozen=True)
class Column:
    """`folds`: its cells hold sentences or names of any length. `right`: aligned to the right. `labelled`: in
    a list it has its heading, as it would say nothing without.
    """

    heading: str
    folds: bool = False
    right: bool = False
    labelled: bool = False


def columns(*headings: str) -> tuple[Column, ...]:
    """Columns by their headings, with a mark before some: `~` folds, `>` a number, `=` labelled."""
    return tuple(
        Column(text.lstrip("~>="), text.startswith("~"), text.startswith(">"), text.startswith((">", "=")))
        for text in headings
    )


class Rows:
    """A renderable: a table, or a list of the same rows. Cells are texts of any content.

    `headings`: see `columns`. `frame`: lines around the cells.
    """

    def __init__(self, *headings: str, frame: bool = True) -> None:
        self._columns = columns(*headings)
        self._frame = frame
        self._rows: list[tuple[tuple[RichText, ...], str]] = []

    def add(self, *cells: str | RichText, style: str | None = None) -> None:
        """One row; a cell that has no style of its own gets `style`. Cells that are left out are empty."""
        missing = [""] * (len(self._columns) - len(cells))
        shown = tuple(cell if isinstance(cell, RichText) else Text(cell) for cell in (*cells, *missing))
        self._rows.append((shown, style or ""))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._fits(options.max_width):
            yield self._table()
        else:
            yield from self._list()

    def _fits(self, width: int) -> bool:
        needed = 1 if self._frame else 0
        for index, column in enumerate(self._columns):
            natural = max((_width(cells[index]) for cells, _ in self._rows), default=0)
            natural = max(natural, cell_len(column.heading))
            least = max(LEAST, cell_len(column.heading))
            needed += BORDER + (min(natural, least) if column.folds else natural)
        return needed <= width

    def _table(self) -> Table:
        table = Table() if self._frame else self._plain()
        for column in self._columns:
            justify: JustifyMethod = "right" if column.right else "left"
            table.add_column(Text(column.heading), justify=justify, no_wrap=not column.folds, overflow="fold")
        for cells, style in self._rows:
            table.add_row(*cells, style=style)
        return table

    def _plain(self) -> Table:
        titled = any(column.heading for column in self._columns)
        return Table(box=None, pad_edge=False, padding=(0, 2), collapse_padding=True, show_header=titled)

    def _list(self) -> Iterable[RichText | Padding]:
        for cells, style in self._rows:
            pairs = list(zip(self._columns, cells, strict=True))
            fixed = [(column, cell) for column, cell in pairs if cell and not column.folds]
            first = Text("  ").join(_labelled(c, cell) if c.labelled else cell for c, cell in fixed)
            first.style, first.overflow = style, "fold"
            yield first
            for column, cell in pairs:
                if column.folds and cell:
                    below = _labelled(column, cell)
                    below.style, below.overflow = style, "fold"
                    yield Padding(below, (0, 0, 0, 2), expand=False)


def _labelled(column: Column, cell: RichText) -> RichText:
    """A number, or a name among others, says nothing without its heading."""
    return Text.assemble(f"{column.heading}: ", cell) if column.heading and cell else cell.copy()


def _width(cell: RichText) -> int:
    return max((cell_len(part) for part in cell.plain.split("\n")), default=0)
