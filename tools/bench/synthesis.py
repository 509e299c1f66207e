"""Synthesis with trimmed against stock bindings, in the same run.

    python -m tools.bench.synthesis [COMMAND ...]

COMMAND synthesizes into the directory that CDKTF_OUTDIR names; by default it is `python main.py`, for the
deployment that DEPLOYMENT names, else `local`. Each variant runs once unmeasured, so that no cache is cold.
The figures are medians. Without COMMAND, CDK Terrain is measured, too, against its own stock bindings.
"""

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence

from trimmed_bindings import TERRAIN
from trimmed_bindings.activation import SWITCH_OFF

from tools.bench.measure import Measurement, environment, measure, median
from tools.bench.row import Row, show
from tools.terrain.synthesis import command as command_of

NAMES = ("trimmed", "stock")
RUNS = (7, 3)
# The stock bindings gain from constructs that ask jsii for less, too: the ratio is of the bindings alone.
TARGET = 1 / 6
MEMORY = 1 / 3
# Its stock package imports a submodule only when that is used; the types are still loaded whole.
TERRAIN_TARGET = 1 / 2


def rows(command: Sequence[str] = ()) -> list[Row]:
    """Measures `command`, or `python main.py` with both toolkits. Raises CalledProcessError if it fails, and
    SynthesisError where CDK Terrain is not installed.
    """
    if command:
        return _rows("synthesis", command, {}, TARGET, MEMORY)
    terrain, variables = command_of(TERRAIN)
    return [
        *_rows("synthesis", (sys.executable, "main.py"), {}, TARGET, MEMORY),
        *_rows("synthesis with CDK Terrain", terrain, variables, TERRAIN_TARGET, TERRAIN_TARGET),
    ]


def _rows(
    what: str, command: Sequence[str], variables: Mapping[str, str], target: float, memory: float
) -> list[Row]:
    trimmed, stock = (
        _median(what, command, variables, name, switch=switch, runs=runs)
        for switch, (name, runs) in enumerate(zip(NAMES, RUNS, strict=True))
    )
    return [
        Row(f"{what}, user time", "s", NAMES, trimmed.user_s, stock.user_s, target=target),
        Row(f"{what}, elapsed", "s", NAMES, trimmed.wall_s, stock.wall_s, target=target),
        Row(f"{what}, peak memory", "MB", NAMES, trimmed.peak_rss_mb, stock.peak_rss_mb, target=memory),
    ]


def _median(
    what: str, command: Sequence[str], variables: Mapping[str, str], name: str, *, switch: int, runs: int
) -> Measurement:
    with tempfile.TemporaryDirectory() as outdir:
        deployment = os.environ.get("DEPLOYMENT", "local")
        env = environment(CDKTF_OUTDIR=outdir, DEPLOYMENT=deployment, **variables) | {SWITCH_OFF: str(switch)}
        return median(f"{what}, {name} bindings", lambda: measure(command, env), runs=runs)


if __name__ == "__main__":
    sys.exit(show(rows(sys.argv[1:])))
