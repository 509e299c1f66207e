"""Moves back and forth under load, and how long payments paused for each.

A pause is the largest gap between two answers, of whichever clients, from the command until shortly after it.
Beside it stands the same gap in as long a time without a move: what lies below that says nothing of the move.
"""

import itertools
import time
from dataclasses import dataclass, field

from lambda_src.ledger.errors import LedgerError
from tests.lambda_src.ledger.clients import Load
from tests.lambda_src.ledger.ledgers import BLUE, GREEN

ATTEMPTS = 50
AFTERWARDS_SECONDS = 0.1
PAYMENTS_BETWEEN = 30
KEPT_MOMENTS = 1000  # of answers before a move: what is older is of no gap any more


@dataclass
class Pauses:
    """In ms, one a move. `refused`: attempts that changed nothing; their gaps belong to their move."""

    moving: list[float] = field(default_factory=list)
    still: list[float] = field(default_factory=list)
    refused: int = 0

    def percentile(self, of: list[float], share: float) -> float:
        """Of `moving` or `still`."""
        return sorted(of)[min(len(of) - 1, int(share * len(of)))]

    def __str__(self) -> str:
        shown = [
            f"{name} p50 {self.percentile(gaps, 0.5):.0f} ms, p99 {self.percentile(gaps, 0.99):.0f} ms, "
            f"largest {max(gaps):.0f} ms"
            for name, gaps in (("with a move", self.moving), ("without", self.still))
        ]
        return f"{len(self.moving)} moves, {self.refused} refused attempts; gaps {'; '.join(shown)}"


def back_and_forth(load: Load, moves: int) -> Pauses:
    """That many moves, each with a large transaction right before it."""
    found = Pauses()
    for number in range(moves):
        target = (GREEN, BLUE)[number % 2]
        load.bulk(target.other)
        del load.moments[:-KEPT_MOMENTS]
        begun = time.monotonic()
        for _ in range(ATTEMPTS):
            try:
                moved = load.ledger.move(target)
                break
            except LedgerError:
                found.refused += 1
        else:
            raise AssertionError(f"not moved in {ATTEMPTS} attempts")
        assert moved.writer is target
        _sleep(load, AFTERWARDS_SECONDS)
        ended = time.monotonic()
        load.await_payments(PAYMENTS_BETWEEN)
        rested = time.monotonic()
        _sleep(load, ended - begun)
        found.moving.append(_gap(load, begun, ended))
        found.still.append(_gap(load, rested, time.monotonic()))
    return found


def _sleep(load: Load, seconds: float) -> None:
    """Clients go on."""
    load.stopped.wait(seconds)


def _gap(load: Load, begun: float, ended: float) -> float:
    """The largest between two answers of that time, the last one before it and the first one after it."""
    moments = sorted(load.moments)
    inside = [moment for moment in moments if begun <= moment <= ended]
    before = max((moment for moment in moments if moment < begun), default=begun)
    after = min((moment for moment in moments if moment > ended), default=ended)
    times = [before, *inside, after]
    return 1000 * max(later - earlier for earlier, later in itertools.pairwise(times))
