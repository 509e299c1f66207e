"""Runs every measurement, prints the rows, writes `docs/speed.md` and `docs/speed.svg`.

Exit code 1 if a target is missed; the page then says so.
"""

import sys

from tools.bench import access, growth, ledger, machine, moves, scan, suite, switch, synthesis
from tools.bench.deployments import ROOT
from tools.bench.page import page
from tools.bench.plot import plot
from tools.bench.row import show


def main() -> int:
    """Nothing is written unless all was measured. Raises CalledProcessError if a command fails."""
    single = synthesis.rows()
    many = growth.measured()
    rows = [
        *single,
        *growth.rows(many),
        *scan.rows(),
        *suite.rows(),
        *switch.rows(),
        *access.rows(),
        *ledger.rows(),
        *moves.rows(),
    ]
    (ROOT / "docs" / "speed.svg").write_text(plot(many), encoding="utf-8")
    (ROOT / "docs" / "speed.md").write_text(page(rows, many, machine.this()), encoding="utf-8")
    return show(rows)


if __name__ == "__main__":
    sys.exit(main())
