"""How synthesis grows with the number of deployments; one deployment is the reference.

python -m tools.bench.growth
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from trimmed_bindings.activation import SWITCH_OFF

from tools.bench import deployments
from tools.bench.measure import Measurement, median
from tools.bench.row import Row, show

# Deployments, and how often they are synthesized: the more, the less a disturbance matters.
TRIMMED = {1: 7, 5: 5, 20: 3, 50: 1}
STOCK = {1: 3, 5: 1}
# A further deployment takes as long among many as among few.
LINEAR = 1.25
# All stacks of one synthesis are in memory together.
MEMORY = 2


@dataclass(frozen=True)
class Point:
    """One synthesis of so many deployments; rounded to what the page says, so that page and plot agree."""

    deployments: int
    user_s: float
    peak_mb: float | None

    @classmethod
    def of(cls, count: int, measured: Measurement) -> "Point":
        """Seconds to hundredths, memory to whole MB."""
        peak = measured.peak_rss_mb
        return cls(count, round(measured.user_s, 2), None if peak is None else round(peak))


@dataclass(frozen=True)
class Growth:
    """Both variants by number of deployments, ascending: trimmed four times, stock the first times."""

    trimmed: tuple[Point, ...]
    stock: tuple[Point, ...]


def per_deployment(fewer: Point, more: Point) -> float:
    """User seconds that each deployment took that one synthesis has more than the other."""
    return (more.user_s - fewer.user_s) / (more.deployments - fewer.deployments)


def rows(growth: Growth) -> list[Row]:
    """Whether time grows linearly and how far memory grows."""
    one, _, some, many = growth.trimmed
    early, late = per_deployment(one, some), per_deployment(some, many)
    names = (f"of {some.deployments + 1} to {many.deployments}", f"of 2 to {some.deployments}")
    count = (f"{many.deployments} deployments", "1")
    return [
        Row("synthesis, user time of each further deployment", "s", names, late, early, target=LINEAR),
        Row("synthesis, peak memory by deployments", "MB", count, many.peak_mb, one.peak_mb, target=MEMORY),
    ]


def measured() -> Growth:
    """Synthesizes generated deployments in a temporary directory."""
    return Growth(_points(TRIMMED, "trimmed", "0"), _points(STOCK, "stock", "1"))


def _points(runs: dict[int, int], name: str, switch: str) -> tuple[Point, ...]:
    return tuple(_point(count, times, name, switch) for count, times in runs.items())


def _point(count: int, runs: int, name: str, switch: str) -> Point:
    with tempfile.TemporaryDirectory() as directory:
        workspace = Path(directory)
        (workspace / "config").mkdir()
        deployments.write(workspace / "config", count)
        command = [sys.executable, str(deployments.ROOT / "main.py")]
        what = f"synthesis of {count} deployment{'s' if count > 1 else ''}, {name} bindings"
        return Point.of(
            count,
            median(
                what,
                lambda: deployments.synthesize(command, workspace, **{SWITCH_OFF: switch}),
                runs=runs,
                warm_up=count == 1,
            ),
        )


if __name__ == "__main__":
    sys.exit(show(rows(measured())))
