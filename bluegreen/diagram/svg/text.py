"""How wide text is, and how it is broken so that it fits.

Widths in thousandths of the font size, of Helvetica and what is made to its measure (Arial, Liberation Sans,
Nimbus Sans). Source: Adobe's font metrics of Helvetica and Helvetica-Bold, ISO Latin 1.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

FAMILY = "Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', sans-serif"
_FIRST = " "
# From the space on, in the order of ASCII.
_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278,
    556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584,
    556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556,
    333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip
_WIDEST = 1015  # for what is in neither table
CUT = "..."


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a line of text is, in the unit of `size`."""
    return sum(_widths(text, bold=bold)) * size / 1000


def _widths(text: str, *, bold: bool) -> Iterator[int]:
    table = _BOLD if bold else _REGULAR
    places = (ord(letter) - ord(_FIRST) for letter in text)
    return (table[p] if 0 <= p < len(table) else _WIDEST for p in places)


def wrap(text: str, size: float, limit: float, *, bold: bool = False) -> list[str]:
    """Lines no wider than `limit`. A single word that is wider is cut, and ends in dots."""
    lines: list[str] = []
    for word in re.split(r"(?<!\d) | (?!\w)", text):  # a number stays with what it counts
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, bold=bold) <= limit:
            lines[-1] = longer
        else:
            lines.append(cut(word, size, limit, bold=bold))
    return lines


def cut(text: str, size: float, limit: float, *, bold: bool = False) -> str:
    """The text, or as much of it as fits."""
    if width(text, size, bold=bold) <= limit:
        return text
    dots = sum(_widths(CUT, bold=bold))
    letters = bisect_right(
        list(accumulate(_widths(text, bold=bold))), limit, key=lambda sum_: (sum_ + dots) * size / 1000
    )
    return text[:letters] + CUT if letters else ""
