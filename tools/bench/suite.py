"""The unit tests, against starting and collecting them only, in the same run.

python -m tools.bench.suite
"""

import shutil
import sys

from tools.bench.deployments import ROOT
from tools.bench.measure import Measurement, environment, measure, median
from tools.bench.row import Row, show

NAMES = ("unit tests", "starting and collecting them")
# 30 s of a machine that collects them in 2.1 s.
TARGET = 14


def rows() -> list[Row]:
    """Raises CalledProcessError if a test fails."""
    collected = median(NAMES[1], lambda: _run("--collect-only"), runs=3)
    ran = median(NAMES[0], lambda: _run(""), runs=1, warm_up=False)
    return [Row("unit tests, elapsed", "s", NAMES, ran.wall_s, collected.wall_s, target=TARGET)]


def _run(options: str) -> Measurement:
    return measure(
        [shutil.which("make") or "make", "unit"], environment(PYTEST_ADDOPTS=options), cwd=ROOT, timeout_s=900
    )


if __name__ == "__main__":
    sys.exit(show(rows()))
