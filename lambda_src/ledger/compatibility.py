"""What two schemas may differ in: the writer's and the other database's, or a table's before and after a
migration.

Both uses have the same rules, each with a name. Row replication finds columns by their place and converts no
type; where a column is on one database only, its values are dropped without an error (MySQL reference manual,
"Replication with Differing Table Definitions on Source and Replica"; MariaDB documentation, "Replication When
the Primary and Replica Have Different Table Definitions"). The code of both colours uses the same tables:
what one of them needs has to stay until no way back is wanted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .database import Session
from .dialect import Dialect
from .errors import NotReadyError
from .models import DATABASE

# The width that an integer is shown with: MySQL 8.0.19 and later leave it out, and it changes no value.
_WIDTH = re.compile(r"^((?:tiny|small|medium|big)?int)\(\d+\)")
# What the database fills by itself.
_FILLED = re.compile("auto_increment|generated")
_OWN_TRIGGERS = "ledger_"


class Step(StrEnum):
    """Which step of expand and contract makes a change."""

    EXPAND = "expand"
    CONTRACT = "contract"
    NEVER = "never"


@dataclass(frozen=True)
class Rule:
    """`borne`: the two databases may differ in it. `step`: which step of a migration may make the change."""

    step: Step
    why: str
    borne: bool = False


# Name → rule, of differences between what is before, or on the writer, and what is after, or on the other.
RULES: Mapping[str, Rule] = {
    "table-added": Rule(Step.EXPAND, "its rows would stop replication from the database that has it"),
    "table-dropped": Rule(Step.CONTRACT, "its rows would stop replication from the database that has it"),
    "column-added": Rule(
        Step.EXPAND,
        "at the end, and optional: both versions of the code write; on one database only it is lost",
    ),
    "column-without-default": Rule(
        Step.NEVER, "code that does not know the column can't write any more, or writes '' in silence"
    ),
    "column-in-the-middle": Rule(Step.NEVER, "row replication finds columns by their place"),
    "column-order": Rule(Step.NEVER, "row replication finds columns by their place"),
    "column-dropped": Rule(Step.CONTRACT, "code that knows the column fails; its values are lost"),
    "column-type": Rule(Step.NEVER, "row replication converts no type, and stops"),
    "column-null": Rule(
        Step.CONTRACT, "one version of the code writes, or reads, NULL that the other refuses"
    ),
    "column-default": Rule(Step.CONTRACT, "the same INSERT writes another value"),
    "column-computed": Rule(
        Step.NEVER, "AUTO_INCREMENT, ON UPDATE or an expression: the same INSERT differs"
    ),
    "primary-key": Rule(Step.NEVER, "row replication and verification find rows by it"),
    "unique-added": Rule(Step.CONTRACT, "a row that one database takes stops replication on the other"),
    "unique-dropped": Rule(Step.CONTRACT, "a row that one database takes stops replication on the other"),
    "index-added": Rule(Step.EXPAND, "changes no row", borne=True),
    "index-dropped": Rule(Step.CONTRACT, "changes no row; code that needs it gets slow", borne=True),
    "check-added": Rule(Step.NEVER, "a row that one database takes is refused by the other"),
    "check-dropped": Rule(Step.NEVER, "a row that one database takes is refused by the other"),
    "foreign-key": Rule(Step.NEVER, "what it cascades fires no trigger, so the fence does not see it"),
    "trigger": Rule(Step.NEVER, "the same INSERT writes other rows after a move"),
}


@dataclass(frozen=True)
class Difference:
    """`rule`: its name in RULES."""

    rule: str
    where: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}"


@dataclass(frozen=True)
class Column:
    """One column. `default`: as the database shows it; None: none."""

    type: str
    nullable: bool
    default: str | None
    computed: str

    @property
    def optional(self) -> bool:
        """Whether an INSERT may leave it out."""
        return self.nullable or self.default is not None or bool(_FILLED.search(self.computed))


@dataclass(frozen=True)
class Table:
    """What decides whether two tables are the same to replication and code. Columns are in their order."""

    columns: Mapping[str, Column] = field(default_factory=dict)
    # Name → columns; `PRIMARY` is among the unique ones.
    unique: Mapping[str, str] = field(default_factory=dict)
    indexes: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    foreign_keys: frozenset[str] = frozenset()
    triggers: frozenset[str] = frozenset()


Tables = Mapping[str, Table]


def read(session: Session, dialect: Dialect, database: str = DATABASE) -> Tables:
    """All base tables of a database, the ledger's row among them."""
    found = session.rows(
        "list the tables",
        "SELECT TABLE_NAME AS name FROM information_schema.TABLES "
        "WHERE TABLE_SCHEMA = %s AND TABLE_TYPE = 'BASE TABLE'",
        database,
    )
    columns = _by_table(
        session,
        "SELECT TABLE_NAME AS tab, COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable, "
        "COLUMN_DEFAULT AS preset, CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation, "
        "EXTRA AS extra, GENERATION_EXPRESSION AS expression FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = %s ORDER BY TABLE_NAME, ORDINAL_POSITION",
        database,
    )
    keys = _by_table(
        session,
        "SELECT TABLE_NAME AS tab, INDEX_NAME AS name, MIN(NON_UNIQUE) AS repeats, INDEX_TYPE AS kind, "
        "GROUP_CONCAT(COALESCE(COLUMN_NAME, '?'), '(', COALESCE(SUB_PART, ''), ')' ORDER BY SEQ_IN_INDEX) "
        "AS columns_ FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = %s "
        "GROUP BY TABLE_NAME, INDEX_NAME, INDEX_TYPE ORDER BY TABLE_NAME, INDEX_NAME",
        database,
    )
    names = sorted(str(row["name"]) for row in found)
    if unseen := [name for name in names if name not in columns]:
        raise NotReadyError(
            f"can't read the columns of {', '.join(unseen)} on {session.where}",
            cause="the account has no privilege that shows them",
            state="nothing was changed",
            fix="run `bluegreen ledger setup`, which grants it",
        )
    checks = _by_table(session, dialect.checks, database)
    foreign = _by_table(
        session,
        "SELECT TABLE_NAME AS tab, CONSTRAINT_NAME AS name, COLUMN_NAME AS col, "
        "REFERENCED_TABLE_NAME AS target, REFERENCED_COLUMN_NAME AS target_col "
        "FROM information_schema.KEY_COLUMN_USAGE "
        "WHERE TABLE_SCHEMA = %s AND REFERENCED_TABLE_NAME IS NOT NULL",
        database,
    )
    triggers = _by_table(
        session,
        "SELECT EVENT_OBJECT_TABLE AS tab, TRIGGER_NAME AS name, ACTION_TIMING AS timing, "
        "EVENT_MANIPULATION AS operation, ACTION_STATEMENT AS statement "
        "FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = %s",
        database,
    )
    return {
        name: Table(
            {str(row["name"]): _column(row) for row in columns.get(name, ())},
            {str(row["name"]): _key(row) for row in keys.get(name, ()) if not int(row["repeats"])},
            {str(row["name"]): _key(row) for row in keys.get(name, ()) if int(row["repeats"])},
            tuple(sorted(str(row["clause"]) for row in checks.get(name, ()))),
            frozenset(
                f"{r['name']} ({r['col']}) to {r['target']} ({r['target_col']})"
                for r in foreign.get(name, ())
            ),
            frozenset(
                f"{row['name']} {row['timing']} {row['operation']} {row['statement']}"
                for row in triggers.get(name, ())
                if not str(row["name"]).startswith(_OWN_TRIGGERS)
            ),
        )
        for name in names
    }


