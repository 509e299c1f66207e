"""Carries a migration out on the writer, and waits until the other database has it.

Each statement is one change that the database makes as a whole or not at all, so a migration that died is run
again: what is done is found by its effect (planning.py).

A new table is created as `ledger_new`, gets its fence, and then its name: no write ever finds it without. A
change of a table waits for the transactions that use it, and all later payments would wait behind it. So it
gives up after a second and is tried again. It is made at once (ALGORITHM=INSTANT), or, where that is not
possible and the table is small, online (LOCK=NONE).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from ..contract.values import Colour
from ..ledger import compatibility, rows, schema
from ..ledger import dialect as dialects
from ..ledger.database import Session, session
from ..ledger.dialect import Dialect
from ..ledger.errors import (
    LedgerError,
    MigrationIncompleteError,
    MigrationRefusedError,
    NotSetUpError,
    StatementError,
)
from ..ledger.models import DATABASE, Account, Endpoint, Row, State
from .planning import Planned, collation_of, plan
from .statements import UNFINISHED, Change, refused

LOCK_SECONDS = 1
ATTEMPTS, PAUSE_SECONDS = 10, 0.5
CATCH_UP_SECONDS = 10.0
CROSSING_SECONDS = 30.0
# Beyond it, an online change takes longer than some seconds, and the other database applies it as long after.
LARGEST_BYTES = 64 * 1024**2
_LOCK_WAIT = frozenset({1205, 1213})
# ER_ALTER_OPERATION_NOT_SUPPORTED, the same with its reason, and those of a table that was changed too often.
_NOT_SO = frozenset({1845, 1846, 4080, 4092})
TOOLS = (
    "change it in steps that are made at once. Do not use gh-ost or pt-online-schema-change here: they write "
    "to a copy without a fence, and rename it, so the fence's triggers go with the old table (docs/ledger.md)"
)
After = Callable[[str], None]


@dataclass(frozen=True)
class Migrated:
    """`statements`: as they were understood; `done`: how many of them were carried out now."""

    writer: Colour
    statements: tuple[str, ...]
    done: int

    def to_json(self) -> dict[str, object]:
        """`writer`, `statements`, `done`."""
        return {"writer": self.writer.value, "statements": list(self.statements), "done": self.done}


def run(
    places: Mapping[Colour, Endpoint],
    accounts: Mapping[Colour, Account],
    statements: Sequence[Change],
    *,
    contract: bool = False,
    after: After = lambda _: None,
) -> Migrated:
    """Change the schema of both databases. `contract`: no way back is wanted. `after` gets the name of each
    step that is done.

    Raises MigrationRefusedError (nothing was changed), MigrationIncompleteError (run it again).
    """
    with ExitStack() as stack:
        opened = {}
        for colour, place in places.items():
            connected = stack.enter_context(session(place, accounts[colour]))
            opened[colour] = _Place(connected, dialects.of(connected))
        row = _row([opened_.session for opened_ in opened.values()])
        migration = _Migration(opened[row.writer], opened[row.writer.other], row, after)
        return migration.run(statements, contract=contract)


@dataclass(frozen=True)
class _Place:
    """One database."""

    session: Session
    dialect: Dialect

    def crossed(self, target: _Place, seconds: float) -> bool:
        """Whether the target applies all that this one has, within that time."""
        position = self.dialect.position(self.session)
        return not position or target.dialect.applied(target.session, position, seconds)


class _Migration:
    def __init__(self, writer: _Place, other: _Place, row: Row, after: After) -> None:
        self._writer, self._dialect, self._own = writer.session, writer.dialect, writer
        self._other, self._row, self._after = other, row, after
        self._done = 0

    def run(self, statements: Sequence[Change], *, contract: bool) -> Migrated:
        self._preflight()
        self._after("preflight")
        planned = plan(self._writer, self._dialect, statements, contract=contract)
        for one in planned:
            self._require_fitting(one)
        self._after("plan")
        try:
            self._writer.change("choose the ledger's database", f"USE {DATABASE}")
            self._writer.change(
                "bound the wait for a lock", f"SET SESSION lock_wait_timeout = {LOCK_SECONDS}"
            )
            for number, one in enumerate(planned):
                if not one.done:
                    self._carry_out(one.change)
                    self._done += 1
                self._after(f"statement {number}")
            self._cross(CROSSING_SECONDS)
            self._after("crossing")
            self._compare()
        except MigrationRefusedError as error:
            if not self._done:
                raise
            raise self._incomplete(error.what, error.cause, error.fix) from error
        except MigrationIncompleteError:
            raise
        except LedgerError as error:
            raise self._incomplete(error.what, error.cause, "run the same migration again") from error
        return Migrated(self._row.writer, tuple(str(one.change) for one in planned), self._done)

    def _preflight(self) -> None:
        """Both directions run, and both schemas are the same, or this migration has begun to change them."""
        if not self._own.crossed(self._other, CATCH_UP_SECONDS):
            raise self._refused(
                "the other database has not applied what the writer has", self._channel_error()
            )
        if not self._other.crossed(self._own, CATCH_UP_SECONDS):
            raise self._refused(
                "the writer has not applied what the other database has", self._channel_error()
            )
        self._drop_unfinished()
        if found := self._differences():
            raise self._refused(
                f"the databases differ: {'; '.join(map(str, found))}", "they have to be the same"
            )

    def _require_fitting(self, planned: Planned) -> None:
        """Of a change that is neither made at once nor of a small table: before anything is changed."""
        change = planned.change
        if planned.done or change.creates or change.drops_table:
            return
        at_once = {"column-added", "column-dropped", "column-default"}
        if set(planned.rules) <= at_once or self._bytes(change.table) <= LARGEST_BYTES:
            return
        raise self._too_large(change)

    def _carry_out(self, change: Change) -> None:
        self._require_open()
        if change.creates:
            self._create(change)
        elif change.drops_table:
            self._patiently(change, change.sql(DATABASE, change.table))
        else:
            self._alter(change)

    def _create(self, change: Change) -> None:
        statement = change.sql(DATABASE, UNFINISHED, collation_of(self._writer))
        self._writer.change("create a table", statement)
        self._after("created")
        for trigger in schema.triggers(change.table, self._dialect):
            self._writer.change("create its fence", trigger.statement_on(UNFINISHED))
            self._after(trigger.operation)
        name = "`" + change.table.replace("`", "``") + "`"
        self._writer.change("name it", f"RENAME TABLE {DATABASE}.{UNFINISHED} TO {DATABASE}.{name}")

    def _alter(self, change: Change) -> None:
        statement = change.sql(DATABASE, change.table)
        for how in ("ALGORITHM=INSTANT", "ALGORITHM=INPLACE, LOCK=NONE"):
            try:
                return self._patiently(change, f"{statement}, {how}")
            except StatementError as error:
                if error.number not in _NOT_SO:
                    raise
            if self._bytes(change.table) > LARGEST_BYTES:
                break
        raise self._too_large(change)

    def _patiently(self, change: Change, statement: str) -> None:
        for left in reversed(range(ATTEMPTS)):
            try:
                self._writer.change("change a table", statement)
            except StatementError as error:
                if error.number not in _LOCK_WAIT:
                    raise
                if not left:
                    raise refused(
                        "locked",
                        str(change),
                        why=f"a transaction used the table for all of {ATTEMPTS} attempts",
                        fix="run the same migration again, when no long transaction is open",
                    ) from None
                time.sleep(PAUSE_SECONDS)  # payments that waited behind it go on
            else:
                return

    def _drop_unfinished(self) -> None:
        """What a migration has left that died before the table had its name: nothing has written to it."""
        found = self._writer.value(
            "look for a table without its name",
            "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s",
            *(DATABASE, UNFINISHED),
        )
        if not found:
            return
        self._require_open()
        if self._writer.value("look for rows", f"SELECT COUNT(*) FROM {DATABASE}.{UNFINISHED}"):  # noqa: S608
            raise refused(
                "exists",
                UNFINISHED,
                why="a table of this name has rows",
                fix="find out which client wrote them",
            )
        self._writer.change("choose the ledger's database", f"USE {DATABASE}")
        self._writer.change("drop a table without its name", f"DROP TABLE {DATABASE}.{UNFINISHED}")
        self._cross(CATCH_UP_SECONDS)

    def _require_open(self) -> None:
        """No change during a move; the lock of the switch excludes one, this finds what came past it."""
        row = rows.epoch(self._writer)
        if row is None or (row.epoch, row.writer, row.state) != (
            self._row.epoch,
            self._row.writer,
            State.OPEN,
        ):
            raise self._refused(f"the row is {row or 'gone'}", "the ledger moves, or has moved")

    def _bytes(self, table: str) -> int:
        found = self._writer.value(
            "read a table's size",
            "SELECT DATA_LENGTH + INDEX_LENGTH FROM information_schema.TABLES "
            "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s",
            *(DATABASE, table),
        )
        return int(found or 0)

    def _cross(self, seconds: float) -> None:
        if not self._own.crossed(self._other, seconds):
            raise self._incomplete(
                f"{self._row.writer.other} has not applied it within {seconds:.0f} s",
                self._channel_error(),
                "run `bluegreen ledger status`, then the same migration again",
            )

    def _compare(self) -> None:
        if found := self._differences():
            raise self._incomplete(
                f"the databases differ: {'; '.join(map(str, found))}", "", "run `bluegreen ledger status`"
            )

    def _differences(self) -> list[compatibility.Difference]:
        one = compatibility.read(self._writer, self._dialect)
        other = compatibility.read(self._other.session, self._other.dialect)
        return compatibility.refused(compatibility.compared(one, other))

    def _channel_error(self) -> str:
        channel = self._other.dialect.channel(self._other.session)
        return (channel and channel.error) or "replication is slow or does not run"

    def _too_large(self, change: Change) -> MigrationRefusedError:
        return refused("too-large", str(change), fix=TOOLS)

    def _refused(self, what: str, cause: str) -> MigrationRefusedError:
        return MigrationRefusedError(
            f"the schema was not changed: {what}",
            cause=cause,
            state="nothing was changed",
            fix="run `bluegreen ledger status`, then the same migration again",
        )

    def _incomplete(self, what: str, cause: str, fix: str) -> MigrationIncompleteError:
        return MigrationIncompleteError(
            f"the migration is not finished: {what}",
            cause=cause,
            state=f"{self._done} statements were carried out on {self._row.writer}, which takes all payments",
            fix=fix,
        )


def _row(sessions: Sequence[Session]) -> Row:
    """The row that counts, where it is open."""
    found = [row for row in map(rows.epoch, sessions) if row is not None]
    if not found:
        raise NotSetUpError(
            "there is no ledger",
            cause="`ledger setup` has not been run",
            state="nothing was changed",
            fix="run `bluegreen ledger setup`",
        )
    row = max(found, key=lambda one: one.epoch)
    if row.state is not State.OPEN:
        raise MigrationRefusedError(
            "the schema was not changed: a move is in progress",
            cause=f"the row is {row}",
            state="nothing was changed",
            fix="wait until `bluegreen ledger status` says `open`, then run the same migration again",
        )
    return row
