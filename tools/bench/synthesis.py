"""Synthesis with trimmed against stock bindings, in the same run.

    python -m tools.bench.synthesis [COMMAND ...]

COMMAND synthesizes into the directory that CDKTF_OUTDIR names; by default it is `python main.py`, for the
deployment that DEPLOYMENT names, else `local`. Each variant runs once unmeasured, so that no cache is cold.
The figures are medians.
"""

import os
import sys
import tempfile
from collections.abc import Sequence

from trimmed_bindings.activation import SWITCH_OFF

from tools.bench.measure import Measurement, environment, measure, median
from tools.bench.row import Row, show

NAMES = ("trimmed", "stock")
RUNS = (7, 3)
# The stock bindings gain from constructs that ask jsii for less, too: the ratio is of the bindings alone.
TARGET = 1 / 6


def rows(command: Sequence[str] = ()) -> list[Row]:
    """Measures `command`, or `python main.py`. Raises CalledProcessError if it fails."""
    command = command or (sys.executable, "main.py")
    trimmed, stock = (
        _median(command, name, switch=switch, runs=runs)
        for switch, (name, runs) in enumerate(zip(NAMES, RUNS, strict=True))
    )
    return [
        Row("synthesis, user time", "s", NAMES, trimmed.user_s, stock.user_s, target=TARGET),
        Row("synthesis, elapsed", "s", NAMES, trimmed.wall_s, stock.wall_s, target=TARGET),
        Row("synthesis, peak memory", "MB", NAMES, trimmed.peak_rss_mb, stock.peak_rss_mb, target=1 / 3),
    ]


def _median(command: Sequence[str], name: str, *, switch: int, runs: int) -> Measurement:
    with tempfile.TemporaryDirectory() as outdir:
        deployment = os.environ.get("DEPLOYMENT", "local")
        env = environment(CDKTF_OUTDIR=outdir, DEPLOYMENT=deployment) | {SWITCH_OFF: str(switch)}
        return median(f"synthesis, {name} bindings", lambda: measure(command, env), runs=runs)


if __name__ == "__main__":
    sys.exit(show(rows(sys.argv[1:])))
