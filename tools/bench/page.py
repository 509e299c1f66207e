"""The page that says what was measured, how, and on what."""

from collections.abc import Sequence

from tools.bench.growth import Growth, Point
from tools.bench.machine import Machine
from tools.bench.row import Row, figure

UNKNOWN = "not on this platform"

_HEAD = """# Speed

<!-- Written by `make bench`; a change by hand is lost with the next run. -->

Each figure stands beside a reference from the same run: the ratio holds on any machine, the seconds are
those of {cores} cores, {system}, Python {python}, Node {node}. `make bench` measures again, writes this
page and its plot, and ends with exit code 1 if a ratio is above its target. `python -m tools.bench.NAME`
measures one part alone: `synthesis`, `growth`, `scan`, `suite`, `switch`, `access`, `ledger` or `moves`.
"""

_GROWTH = """
## Growth

![User time and peak memory of a synthesis, by number of deployments](speed.svg)

Every deployment is like `local`, with a name and a network of its own.
"""

_HOW = """
## How it is measured

Every figure of a synthesis or a scan is of a whole command with all of its processes, from start to exit,
with warm caches: it runs once before it counts. Several runs give a median. User time is what the operating
system accounts (`wait4`), elapsed time goes by the monotonic clock. Peak memory is the largest sum of the
resident sets of all processes, looked at every 10 ms. *Stock* is the provider's package as installed
(`STOCK_BINDINGS=1`), of CDKTF or of CDK Terrain; *trimmed* is what `packages/bindings/` makes of it, with the
same output, byte for byte.
"""


def page(rows: Sequence[Row], growth: Growth, machine: Machine) -> str:
    """The page as Markdown."""
    head = _HEAD.format(cores=machine.cores, system=machine.system, python=machine.python, node=machine.node)
    return f"{head}\n{_table(rows)}{_GROWTH}\n{_growth(growth)}{_HOW}"


def _table(rows: Sequence[Row]) -> str:
    return _markdown(["", "here", "reference", "ratio", "target"], [_cells(row) for row in rows])


def _cells(row: Row) -> list[str]:
    if row.ours is None or row.reference is None or row.ratio is None:
        return [row.quantity, UNKNOWN, "", "", ""]
    ours, reference = row.names
    target = "" if row.target is None else f"at most {row.target:.3g}"
    return [
        row.quantity,
        f"{ours}: {figure(row.ours, row.unit)}",
        f"{reference}: {figure(row.reference, row.unit)}",
        f"{row.ratio:.3g}",
        f"**missed**: {target}" if row.missed else target,
    ]


def _growth(growth: Growth) -> str:
    stock = {point.deployments: point for point in growth.stock}
    rows = [
        [str(point.deployments), *_point(point), *_point(stock.get(point.deployments))]
        for point in growth.trimmed
    ]
    headings = ["deployments", "trimmed: user time", "peak memory", "stock: user time", "peak memory"]
    return _markdown(headings, rows)


def _point(point: Point | None) -> tuple[str, str]:
    if point is None:
        return "", ""
    return figure(point.user_s, "s"), UNKNOWN if point.peak_mb is None else figure(point.peak_mb, "MB")


def _markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
