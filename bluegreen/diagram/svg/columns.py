"""The columns of the page."""

MARGIN = 20.0
GUTTER = 30.0  # where lines go beside the columns
INSET = 9.0
BETWEEN = 8.0  # the colours


class Columns:
    """Where the columns begin, and how wide they are."""

    def __init__(self, width: float) -> None:
        usable = width - 2 * MARGIN
        self.beside_width = usable * 0.235
        self.network_width = usable - self.beside_width - GUTTER
        self.network = MARGIN
        self.beside = self.network + self.network_width + GUTTER
        inner = self.network_width - 4 * INSET
        self.shared_width = inner * 0.25
        self.colour_width = (inner - self.shared_width - GUTTER - BETWEEN) / 2
        first = self.network + 2 * INSET
        self.colours = (first, first + self.colour_width + BETWEEN)
        self.shared = self.colours[1] + self.colour_width + GUTTER
