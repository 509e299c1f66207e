"""A ledger table in chunks of its primary key, each with a checksum over all columns.

Every statement reads one chunk through the primary key. The checksum doesn't depend on the rows' order:
`BIT_XOR` of 64 bits of each row's SHA-256. (CRC32 is linear: the same change of two rows, as where two
payments have each other's amount, would cancel out.) Values become text the same way on both databases:
bytes as HEX, all others in utf8mb4, times in UTC; quoted, so that each counts in its own column, and NULL as
itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .database import Session
from .models import DATABASE

_BYTES = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "geometry"})
Key = tuple[Any, ...]  # a primary key's values, in its order


@dataclass(frozen=True)
class Table:
    """`columns`: name → type, in their order; `key`: the primary key's columns."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]

    def common(self, other: Table) -> Table:
        """With the columns only that both have: one that was added last crosses without harm."""
        columns = {name: kind for name, kind in self.columns.items() if name in other.columns}
        return Table(self.name, columns, self.key)


@dataclass(frozen=True)
class Sum:
    """Of a chunk."""

    rows: int
    checksum: int


def table(session: Session, name: str) -> Table | None:
    """As a database has it; None where it has no such table."""
    found = session.rows(
        "read a table's columns",
        "SELECT COLUMN_NAME AS name, DATA_TYPE AS kind FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION",
        *(DATABASE, name),
    )
    key = session.rows(
        "read a table's key",
        "SELECT COLUMN_NAME AS name FROM information_schema.KEY_COLUMN_USAGE "
        "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s AND CONSTRAINT_NAME = 'PRIMARY' "
        "ORDER BY ORDINAL_POSITION",
        *(DATABASE, name),
    )
    if not found:
        return None
    columns = {str(row["name"]): str(row["kind"]).lower() for row in found}
    return Table(name, columns, tuple(str(row["name"]) for row in key))


def end(session: Session, of: Table, after: Key | None, size: int) -> Key | None:
    """The last key of the chunk of that size past `after`; None where fewer rows follow."""
    condition, values = _between(of, after, None)
    found = session.rows(
        "find a chunk's end",
        f"SELECT {_list(of.key)} FROM {_name(of)} {condition} ORDER BY {_list(of.key)} LIMIT 1 OFFSET %s",
        *(*values, size - 1),
    )
    return tuple(found[0][column] for column in of.key) if found else None


def last(session: Session, of: Table) -> Key | None:
    """The last key that there is; None for an empty table."""
    order = ", ".join(f"{_quoted(column)} DESC" for column in of.key)
    found = session.rows(
        "find the last row",
        f"SELECT {_list(of.key)} FROM {_name(of)} ORDER BY {order} LIMIT 1",
    )
    return tuple(found[0][column] for column in of.key) if found else None


def checksum(session: Session, of: Table, after: Key | None, until: Key | None) -> Sum:
    """Of the rows past `after` up to `until`, itself included."""
    condition, values = _between(of, after, until)
    row = f"CONCAT_WS('#', {', '.join(f'QUOTE({_text(*column)})' for column in of.columns.items())})"
    found = session.rows(
        "read a chunk",
        "SELECT COUNT(*) AS found, "
        f"COALESCE(BIT_XOR(CAST(CONV(LEFT(SHA2({row}, 256), 16), 16, 10) AS UNSIGNED)), 0) AS sum "
        f"FROM {_name(of)} {condition}",
        *values,
    )
    return Sum(int(found[0]["found"]), int(found[0]["sum"]))


def encode(key: Key | None) -> list[dict[str, str | int]] | None:
    """A key as JSON keeps it. Raises TypeError for a type that no primary key of the ledger has."""
    return None if key is None else [_encoded(value) for value in key]


def decode(told: Sequence[dict[str, Any]] | None) -> Key | None:
    """What `encode` has written."""
    return None if told is None else tuple(_decoded(value) for value in told)


def _encoded(value: object) -> dict[str, str | int]:
    match value:
        case bool() | int() | str():
            return {"is": value}
        case bytes():
            return {"bytes": value.hex()}
        case Decimal():
            return {"decimal": str(value)}
        case datetime() | date():
            return {"is": str(value)}
    raise TypeError(f"a key of {type(value).__name__}")


def _decoded(value: dict[str, Any]) -> Any:
    if "bytes" in value:
        return bytes.fromhex(value["bytes"])
    return Decimal(value["decimal"]) if "decimal" in value else value["is"]


def _between(of: Table, after: Key | None, until: Key | None) -> tuple[str, list[Any]]:
    conditions, values = [], []
    for key, operators in ((after, (">", ">")), (until, ("<", "<="))):
        if key is not None:
            condition, own = _compared(of.key, key, *operators)
            conditions.append(condition)
            values += own
    return ("WHERE " + " AND ".join(conditions) if conditions else ""), values


def _compared(columns: Sequence[str], key: Key, operator: str, last_operator: str) -> tuple[str, list[Any]]:
    """`(a > 1 OR (a = 1 AND b > 2))`: a row constructor would not use the index for a range (MySQL 8.0
    reference manual, "Range Optimization of Row Constructor Expressions").
    """
    alternatives, values = [], []
    for position, column in enumerate(columns):
        same = [f"{_quoted(one)} = %s" for one in columns[:position]]
        final = last_operator if position == len(columns) - 1 else operator
        alternatives.append(" AND ".join([*same, f"{_quoted(column)} {final} %s"]))
        values += [*key[:position], key[position]]
    return f"({' OR '.join(f'({one})' for one in alternatives)})", values


def _text(name: str, kind: str) -> str:
    quoted = _quoted(name)
    return f"HEX({quoted})" if kind in _BYTES else f"CONVERT({quoted} USING utf8mb4)"


def _list(columns: Sequence[str]) -> str:
    return ", ".join(_quoted(column) for column in columns)


def _name(of: Table) -> str:
    return f"{DATABASE}.{_quoted(of.name)}"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
