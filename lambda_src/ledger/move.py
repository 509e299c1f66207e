"""Moves the ledger from one database to the other: ten steps, each of which can be repeated.

Every run, first or again, looks at the row of both databases and does what is next. All changes of the row
are compare-and-set. `moving` is reverted at the source only, `handed` never: after it the move is finished by
running it again. T opens only after it has applied `handed`, hence all payments of S; without that wait the
late event of S would overwrite T's `open`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from ..contract.values import Colour
from . import dialect as dialects
from . import rows
from .accounts import bears_belt
from .database import Session, session
from .dialect import Dialect
from .errors import LedgerError, MoveIncompleteError, MoveRefusedError, NotSetUpError, StatementError
from .models import Account, Endpoint, Row, State

CATCH_UP_SECONDS = 0.1  # step 1: the target applies "now" within this
CATCH_UP_ATTEMPTS = 50
FENCE_SECONDS = 0.3
DEADLINE_SECONDS = 2.0  # from the fence until the target has applied all
HAND_OVER_SECONDS = 20.0
POLL_SECONDS = 0.2
STEPS = (
    "preflight",
    "fence",
    "belt",
    "position",
    "applied",
    "hand over",
    "handed applied",
    "open",
    "verify",
    "record",
)
LOCKED = "a transaction holds the row: a payment that is neither committed nor rolled back"
_INTERRUPTED = 1317  # ER_QUERY_INTERRUPTED
_LOCKS = frozenset({1205, 1213, _INTERRUPTED, 1927})  # 1927: MariaDB, connection was killed
After = Callable[[str], None]


@dataclass(frozen=True)
class Moved:
    """What a move did. `pause_ms`: from the fence until the target was open; None where nothing had to be
    moved.
    """

    writer: Colour
    epoch: int
    pause_ms: float | None

    def to_json(self) -> dict[str, object]:
        """`writer`, `epoch`, `pause_ms`."""
        pause = None if self.pause_ms is None else round(self.pause_ms)
        return {"writer": self.writer.value, "epoch": self.epoch, "pause_ms": pause}


@dataclass(frozen=True)
class Database:
    """One colour's database during a move.

    `control`: another connection, to end what the first waits for; `bears_belt`: whether the mover can write
    its row while the belt is on.
    """

    colour: Colour
    main: Session
    control: Session
    dialect: Dialect
    bears_belt: bool

    def row(self) -> Row:
        """Its row. Raises NotSetUpError."""
        found = rows.epoch(self.main)
        if found is None:
            raise NotSetUpError(
                f"{self.main.where} has no ledger",
                cause="`ledger setup` has not been run",
                state="nothing was changed",
                fix="run `bluegreen ledger setup`",
            )
        return found


def run(
    places: Mapping[Colour, Endpoint],
    accounts: Mapping[Colour, Account],
    target: Colour,
    *,
    move_id: str,
    after: After = lambda _: None,
) -> Moved:
    """Move the ledger to `target`, or finish such a move. `after` gets the name of each step that is done.

    Raises MoveRefusedError (the source is open, as before), MoveIncompleteError (run it again).
    """
    with ExitStack() as stack:
        found = {}
        for colour in Colour:
            main, control = (stack.enter_context(session(places[colour], accounts[colour])) for _ in range(2))
            dialect = dialects.of(main)
            found[colour] = Database(colour, main, control, dialect, bears_belt(main, dialect))
        return _Move(found[target.other], found[target], move_id, after).run()


class _Move:
    def __init__(self, source: Database, target: Database, move_id: str, after: After) -> None:
        self._source, self._target, self._id, self._after = source, target, move_id, after
        self._fenced = time.monotonic()

    def run(self) -> Moved:
        here, there = self._source.row(), self._target.row()
        colour = self._target.colour
        if there.epoch >= here.epoch and (there.writer, there.state) == (colour, State.OPEN):
            self._verify(there)
            return Moved(colour, there.epoch, None)
        if here.state is State.OPEN:
            here = self._begin(here)
        else:
            self._fenced -= here.age
        if (here.writer, here.state) == (colour, State.MOVING):
            here = self._hand_over(here)
        if (here.writer, here.state) != (colour, State.HANDED):
            raise MoveRefusedError(
                f"can't move the ledger to {colour}",
                cause=f"another move is in progress: the row of {self._source.colour} is {here}",
                state="nothing was changed",
                fix=f"finish that one: `bluegreen ledger move --to {here.writer}`",
            )
        opened = self._open(here)
        pause = 1000 * (time.monotonic() - self._fenced)
        self._verify(opened)
        self._after("record")
        return Moved(colour, opened.epoch, pause)

    def _begin(self, here: Row) -> Row:
        """Steps 1 and 2."""
        if here.writer is not self._source.colour:
            raise MoveRefusedError(
                f"can't move the ledger to {self._target.colour}",
                cause=f"{self._source.colour} is not the writer: its row is {here}",
                state="nothing was changed",
                fix="run `bluegreen ledger status`: replication from the writer may have stopped",
            )
        self._catch_up()
        self._after("preflight")
        self._fenced = time.monotonic()
        moving = Row(here.epoch + 1, self._target.colour, State.MOVING, self._id, 0)
        if not self._set_within(FENCE_SECONDS, here, moving):
            raise self._refused(f"the fence was not set within {FENCE_SECONDS} s", LOCKED)
        self._after("fence")
        return moving

    def _catch_up(self) -> None:
        """Both directions: the target applies the source's position of now at once, and has no transaction of
        its own that the source lacks.
        """
        for waits, other in ((self._target, self._source), (self._source, self._target)):
            for _ in range(CATCH_UP_ATTEMPTS):
                position = other.dialect.position(other.main)
                if not position or waits.dialect.applied(waits.main, position, CATCH_UP_SECONDS):
                    break
            else:
                channel = waits.dialect.channel(waits.main)
                said = (channel and channel.error) or "it does not catch up"
                raise self._refused(f"{waits.colour} has not applied what {other.colour} has", said)

    def _hand_over(self, moving: Row) -> Row:
        """Steps 3 to 6; whatever goes wrong before the last one is reverted."""
        try:
            self._belt()
            self._after("belt")
            position = self._source.dialect.position(self._source.main)
            self._after("position")
            if position and not self._target.dialect.applied(self._target.main, position, self._left()):
                raise self._refused(
                    f"{self._target.colour} has not applied the last payments within {DEADLINE_SECONDS} s", ""
                )
            self._after("applied")
        except LedgerError:
            self._revert(moving)
            raise
        handed = Row(moving.epoch, moving.writer, State.HANDED, self._id, 0)
        if not self._set_within(self._left(), moving, handed):
            found = self._source.row()
            if _is(found, moving):
                self._revert(moving)
                raise self._refused("it was not handed over in time", LOCKED)
            if not _is(found, handed):
                raise self._refused("another client reverted the move", "the watchdog, or another mover")
        self._after("hand over")
        return handed

    def _left(self) -> float:
        return max(POLL_SECONDS, DEADLINE_SECONDS - (time.monotonic() - self._fenced))

    def _belt(self) -> None:
        """Where the mover can write its row then; the trigger holds without it, too."""
        if self._source.bears_belt:
            with suppress(StatementError):
                self._source.dialect.belt(self._source.main, on=True)

    def _revert(self, moving: Row) -> None:
        """Where the source can't be reached, or a transaction holds the row, its watchdog does the same."""
        back = Row(moving.epoch + 1, self._source.colour, State.OPEN, self._id, 0)
        with suppress(LedgerError):
            if self._set_within(FENCE_SECONDS, moving, back):
                self._source.dialect.belt(self._source.main, on=False)

    def _open(self, handed: Row) -> Row:
        """Steps 7 and 8. There is no way back: where it can't be finished, it is run again."""
        deadline = time.monotonic() + HAND_OVER_SECONDS
        opened = Row(handed.epoch, handed.writer, State.OPEN, self._id, 0)
        try:
            self._keep_applying()
            self._await_handed(handed, deadline)
            self._after("handed applied")
            self._target.dialect.belt(self._target.main, on=False)
            done = rows.exchange(self._target.main, handed, opened)
        except LedgerError as error:
            raise self._incomplete(str(error.what)) from error
        if not done and self._target.row().state is not State.OPEN:
            raise self._incomplete("the row of the target is another")
        self._after("open")
        return opened

    def _await_handed(self, handed: Row, deadline: float) -> None:
        target = self._target
        while not _is(target.row(), handed):
            if _is(target.row(), Row(handed.epoch, handed.writer, State.OPEN, "", 0)):
                return
            if time.monotonic() > deadline:
                raise self._incomplete(f"{target.colour} has not applied the row `handed`")
            self._keep_applying()
            position = self._source.dialect.position(self._source.main)
            target.dialect.applied(target.main, position, POLL_SECONDS)

    def _keep_applying(self) -> None:
        """Start the target's replication if it has stopped."""
        channel = self._target.dialect.channel(self._target.main)
        if channel is not None and not channel.running:
            self._target.dialect.start_channel(self._target.main)

    def _verify(self, opened: Row) -> None:
        """Step 9: the way back works where the source shows the target's `open`. The belt is a belt."""
        source, target = self._source, self._target
        position = target.dialect.position(target.main)
        if not source.dialect.applied(source.main, position, DEADLINE_SECONDS) or not _is(
            source.row(), opened
        ):
            raise MoveIncompleteError(
                f"the ledger is open on {target.colour}, but {source.colour} does not follow",
                cause="replication back to it is slow or has stopped",
                state=f"{target.colour} takes all payments",
                fix="run `bluegreen ledger status`, correct replication, then run the move again",
            )
        self._belt()
        self._after("verify")

    def _set_within(self, seconds: float, old: Row, new: Row) -> bool:
        """Compare and set on the source; given up where a transaction holds the row for longer."""
        with _killed_after(self._source, seconds):
            try:
                return rows.exchange(self._source.main, old, new)
            except StatementError as error:
                if error.number not in _LOCKS:
                    raise
                return False

    def _refused(self, what: str, cause: str) -> MoveRefusedError:
        return MoveRefusedError(
            f"the ledger was not moved to {self._target.colour}: {what}",
            cause=cause,
            state=f"{self._source.colour} is the writer, as before; it opens by itself where it is not open",
            fix="run `bluegreen ledger status`, then the same move again",
        )

    def _incomplete(self, what: str) -> MoveIncompleteError:
        return MoveIncompleteError(
            f"the move to {self._target.colour} is not finished: {what}",
            cause="",
            state=f"no database takes payments until {self._target.colour} opens; none is lost",
            fix=f"run `bluegreen ledger move --to {self._target.colour} --yes` again",
        )


class _killed_after:  # noqa: N801 - reads as what it does
    """Kills the statement that the source's first connection runs in the block, if it takes longer."""

    def __init__(self, source: Database, seconds: float) -> None:
        self._source = source
        self._timer = threading.Timer(seconds, self._kill)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def _kill(self) -> None:
        """One's own statements can be killed without a privilege, on Aurora too."""
        with suppress(LedgerError):  # it had ended
            self._source.control.change("give the fence up", "KILL QUERY %s", self._source.main.id)


def _is(row: Row, other: Row) -> bool:
    return (row.epoch, row.writer, row.state) == (other.epoch, other.writer, other.state)