def compared(one: Tables, other: Tables) -> Iterator[Difference]:
    """All differences of two databases: `one` is the writer's."""
    for name in sorted({*one, *other}):
        if name not in other:
            yield Difference("table-dropped", name)
        elif name not in one:
            yield Difference("table-added", name)
        else:
            yield from changes(name, one[name], other[name])


def refused(differences: Iterable[Difference]) -> list[Difference]:
    """Those that two databases of one ledger must not have."""
    return [one for one in differences if not RULES[one.rule].borne]


def changes(name: str, one: Table, other: Table) -> Iterator[Difference]:
    """From a table to another one of the same name."""
    yield from _changed_columns(name, one.columns, other.columns)
    if one.unique.get("PRIMARY") != other.unique.get("PRIMARY"):
        yield Difference("primary-key", name)
    yield from _changed_keys(name, "unique", _without_primary(one), _without_primary(other))
    yield from _changed_keys(name, "index", one.indexes, other.indexes)
    before, after = Counter(one.checks), Counter(other.checks)
    yield from (Difference("check-dropped", f"{name}: {clause}") for clause in before - after)
    yield from (Difference("check-added", f"{name}: {clause}") for clause in after - before)
    yield from (
        Difference("foreign-key", f"{name}: {key}") for key in sorted(one.foreign_keys ^ other.foreign_keys)
    )
    yield from (
        Difference("trigger", f"{name}: {trigger.split()[0]}")
        for trigger in sorted(one.triggers ^ other.triggers)
    )


