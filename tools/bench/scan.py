"""The scan of one deployment, all reports written, against `checkov --version` in the same run.

python -m tools.bench.scan
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tools.bench.measure import Measurement, environment, measure, median
from tools.bench.row import Row, show

CHECKOV = Path(sys.executable).with_name("checkov")
NAMES = ("scan, four reports", "checkov --version")
RUNS = 3
REPORTS = ("text", "json", "sarif", "junit")


def rows() -> list[Row]:
    """Synthesizes `local`, then measures both. Raises CalledProcessError if a command fails."""
    with tempfile.TemporaryDirectory() as directory:
        env = environment(CDKTF_OUTDIR=f"{directory}/out", DEPLOYMENT="local")
        subprocess.run([sys.executable, "main.py"], env=env, check=True)
        formats = [f"--format={name}={directory}/scan.{name}" for name in REPORTS]
        scan = [
            sys.executable,
            "-m",
            "bluegreen",
            "scan",
            f"{directory}/out/stacks/local",
            *formats,
        ]
        ours, reference = (
            _median(*pair) for pair in zip(NAMES, (scan, [str(CHECKOV), "--version"]), strict=True)
        )
    return [Row("scan with the pack, elapsed", "s", NAMES, ours.wall_s, reference.wall_s, target=1)]


def _median(name: str, command: list[str]) -> Measurement:
    return median(name, lambda: measure(command, environment()), runs=RUNS)


if __name__ == "__main__":
    sys.exit(show(rows()))
