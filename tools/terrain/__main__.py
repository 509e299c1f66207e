"""Synthesizes with CDKTF and with CDK Terrain, and compares.

    python -m tools.terrain

Exit code 0: identical but for `comparison.EXPECTED`; 1: they differ, or a synthesis failed.
"""

import sys
import tempfile
from pathlib import Path

from trimmed_bindings import CDKTF, TERRAIN

from tools.terrain.comparison import unexpected_differences
from tools.terrain.synthesis import ROOT, SynthesisError, synthesize


def main() -> int:
    """Prints each difference."""
    with tempfile.TemporaryDirectory() as directory:
        outputs = {toolkit: Path(directory, toolkit.core) for toolkit in (CDKTF, TERRAIN)}
        try:
            for toolkit, output in outputs.items():
                sys.stderr.write(synthesize(toolkit, ROOT, output))
        except SynthesisError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        found = unexpected_differences(outputs[CDKTF], outputs[TERRAIN])
    sys.stdout.write(
        "".join(f"differs: {line}\n" for line in found) or "the same, but for the written list\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
