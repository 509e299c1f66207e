"""Synthesizes the sample platform as `main.py` does the real one: bindings first, then whatever imports them.

    python -m tests.bindings.sample_app

Writes to `cdktf.out`, or to what CDKTF_OUTDIR names.
"""

from pathlib import Path

import bindings


def main() -> None:
    """Thirty kinds of resource, each of them wired to another."""
    bindings.activate(Path(__file__).parent)
    from tests.bindings.sample_app.synthesis import synthesize  # noqa: PLC0415 - imports the bindings

    synthesize()


if __name__ == "__main__":
    main()
