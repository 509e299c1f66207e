"""Takes a handed ledger back, where its new writer never returns.

A move that is handed over has no way back: only the target can open it. `reclaim` opens the source again, for
the case that the target's database is lost before it opened. Nothing is lost by it: what is `handed` and not
open has taken no payment. Two writers would be the danger, so it demands that the target can't be reached or
is still closed, and that its database is cut off from services and mover (the command line does that).

Two calls: `check` before the cut, `take_back` after a mover that had begun before must have ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from ..contract.values import Colour
from . import dialect as dialects
from . import rows
from .database import Session, session
from .errors import DatabaseUnreachableError, LedgerError, MoveRefusedError
from .models import Account, Endpoint, Row, State

# A mover's function ends after 60 s, whatever it does (modules/ledger): it can't open the target later.
LONGEST_MOVE_SECONDS = 60


@dataclass(frozen=True)
class Handed:
    """What can be taken back. `target`: whose database never returns; `reachable`: whether it answers."""

    source: Colour
    row: Row
    reachable: bool

    def to_json(self) -> dict[str, object]:
        """`source`, `target`, `epoch`, `handed_seconds`, `target_reachable`, `wait_seconds`."""
        return {
            "source": self.source.value,
            "target": self.source.other.value,
            "epoch": self.row.epoch,
            "handed_seconds": round(self.row.age, 1),
            "target_reachable": self.reachable,
            "wait_seconds": LONGEST_MOVE_SECONDS,
        }


def check(places: Mapping[Colour, Endpoint], accounts: Mapping[Colour, Account], source: Colour) -> Handed:
    """Whether it can be reclaimed to `source`. Raises MoveRefusedError, DatabaseUnreachableError (source)."""
    with _of_source(places, accounts, source) as (_, found):
        return found


def take_back(
    places: Mapping[Colour, Endpoint], accounts: Mapping[Colour, Account], source: Colour, epoch: int
) -> Row:
    """Open the source: `(e, target, handed)` → `(e+1, source, open)`. Repeated, it changes nothing.

    `epoch`: as `check` has found it. Raises as that does.
    """
    with session(places[source], accounts[source]) as connected:
        row = rows.epoch(connected)
        if row and (row.epoch, row.writer, row.state) == (epoch + 1, source, State.OPEN):
            return row
    with _of_source(places, accounts, source) as (connected, found):
        row = found.row
        if row.epoch != epoch:
            raise _refused(source, f"its row is {row}: another move began meanwhile")
        if row.age < LONGEST_MOVE_SECONDS:
            cause = f"it was handed over {row.age:.0f} s ago: a mover may still open {source.other}"
            raise _refused(source, cause)
        opened = Row(epoch + 1, source, State.OPEN, row.move_id, 0)
        if not rows.exchange(connected, row, opened):
            raise _refused(source, "the row changed meanwhile")
        dialects.of(connected).belt(connected, on=False)
        return opened


@contextmanager
def _of_source(
    places: Mapping[Colour, Endpoint], accounts: Mapping[Colour, Account], source: Colour
) -> Iterator[tuple[Session, Handed]]:
    with session(places[source], accounts[source]) as connected:
        row = rows.epoch(connected)
        if row is None or (row.writer, row.state) != (source.other, State.HANDED):
            raise _refused(source, f"its row is {row or 'not there'}, not handed to {source.other}")
        yield connected, Handed(source, row, _target_answers(places, accounts, source, row))


def _target_answers(
    places: Mapping[Colour, Endpoint], accounts: Mapping[Colour, Account], source: Colour, handed: Row
) -> bool:
    """Refuses a target that has opened."""
    target = source.other
    try:
        with session(places[target], accounts[target]) as connected:
            row = rows.epoch(connected)
    except DatabaseUnreachableError:
        return False
    except LedgerError as error:
        raise _refused(source, f"{target} answers, and its row can't be read: {error.what}") from error
    if row is None or row.epoch > handed.epoch or (row.epoch == handed.epoch and row.state is State.OPEN):
        raise _refused(source, f"the row of {target} is {row}: it is open, or was")
    return True


def _refused(source: Colour, cause: str) -> MoveRefusedError:
    return MoveRefusedError(
        f"the ledger was not reclaimed to {source}",
        cause=cause,
        state="its row was not changed",
        fix="run `bluegreen ledger status`; a move that is not finished is finished by running it again",
    )
