"""What the statements of a migration do, found out by trying them on an empty copy of each table.

The copy is `ledger_local.trial`, which never replicates. The database itself says what a statement does: each
table before and after is compared by the rules that the two databases are compared by
(ledger/compatibility.py). A rule that the step does not allow refuses the whole migration, before anything
of the ledger was changed.

A migration that has been begun before is recognised by its effect: what it adds is taken off the copy first,
so the statements are tried from the beginning, and the table is at one of the states that they lead through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..ledger.compatibility import RULES, Difference, Step, Table, Tables, changes, read
from ..ledger.database import Session
from ..ledger.dialect import Dialect
from ..ledger.errors import StatementError
from ..ledger.models import DATABASE, LOCAL
from ..ledger.schema import TRIAL_TABLE
from .statements import Change, refused

TRIAL = f"{LOCAL}.{TRIAL_TABLE}"
MODE = "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"


@dataclass(frozen=True)
class Planned:
    """A statement, whether it was carried out before, and the names of the rules of what it does."""

    change: Change
    done: bool
    rules: tuple[str, ...]


def plan(
    session: Session, dialect: Dialect, statements: Sequence[Change], *, contract: bool
) -> tuple[Planned, ...]:
    """What is to be done, on the writer. Raises MigrationRefusedError."""
    session.change("read SQL as it was understood", "SET SESSION sql_mode = %s", MODE)
    there = read(session, dialect)
    planned: dict[int, Planned] = {}
    for table in dict.fromkeys(change.table for change in statements):
        own = [(place, change) for place, change in enumerate(statements) if change.table == table]
        found = _of_table(session, dialect, there, table, [change for _, change in own], contract=contract)
        planned |= {place: one for (place, _), one in zip(own, found, strict=True)}
    return tuple(planned[place] for place in sorted(planned))


def collation_of(session: Session) -> str:
    """The one that tables of the ledger have by default."""
    return str(
        session.value(
            "read the collation",
            "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s",
            DATABASE,
        )
    )


def _of_table(
    session: Session,
    dialect: Dialect,
    there: Tables,
    table: str,
    statements: Sequence[Change],
    *,
    contract: bool,
) -> list[Planned]:
    actual = there.get(table)
    with _trial(session, table, statements, actual):
        states: list[Table | None] = [_look(session, dialect)]
        rules = []
        for change in statements:
            _try(session, change, states[-1])
            states.append(_look(session, dialect))
            found = list(_effect(table, states[-2], states[-1]))
            _judge(change, found, contract=contract)
            rules.append(tuple(sorted({one.rule for one in found})))
    places = [place for place, state in enumerate(states) if _same(state, actual)]
    if not places:
        raise refused("exists", table)
    return [Planned(change, place < places[-1], rules[place]) for place, change in enumerate(statements)]


def _same(trial: Table | None, actual: Table | None) -> bool:
    """A copy has no triggers and no foreign keys."""
    if trial is None or actual is None:
        return trial is actual
    return replace(trial, triggers=frozenset(), foreign_keys=frozenset()) == replace(
        actual, triggers=frozenset(), foreign_keys=frozenset()
    )


@contextmanager
def _trial(
    session: Session, table: str, statements: Sequence[Change], actual: Table | None
) -> Iterator[None]:
    """The copy, as the table was before any of the statements."""
    session.change("choose the local database", f"USE {LOCAL}")
    _drop_trial(session)
    try:
        if actual is not None and not statements[0].creates:
            session.change("copy a table", f"CREATE TABLE {TRIAL} LIKE {DATABASE}.{_quoted(table)}")
            _take_off(session, table, statements, actual)
        yield
    finally:
        _drop_trial(session)


def _drop_trial(session: Session) -> None:
    session.change("drop the copy", f"DROP TABLE IF EXISTS {TRIAL}")


def _take_off(session: Session, table: str, statements: Sequence[Change], actual: Table) -> None:
    """What the statements add and is there: indexes first, since a column takes its own along."""
    kinds = {
        "INDEX": {**actual.indexes, **actual.unique},
        "COLUMN": actual.columns,
    }
    adds = [add for change in statements for add in change.adds]
    parts = [
        f"DROP {kind} {_quoted(name)}"
        for kind, found in kinds.items()
        for name in dict.fromkeys(name for of, name in adds if of == kind)
        if name in found and name != "PRIMARY"
    ]
    if not parts:
        return
    try:
        session.change("take off what is there", f"ALTER TABLE {TRIAL} {', '.join(parts)}")
    except StatementError:
        raise refused("exists", table) from None


def _try(session: Session, change: Change, before: Table | None) -> None:
    gone = change.drops and before is not None and not any(_has(before, *drop) for drop in change.drops)
    if (change.drops_table and before is None) or gone:
        return  # it was dropped before
    if before is None and not change.creates:
        raise refused("not-understood", str(change), why=f"there is no table {change.table}")
    try:
        session.change("try a statement", change.sql(LOCAL, TRIAL_TABLE, collation_of(session)))
    except StatementError as error:
        raise refused(
            "not-understood", str(change), why=f"the database does not take it: error {error.number}"
        ) from None


def _has(table: Table, kind: str, name: str) -> bool:
    """Constraints have no name here: whether they are there shows when the statement is tried."""
    names = {"COLUMN": table.columns, "INDEX": {**table.indexes, **table.unique}}
    return name in names.get(kind, {name: None})


def _look(session: Session, dialect: Dialect) -> Table | None:
    return read(session, dialect, LOCAL).get(TRIAL_TABLE)


def _effect(table: str, before: Table | None, after: Table | None) -> Iterator[Difference]:
    if before is None and after is not None:
        yield Difference("table-added", table)
    elif after is None and before is not None:
        yield Difference("table-dropped", table)
    elif before is not None and after is not None:
        yield from changes(table, before, after)


def _judge(change: Change, found: Sequence[Difference], *, contract: bool) -> None:
    for one in found:
        rule = RULES[one.rule]
        if rule.step is Step.NEVER:
            raise refused(one.rule, f"{one.where} in {change}", why=rule.why)
        if rule.step is Step.CONTRACT and not contract:
            raise refused(
                one.rule,
                f"{one.where} in {change}",
                why=f"{rule.why}: a contract step, after which neither traffic nor ledger can go back",
                fix="run it with --no-way-back once no version of the code that is deployed needs it",
            )


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
