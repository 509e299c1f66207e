"""The foot of the page: what no box stands for, and what the signs mean."""

from dataclasses import replace

from bluegreen.diagram.model import Topology
from bluegreen.diagram.svg.boxes import DETAIL, LEADING, PAD, TITLE
from bluegreen.diagram.svg.shapes import Box, Page, Text
from bluegreen.diagram.svg.text import width as width_of
from bluegreen.diagram.words import count, plain

LEGEND = 390.0
KEY = "legend"


def foot(topology: Topology, page: Page, x: float, y: float, width: float) -> float:
    """Adds both; returns where they end."""
    rest = width - LEGEND - 12
    further = _further(topology, x, y, rest)
    height = max(further.height, 5 * LEADING + 2 * PAD)
    page.boxes.append(replace(further, height=height))
    title = Text(x=x + rest + 12 + PAD, y=y + PAD + 8, text="Signs", size=TITLE, bold=True)
    page.boxes.append(
        Box(id=KEY, look="frame", x=x + rest + 12, y=y, width=LEGEND, height=height, texts=(title,))
    )
    return y + height


def _further(topology: Topology, x: float, y: float, width: float) -> Box:
    """Type by type, in as many columns as fit."""
    number = sum(topology.further.values())
    head = (
        f"Further resources: {number} of {topology.total}"
        if number
        else f"All {topology.total} resources are drawn"
    )
    texts = [Text(x=x + PAD, y=y + PAD + 8, text=head, size=TITLE, bold=True)]
    words = [count(amount, plain(type_)) for type_, amount in topology.further.items()]
    rows = _rows(words, width - 2 * PAD)
    left = x + PAD
    for start in range(0, len(words), rows):
        column = words[start : start + rows]
        texts += [
            Text(x=left, y=y + PAD + 8 + line * LEADING, text=word, size=DETAIL)
            for line, word in enumerate(column, 1)
        ]
        left += _wide(column)
    height = 2 * PAD + (rows + 1) * LEADING
    return Box(id="further", look="frame", x=x, y=y, width=width, height=height, texts=tuple(texts))


def _rows(words: list[str], width: float) -> int:
    """The fewest rows with which the columns fit."""
    fitting = (
        rows
        for rows in range(1, len(words) + 1)
        if sum(_wide(words[start : start + rows]) for start in range(0, len(words), rows)) <= width
    )
    return next(fitting, max(len(words), 1))


def _wide(column: list[str]) -> float:
    return max(width_of(word, DETAIL) for word in column) + 14
