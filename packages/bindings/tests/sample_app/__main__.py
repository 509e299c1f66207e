"""Synthesizes the sample platform as `main.py` does the real one: bindings first, then whatever imports them.

    python -m packages.bindings.tests.sample_app

Writes to `cdktf.out`, or to what CDKTF_OUTDIR names; SAMPLE_CACHE names the cache of the bindings.
"""

import os
from pathlib import Path

import trimmed_bindings


def main() -> None:
    """Thirty kinds of resource, each of them wired to another."""
    trimmed_bindings.activate(Path(__file__).parent, cache=Path(os.environ["SAMPLE_CACHE"]))
    from packages.bindings.tests.sample_app.synthesis import synthesize  # noqa: PLC0415 - imports the bindings

    synthesize()


if __name__ == "__main__":
    main()