def _changed_columns(
    table: str, one: Mapping[str, Column], other: Mapping[str, Column]
) -> Iterator[Difference]:
    common = [name for name in one if name in other]
    yield from (Difference("column-dropped", f"{table}.{name}") for name in one if name not in other)
    last = max((place for place, name in enumerate(other) if name in one), default=-1)
    for place, name in enumerate(other):
        if name in one:
            continue
        where = f"{table}.{name}"
        if place < last:
            yield Difference("column-in-the-middle", where)
        if not other[name].optional:
            yield Difference("column-without-default", where)
        elif place > last:
            yield Difference("column-added", where)
    if common != [name for name in other if name in one]:
        yield Difference("column-order", table)
    for name in common:
        yield from _changed_column(f"{table}.{name}", one[name], other[name])


def _changed_column(where: str, one: Column, other: Column) -> Iterator[Difference]:
    if one.type != other.type:
        yield Difference("column-type", f"{where} {one.type} to {other.type}")
    if one.nullable != other.nullable:
        yield Difference("column-null", where)
    elif one.default != other.default:  # of a column that becomes nullable, the default changes, too
        yield Difference("column-default", where)
    if one.computed != other.computed:
        yield Difference("column-computed", where)


def _changed_keys(
    table: str, kind: str, one: Mapping[str, str], other: Mapping[str, str]
) -> Iterator[Difference]:
    """Another definition of the same name is one that goes and one that comes."""
    for name in one:
        if one[name] != other.get(name):
            yield Difference(f"{kind}-dropped", f"{table}.{name}")
    for name in other:
        if other[name] != one.get(name):
            yield Difference(f"{kind}-added", f"{table}.{name}")


def _without_primary(table: Table) -> Mapping[str, str]:
    return {name: key for name, key in table.unique.items() if name != "PRIMARY"}


def _column(row: Mapping[str, Any]) -> Column:
    """Which character set and collation a text has is part of its type: it decides order and equality."""
    extra = str(row["extra"] or "").lower().replace("default_generated", "")
    hidden = ["invisible"] if "invisible" in extra else []
    texts = [str(row[name]) for name in ("charset", "collation") if row[name]]
    kind = " ".join((_WIDTH.sub(r"\1", str(row["type"])), *texts, *hidden))
    computed = " ".join(
        (*extra.replace("invisible", "").replace(",", " ").split(), str(row["expression"] or ""))
    )
    preset = row["preset"]
    return Column(
        kind,
        row["nullable"] == "YES",
        None if preset is None else str(preset),
        computed.strip(),
    )


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['kind']} {row['columns_']}"


def _by_table(session: Session, statement: str, database: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in session.rows("read the schema", statement, database):
        found.setdefault(str(row["tab"]), []).append(row)
    return found
