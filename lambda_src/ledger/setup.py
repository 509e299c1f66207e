"""`ledger setup`: makes two databases one ledger. Each step can be repeated, and the whole after any crash.

The order matters: a database knows its colour before anything may write to it, accounts exist before the
triggers that name them cross, and both channels run before the row is written.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from ..contract.values import Colour
from . import accounts, rows, schema, verification
from . import dialect as dialects
from .accounts import Kind
from .database import Session, session
from .dialect import Dialect
from .errors import NotReadyError
from .models import DATABASE, LOCAL, Account, Endpoint, Source, State

CROSSING_SECONDS = 30
RETENTION_HOURS = 72
FILTERS = {f"do:{DATABASE}.%", f"ignore:{LOCAL}"}
Step = tuple[str, Callable[[], None]]


@dataclass(frozen=True)
class Member:
    """One colour's database. `accounts`: by kind; the other colour's channel uses the one for replication.

    `channel_ca`: where this database's server finds the authorities of the other's certificate; Aurora
    ignores it.
    """

    place: Endpoint
    administrator: Account
    accounts: Mapping[Kind, Account]
    channel_ca: str = ""


Members = Mapping[Colour, Member]
Opened = Mapping[Colour, tuple[Session, Dialect]]


def run(
    members: Members,
    *,
    tables: Sequence[str] = (),
    writer: Colour = Colour.BLUE,
    retention_hours: int = RETENTION_HOURS,
    after: Callable[[str], None] = lambda _: None,
) -> Colour:
    """Set up the ledger; returns its writer.

    `tables`: statements that create the ledger's tables, with IF NOT EXISTS; `writer`: who opens the ledger
    where there is none yet; `after` is called with the name of each step that is done. Raises LedgerError.
    """
    with ExitStack() as stack:
        opened = {}
        for colour, member in members.items():
            connected = stack.enter_context(session(member.place, member.administrator))
            opened[colour] = (connected, dialects.of(connected))
        chosen = _writer(opened, writer)
        for name, work in _steps(members, opened, chosen, tables, retention_hours):
            work()
            after(name)
        return chosen


def _steps(
    members: Members, opened: Opened, writer: Colour, tables: Sequence[str], retention_hours: int
) -> Iterator[Step]:
    connected, dialect = opened[writer]
    yield from _each(opened, "requirements", _require)
    for colour, (session_, dialect_) in opened.items():
        yield f"{colour}: here", partial(_here, session_, colour)
        yield f"{colour}: accounts", partial(_accounts, session_, dialect_, members[colour])
        yield f"{colour}: binary log", partial(dialect_.keep_log, session_, retention_hours)
    for colour, (session_, dialect_) in opened.items():
        yield f"{colour}: channel", partial(_channel, session_, dialect_, _source(members, colour))
    yield "tables", partial(_tables, connected, tables)
    yield "triggers", partial(_triggers, connected, dialect)
    yield "crossing", partial(_await_crossing, opened, writer)
    for colour, (session_, dialect_) in opened.items():
        # Once the table is there, and again on each database by itself.
        yield f"{colour}: row's accounts", partial(_accounts, session_, dialect_, members[colour])
    for colour, (session_, dialect_) in opened.items():
        yield f"{colour}: watchdog", partial(_watchdog, session_, dialect_, colour)
    # Last: from now on the writer takes payments.
    yield "row", partial(_row, connected, writer)
    yield "row crossing", partial(_await_crossing, opened, writer)
    yield "verification", partial(_verify, opened)


def _verify(opened: Opened) -> None:
    """Or as much of it as one call does; the schedule continues it."""
    verification.advance(opened, fresh=True)


def _each(opened: Opened, name: str, work: Callable[[Session, Dialect], None]) -> Iterator[Step]:
    for colour, (connected, dialect) in opened.items():
        yield f"{colour}: {name}", partial(work, connected, dialect)


def _writer(opened: Opened, initial: Colour) -> Colour:
    found = [row for row in (rows.epoch(connected) for connected, _ in opened.values()) if row]
    if not found:
        return initial
    row = max(found, key=lambda one: one.epoch)
    if row.state is not State.OPEN:
        raise NotReadyError(
            "can't set up the ledger: a move is in progress",
            cause=f"the row is {row}",
            state="nothing was changed",
            fix="run `bluegreen ledger status`; set up again when the state is open",
        )
    return row.writer


def _require(connected: Session, dialect: Dialect) -> None:
    wrong = []
    for name, allowed in dialect.variables.items():
        found = connected.value("read a variable", f"SELECT @@global.{name}")
        if str(found) not in allowed:
            wrong.append(f"{name} is {found}, has to be {allowed[0]}")
    if wrong:
        raise NotReadyError(
            f"can't set up the ledger on {connected.where}",
            cause="; ".join(wrong),
            state="nothing was changed",
            fix="set them in its parameter group, reboot it, then run `bluegreen ledger setup` again",
        )


def _here(connected: Session, colour: Colour) -> None:
    for name in (LOCAL, DATABASE):
        connected.change("create a database", f"CREATE DATABASE IF NOT EXISTS {name}")
    connected.change("choose a database", f"USE {LOCAL}")
    connected.change("create `here`", schema.CREATE_HERE)
    connected.change("create the record of verifications", schema.CREATE_VERIFICATION)
    if rows.here(connected) != colour.value:  # a clone of the other colour: its records are of others
        connected.change("forget verifications", f"DELETE FROM {schema.VERIFICATION}")
    connected.change(
        "name the colour",
        f"INSERT INTO {schema.HERE} VALUES (1, %s) ON DUPLICATE KEY UPDATE colour = VALUES(colour)",
        colour.value,
    )


def _accounts(connected: Session, dialect: Dialect, member: Member) -> None:
    """On each database by itself: accounts do not cross."""
    accounts.create(connected, Account(schema.DEFINER, secrets.token_urlsafe(32)), "ACCOUNT LOCK")
    accounts.grant(connected, ("SELECT", "UPDATE", "TRIGGER"), f"{DATABASE}.*", schema.DEFINER)
    accounts.grant(connected, ("SELECT", "EVENT"), f"{LOCAL}.*", schema.DEFINER)
    accounts.grant(connected, dialect.definer_privileges, "*.*", schema.DEFINER)
    for procedure in dialect.definer_procedures:
        accounts.grant(connected, ("EXECUTE",), f"PROCEDURE {procedure}", schema.DEFINER)
    for kind, account in member.accounts.items():
        accounts.ensure(connected, dialect, kind, account)


def _tables(connected: Session, tables: Sequence[str]) -> None:
    connected.change("choose the ledger's database", f"USE {DATABASE}")
    for statement in (schema.CREATE_EPOCH, *tables):
        connected.change("create a table", statement)


def _triggers(connected: Session, dialect: Dialect) -> None:
    """The new ones before the old ones go: no table is without its fence for a moment."""
    found = {name for name in rows.triggers(connected) if name.startswith("ledger_")}
    wanted = schema.wanted(rows.ledger_tables(connected), dialect)
    connected.change("choose the ledger's database", f"USE {DATABASE}")
    for trigger in wanted:
        if trigger.name not in found:
            connected.change(f"create the trigger of {trigger.table}", trigger.statement)
    for name in sorted(found - {trigger.name for trigger in wanted}):
        connected.change("drop an old trigger", f"DROP TRIGGER IF EXISTS {DATABASE}.{name}")


def _source(members: Members, target: Colour) -> Source:
    own, other = members[target], members[target.other]
    place = Endpoint(other.place.host, other.place.port, own.channel_ca or own.place.ca)
    return Source(place, other.accounts[Kind.REPLICATION])


def _channel(connected: Session, dialect: Dialect, source: Source) -> None:
    """It starts only where both filters are there: without them the other colour's passwords would cross."""
    dialect.configure_channel(connected, source)
    if lacking := FILTERS - dialect.filters(connected):
        raise NotReadyError(
            f"can't start replication to {connected.where}",
            cause=f"the replication filters lack {', '.join(sorted(lacking))}",
            state="replication to it is stopped",
            fix="set both filters in its parameter group, then run `bluegreen ledger setup` again",
        )
    dialect.start_channel(connected)


def _watchdog(connected: Session, dialect: Dialect, colour: Colour) -> None:
    connected.change("choose the local database", f"USE {LOCAL}")
    for one in Colour:
        connected.change("drop the event", f"DROP EVENT IF EXISTS {schema.watchdog_name(one)}")
    connected.change("create the event", schema.watchdog(colour, dialect))


def _row(connected: Session, writer: Colour) -> None:
    connected.change(
        "write the ledger's row",
        f"INSERT IGNORE INTO {schema.EPOCH} VALUES (1, 1, %s, 'open', '', NOW(6))",
        writer.value,
    )


def _await_crossing(opened: Opened, writer: Colour) -> None:
    source, source_dialect = opened[writer]
    target, target_dialect = opened[writer.other]
    position = source_dialect.position(source)
    if position and not target_dialect.applied(target, position, CROSSING_SECONDS):
        channel = target_dialect.channel(target)
        raise NotReadyError(
            f"{target.where} has not applied what {source.where} wrote within {CROSSING_SECONDS} s",
            cause=(channel and channel.error) or "replication is too slow or does not run",
            state="the ledger is not complete; no traffic was moved",
            fix="run `bluegreen ledger status`, correct the error, then run `bluegreen ledger setup` again",
        )
