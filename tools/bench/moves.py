"""The write pause of a move of the ledger, under load, beside the same gap without a move.

python -m tools.bench.moves
"""

import sys
import tempfile
from pathlib import Path

from bluegreen.operate.databases import pair
from tests.lambda_src.ledger.clients import CLEAN, paying
from tests.lambda_src.ledger.ledgers import SERVICE, Ledger
from tests.lambda_src.ledger.pauses import back_and_forth
from tools.bench.row import Row, show

CLIENTS, MOVES = 12, 200
THINK_SECONDS = 0.002
NAMES = ("with a move", "without")
PERCENTILES = {"p50": 0.5, "p99": 0.99}


def rows(moves: int = MOVES) -> list[Row]:
    """Raises AssertionError if a payment was lost, duplicated or split."""
    sys.stderr.write("bench: moves of the ledger\n")
    with tempfile.TemporaryDirectory() as directory, pair.running(Path(directory)) as servers:
        ledger = Ledger.on(servers)
        ledger.wipe()
        ledger.set_up(SERVICE)
        with paying(ledger, CLIENTS, THINK_SECONDS) as load:
            pauses = back_and_forth(load, moves)
        verdict = load.verdict()
        if verdict != CLEAN:
            raise AssertionError(f"{moves} moves: {verdict}")
    sys.stderr.write(f"bench: {pauses}; lost 0, duplicated 0, split 0\n")
    return [
        Row(
            f"largest gap between payments, {CLIENTS} clients, {moves} moves, {name}",
            "ms",
            NAMES,
            pauses.percentile(pauses.moving, share),
            pauses.percentile(pauses.still, share),
            target=None,
        )
        for name, share in PERCENTILES.items()
    ]


if __name__ == "__main__":
    sys.exit(show(rows()))
