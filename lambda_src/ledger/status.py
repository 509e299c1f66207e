"""`ledger status`: writer, epoch, state, both directions of replication, and every guard with its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from ..contract.values import Colour
from . import compatibility, rows, schema, verification
from . import dialect as dialects
from .database import Session, session
from .dialect import Dialect
from .errors import LedgerError
from .models import DATABASE, LOCAL, Account, Channel, Endpoint, Row, State
from .setup import FILTERS
from .verification import Verification

MAXIMUM_LAG_SECONDS = 1
OLD_TRANSACTION_SECONDS = 2


@dataclass(frozen=True)
class Guard:
    """One condition of a healthy ledger, and what was found."""

    name: str
    colour: Colour
    passed: bool
    found: str


@dataclass(frozen=True)
class Database:
    """One colour's database. `channel`: replication to it from the other; `error`: why it can't be read."""

    row: Row | None = None
    channel: Channel | None = None
    engine: str | None = None
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """`row` (`epoch`, `writer`, `state`), `channel` (`running`, `lag`, `error`), `engine`, `error`."""
        row = self.row
        return {
            "row": row and {"epoch": row.epoch, "writer": row.writer.value, "state": row.state.value},
            "channel": self.channel and asdict(self.channel),
            "engine": self.engine,
            "error": self.error,
        }


@dataclass(frozen=True)
class Status:
    """The ledger. `row` has the highest epoch that can be read; None where there is none.

    `verified`: the last verification that ended; `verifying`: the one in progress.
    """

    row: Row | None
    databases: Mapping[Colour, Database]
    guards: tuple[Guard, ...]
    verified: Verification | None = None
    verifying: Verification | None = None

    @property
    def healthy(self) -> bool:
        """Whether it is open and every guard passes."""
        return self.row is not None and self.row.state is State.OPEN and all(g.passed for g in self.guards)

    def to_json(self) -> dict[str, Any]:
        """`writer`, `epoch`, `state`, `since_seconds` (null: no row), `healthy`, `databases`, `guards`,
        `verified`, `verifying` (null: none).
        """
        row = self.row
        return {
            "writer": row and row.writer.value,
            "epoch": row and row.epoch,
            "state": row and row.state.value,
            "since_seconds": row and round(row.age, 1),
            "healthy": self.healthy,
            "databases": {colour.value: database.to_json() for colour, database in self.databases.items()},
            "guards": [asdict(guard) for guard in self.guards],
            "verified": self.verified and self.verified.to_json(),
            "verifying": self.verifying and self.verifying.to_json(),
        }


def read(places: Mapping[Colour, Endpoint], accounts: Mapping[Colour, Account]) -> Status:
    """The ledger as both databases have it; `accounts` are administrators. One that can't be read fails its
    guard.
    """
    databases: dict[Colour, Database] = {}
    guards: list[Guard] = []
    records: list[Verification] = []
    tables: dict[Colour, compatibility.Tables] = {}
    with ExitStack() as stack:
        for colour, place in places.items():
            try:
                connected = stack.enter_context(session(place, accounts[colour]))
                dialect = dialects.of(connected)
                row, channel = rows.epoch(connected), dialect.channel(connected)
                guards += _guards(colour, connected, dialect, channel)
                records += verification.records(connected)
                tables[colour] = compatibility.read(connected, dialect)
                databases[colour] = Database(row, channel, dialect.name)
            except LedgerError as error:
                databases[colour] = Database(error=error.what)
                guards.append(Guard("reachable", colour, passed=False, found=error.what))
    found = [database.row for database in databases.values() if database.row]
    best = max(found, key=lambda row: row.epoch, default=None)
    guards += [
        _agreement(colour, database.row, best)
        for colour, database in databases.items()
        if database.error is None
    ]
    verified = verification.newest(records, ended=True)
    verifying = verification.newest(records, ended=False)
    if best:
        guards.append(_verification(best.writer, verified))
    if best and len(tables) == len(Colour):
        guards.append(_schema(best.writer, tables))
    ordered = tuple(sorted(guards, key=lambda guard: (guard.colour, guard.name)))
    return Status(best, databases, ordered, verified, verifying)


def _guards(colour: Colour, connected: Session, dialect: Dialect, channel: Channel | None) -> Iterator[Guard]:
    yield Guard("reachable", colour, passed=True, found=connected.where)
    yield from _channel_guards(colour, channel)
    lacking = FILTERS - dialect.filters(connected)
    yield Guard("filters", colour, not lacking, f"lacks {', '.join(sorted(lacking))}" if lacking else "both")
    own = rows.here(connected)
    yield Guard("here", colour, own == colour.value, own or "not set")
    events = _events(connected)
    wanted = {(schema.watchdog_name(colour), "ENABLED")}
    shown = ", ".join(f"{name} {state}" for name, state in sorted(events))
    yield Guard("watchdog", colour, events == wanted, shown or "none")
    yield _triggers(colour, connected, dialect)
    yield _tables(colour, connected)
    oldest = connected.value(
        "read the oldest transaction",
        "SELECT COALESCE(MAX(TIMESTAMPDIFF(SECOND, trx_started, NOW())), 0) "
        "FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id <> 0",
    )
    yield Guard("transactions", colour, int(oldest) <= OLD_TRANSACTION_SECONDS, f"oldest: {oldest} s")


def _channel_guards(colour: Colour, channel: Channel | None) -> Iterator[Guard]:
    if channel is None:
        yield Guard("replication", colour, passed=False, found="not configured")
        return
    said = channel.error or ("runs" if channel.running else "does not run")
    yield Guard("replication", colour, channel.running and not channel.error, said)
    late = channel.lag is None or channel.lag > MAXIMUM_LAG_SECONDS
    yield Guard("lag", colour, not late, "unknown" if channel.lag is None else f"{channel.lag} s")


def _events(connected: Session) -> set[tuple[str, str]]:
    found = connected.rows(
        "list the events",
        "SELECT EVENT_NAME AS name, STATUS AS state FROM information_schema.EVENTS WHERE EVENT_SCHEMA = %s",
        LOCAL,
    )
    return {(str(row["name"]), str(row["state"])) for row in found}


def _triggers(colour: Colour, connected: Session, dialect: Dialect) -> Guard:
    found = rows.triggers(connected)
    wanted = {
        trigger.name: f"{trigger.operation} of {trigger.table}"
        for trigger in schema.wanted(rows.ledger_tables(connected), dialect)
    }
    lacking = [what for name, what in wanted.items() if name not in found]
    return Guard(
        "triggers", colour, not lacking, f"none for {', '.join(lacking)}" if lacking else str(len(wanted))
    )


def _tables(colour: Colour, connected: Session) -> Guard:
    unfit = connected.rows(
        "read the tables",
        "SELECT t.TABLE_NAME AS name FROM information_schema.TABLES t "
        "LEFT JOIN information_schema.TABLE_CONSTRAINTS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA "
        "AND c.TABLE_NAME = t.TABLE_NAME AND c.CONSTRAINT_TYPE = 'PRIMARY KEY' "
        "WHERE t.TABLE_SCHEMA = %s AND t.TABLE_TYPE = 'BASE TABLE' "
        "AND (t.ENGINE <> 'InnoDB' OR c.CONSTRAINT_NAME IS NULL)",
        DATABASE,
    )
    names = ", ".join(sorted(str(row["name"]) for row in unfit))
    found = f"not InnoDB with a primary key: {names}" if names else "all InnoDB with a primary key"
    return Guard("tables", colour, not names, found)


def _verification(writer: Colour, last: Verification | None) -> Guard:
    """Recent and clean, before a move: it takes too long for the pause."""
    if last is None:
        return Guard("verification", writer, passed=False, found="never ended: `bluegreen ledger verify`")
    passed = last.clean and last.age <= verification.RECENT_SECONDS
    what = f"{last.differing} chunks differ" if last.differing else f"{last.rows} rows are the same"
    return Guard("verification", writer, passed, f"{what}, {last.age / 3600:.1f} h ago")


def _schema(writer: Colour, tables: Mapping[Colour, compatibility.Tables]) -> Guard:
    """Of the other database: the writer's schema is the one that counts."""
    found = list(compatibility.compared(tables[writer], tables[writer.other]))
    refused = compatibility.refused(found)
    said = (
        f"{len(tables[writer])} tables are the same" if not found else "; ".join(map(str, refused or found))
    )
    return Guard("schema", writer.other, not refused, said)


def _agreement(colour: Colour, row: Row | None, best: Row | None) -> Guard:
    same = row is not None and best is not None and _key(row) == _key(best)
    return Guard("row", colour, same, str(row) if row else "none")


def _key(row: Row) -> tuple[int, str, str]:
    return row.epoch, row.writer, row.state
