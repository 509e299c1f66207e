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
from dataclasses import dataclass

from bench.measure import Measurement, measure
from bindings.activation import SWITCH_OFF


@dataclass(frozen=True)
class Row:
    """One quantity, measured with trimmed and with stock bindings; None where it can't be measured."""

    quantity: str
    trimmed: float | None
    stock: float | None
    target: float
    """The largest ratio that will do."""

    @property
    def ratio(self) -> float | None:
        """Trimmed to stock."""
        return self.trimmed / self.stock if self.trimmed is not None and self.stock else None

    @property
    def missed(self) -> bool:
        """Whether the ratio is known and too large."""
        return self.ratio is not None and self.ratio > self.target

    def __str__(self) -> str:
        if self.ratio is None:
            return f"synthesis, {self.quantity}: can't be measured on this platform"
        verdict = "MISSED" if self.missed else "met"
        return (
            f"synthesis, {self.quantity}: trimmed {self.trimmed:.2f}, stock {self.stock:.2f}, "
            f"ratio {self.ratio:.3f} (target at most {self.target:.3f}: {verdict})"
        )


def rows(command: Sequence[str] = ()) -> list[Row]:
    """Measures `command`, or `python main.py`. Raises CalledProcessError if it fails."""
    command = command or (sys.executable, "main.py")
    trimmed, stock = (_warm(command, switch) for switch in ("0", "1"))
    return [
        Row("user time (s)", trimmed.user_s, stock.user_s, target=1 / 6),
        Row("peak memory (MB)", trimmed.peak_rss_mb, stock.peak_rss_mb, target=1 / 3),
    ]


def _warm(command: Sequence[str], switch: str) -> Measurement:
    with tempfile.TemporaryDirectory() as outdir:
        deployment = os.environ.get("DEPLOYMENT", "local")
        env = {**os.environ, SWITCH_OFF: switch, "CDKTF_OUTDIR": outdir, "DEPLOYMENT": deployment}
        measure(command, env)
        return measure(command, env)


def main(command: Sequence[str]) -> int:
    """0: the targets are met; 1: one is missed."""
    measured = rows(command)
    sys.stdout.write("".join(f"{row}\n" for row in measured))
    return 1 if any(row.missed for row in measured) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
