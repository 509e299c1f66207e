"""The scan of one deployment, all reports written, against `checkov --version` in the same run.

python -m bench.scan
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measure import Measurement, measure
from bench.row import Row, report

CHECKOV = Path(sys.executable).with_name("checkov")
REPORTS = ("text", "json", "sarif", "junit")


def rows() -> list[Row]:
    """Synthesizes `local`, then measures both. Raises CalledProcessError if a command fails."""
    with tempfile.TemporaryDirectory() as directory:
        env = {**os.environ, "CDKTF_OUTDIR": f"{directory}/out", "DEPLOYMENT": "local"}
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
        ours, reference = (_warm(command) for command in (scan, [str(CHECKOV), "--version"]))
    return [Row("scan, elapsed (s)", ("scan", "checkov --version"), ours.wall_s, reference.wall_s, target=1)]


def _warm(command: list[str]) -> Measurement:
    measure(command, os.environ)
    return measure(command, os.environ)


def main() -> int:
    """0: the target is met; 1: it is missed."""
    text, exit_code = report(rows())
    sys.stdout.write(text)
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
