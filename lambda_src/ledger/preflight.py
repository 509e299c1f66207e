"""Decides whether the ledger may move, and moves it: every guard has to pass where no move is in progress.

A shift of the traffic asks for the schemas only, before it begins.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.values import Colour
from . import compatibility, rows, status
from . import dialect as dialects
from . import move as moves
from .database import session
from .errors import MoveRefusedError, SchemaDiffersError
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


def compare(places: Mapping[Colour, Endpoint], accounts: Mapping[Colour, Account]) -> int:
    """How many tables both databases have alike; 0 where there is no ledger yet. Raises SchemaDiffersError,
    and LedgerError where a database can't be read.
    """
    tables: dict[Colour, compatibility.Tables] = {}
    found = []
    for colour, place in places.items():
        with session(place, accounts[colour]) as connected:
            tables[colour] = compatibility.read(connected, dialects.of(connected))
            if row := rows.epoch(connected):
                found.append(row)
    if not found:
        return 0
    writer = max(found, key=lambda row: row.epoch).writer
    differences = compatibility.compared(tables[writer], tables[writer.other])
    if refused := compatibility.refused(differences):
        raise SchemaDiffersError(
            f"the schema of {writer.other} differs from that of {writer}: {'; '.join(map(str, refused))}",
            cause="the code of both colours works on one ledger, and the ledger has to be able to move",
            state="nothing was changed",
            fix="run `bluegreen ledger status`; replication of a change may not have ended yet",
        )
    return len(tables[writer])
