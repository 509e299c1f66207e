"""Decides whether the ledger may move, and moves it: every guard has to pass where no move is in progress."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.values import Colour
from . import move as moves
from . import status
from .errors import MoveRefusedError
from .models import Account, Endpoint, State

ATTEMPTS = 3  # of a move that was refused: it has changed nothing


def move(
    places: Mapping[Colour, Endpoint], accounts: Mapping[Colour, Account], target: Colour, *, move_id: str
) -> moves.Moved:
    """Move the ledger to a colour's database, or finish such a move. Raises LedgerError."""
    found = status.read(places, accounts)
    failing = [guard for guard in found.guards if not guard.passed]
    if found.row and found.row.state is State.OPEN and found.row.writer is not target and failing:
        raise MoveRefusedError(
            f"the ledger was not moved to {target}: {len(failing)} guards fail",
            cause="; ".join(f"{guard.name} of {guard.colour}: {guard.found}" for guard in failing),
            state=f"{found.row.writer} is the writer, as before",
            fix="run `bluegreen ledger status`, and correct what fails",
        )
    for left in reversed(range(ATTEMPTS)):
        try:
            return moves.run(places, accounts, target, move_id=move_id)
        except MoveRefusedError:  # a payment held the row for too long, or the target was late
            if not left:
                raise
    raise AssertionError
