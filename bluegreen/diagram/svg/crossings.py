"""Where lines cross: the later one is drawn over a gap in the earlier."""

from collections.abc import Iterator, Sequence

from bluegreen.diagram.svg.shapes import Line, Point

BRIDGE = 4.0  # how far around a crossing the upper line is set off from the lower


def crossings(lines: Sequence[Line]) -> Iterator[tuple[int, Point, Point]]:
    """Where a line crosses an earlier one: which line, and the piece of it there."""
    for index, line in enumerate(lines):
        for before in lines[:index]:
            for one in _pieces(line):
                for other in _pieces(before):
                    if (point := _meeting(one, other)) is not None:
                        (x, y), across = point, one[0][1] == one[1][1]
                        yield (
                            index,
                            (x - BRIDGE * across, y - BRIDGE * (not across)),
                            (x + BRIDGE * across, y + BRIDGE * (not across)),
                        )


def _pieces(line: Line) -> Iterator[tuple[Point, Point]]:
    return zip(line.points, line.points[1:], strict=False)


def _meeting(one: tuple[Point, Point], other: tuple[Point, Point]) -> Point | None:
    """Where a level and an upright piece cross, off their ends."""
    level, upright = (one, other) if one[0][1] == one[1][1] else (other, one)
    if level[0][1] != level[1][1] or upright[0][0] != upright[1][0]:
        return None
    x, y = upright[0][0], level[0][1]
    inside = min(level[0][0], level[1][0]) < x < max(level[0][0], level[1][0])
    return (
        (x, y)
        if inside and min(upright[0][1], upright[1][1]) < y < max(upright[0][1], upright[1][1])
        else None
    )
