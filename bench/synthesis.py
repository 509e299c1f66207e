"""Synthesis with trimmed against stock bindings, in the same run.

    python -m bench.synthesis [COMMAND ...]

COMMAND synthesizes into the directory that CDKTF_OUTDIR names; by default it is `python main.py`, for the
deployment that DEPLOYMENT names, else `local`. Each variant runs once unmeasured, so that no cache is cold,
then once measured.
"""

import os
import sys
import tempfile
from collections.abc import Sequence

from bench.measure import Measurement, measure
from bench.row import Row, report
from bindings.activation import SWITCH_OFF

NAMES = ("trimmed", "stock")


def rows(command: Sequence[str] = ()) -> list[Row]:
    """Measures `command`, or `python main.py`. Raises CalledProcessError if it fails."""
    command = command or (sys.executable, "main.py")
    trimmed, stock = (_warm(command, switch) for switch in ("0", "1"))
    return [
        Row("synthesis, user time (s)", NAMES, trimmed.user_s, stock.user_s, target=1 / 6),
        Row("synthesis, peak memory (MB)", NAMES, trimmed.peak_rss_mb, stock.peak_rss_mb, target=1 / 3),
    ]


def _warm(command: Sequence[str], switch: str) -> Measurement:
    with tempfile.TemporaryDirectory() as outdir:
        deployment = os.environ.get("DEPLOYMENT", "local")
        env = {**os.environ, SWITCH_OFF: switch, "CDKTF_OUTDIR": outdir, "DEPLOYMENT": deployment}
        measure(command, env)
        return measure(command, env)


def main(command: Sequence[str]) -> int:
    """0: the targets are met; 1: one is missed."""
    text, exit_code = report(rows(command))
    sys.stdout.write(text)
    return exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
