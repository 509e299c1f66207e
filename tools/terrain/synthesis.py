"""Synthesis with CDK Terrain, in its own environment."""

import os
import subprocess
import sys
from pathlib import Path

from trimmed_bindings import CDKTF, TERRAIN, Toolkit

from main import TOOLKIT

ROOT = Path(__file__).resolve().parents[2]
PYTHON = {
    CDKTF: Path(sys.executable),
    TERRAIN: ROOT / ".tools" / "terrain" / "bin" / "python",
}
TIMEOUT_S = 300


class SynthesisError(Exception):
    """A toolkit that is not installed, or that failed."""


def command(toolkit: Toolkit) -> tuple[list[str], dict[str, str]]:
    """What to run, and with which variables. Raises SynthesisError where the toolkit is not installed."""
    python = PYTHON[toolkit]
    if not python.is_file():
        raise SynthesisError(
            f"error: no synthesis with {toolkit.core}: {python.relative_to(ROOT)} does not exist\n"
            "  fix: run `make setup`"
        )
    return [str(python), str(ROOT / "main.py")], {TOOLKIT: toolkit.core}


def synthesize(toolkit: Toolkit, workspace: Path, output: Path, **variables: str) -> str:
    """Synthesizes the deployments of `workspace/config` into `output`. Returns what was said on stderr.

    Raises SynthesisError if it fails.
    """
    words, needed = command(toolkit)
    result = subprocess.run(
        words,
        cwd=workspace,
        env={**os.environ, **needed, **variables, "CDKTF_OUTDIR": str(output)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if result.returncode != 0:
        raise SynthesisError(
            f"error: the synthesis with {toolkit.core} ended with {result.returncode}\n{result.stderr}"
        )
    return result.stderr
