"""The rows that say which database is which and which one is open."""

from __future__ import annotations

from typing import Any

from ..contract.values import Colour
from .database import Session
from .errors import StatementError
from .models import DATABASE, Row, State
from .schema import EPOCH, EPOCH_TABLE, HERE

_NO_SUCH = frozenset({1049, 1146})  # ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE


def epoch(session: Session) -> Row | None:
    """The row of `ledger_epoch`; None where there is none yet."""
    found = optional(
        session,
        f"SELECT epoch, writer, state, move_id, TIMESTAMPDIFF(MICROSECOND, changed_at, NOW(6)) AS age "
        f"FROM {EPOCH} WHERE id = 1",
    )
    if not found:
        return None
    row = found[0]
    colour, state = Colour(row["writer"]), State(row["state"])
    return Row(int(row["epoch"]), colour, state, str(row["move_id"]), int(row["age"]) / 1e6)


def here(session: Session) -> str | None:
    """Which colour a database takes itself for."""
    found = optional(session, f"SELECT colour FROM {HERE} WHERE id = 1")
    return str(found[0]["colour"]) if found else None


def ledger_tables(session: Session) -> list[str]:
    """All base tables of the ledger's database but the row's own."""
    found = session.rows(
        "list the tables",
        "SELECT TABLE_NAME AS name FROM information_schema.TABLES "
        "WHERE TABLE_SCHEMA = %s AND TABLE_TYPE = 'BASE TABLE' AND TABLE_NAME <> %s ORDER BY TABLE_NAME",
        *(DATABASE, EPOCH_TABLE),
    )
    return [str(row["name"]) for row in found]


def triggers(session: Session) -> set[str]:
    """Names of all triggers of the ledger's database."""
    found = session.rows(
        "list the triggers",
        "SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = %s",
        DATABASE,
    )
    return {str(row["name"]) for row in found}


def exchange(session: Session, old: Row, new: Row) -> bool:
    """Compare and set: whether the row was still `old` and is now the new one."""
    changed = session.change(
        "change the ledger's row",
        f"UPDATE {EPOCH} SET epoch = %s, writer = %s, state = %s, move_id = %s, changed_at = NOW(6) "
        "WHERE id = 1 AND epoch = %s AND writer = %s AND state = %s",
        *(
            new.epoch,
            new.writer.value,
            new.state.value,
            new.move_id,
            old.epoch,
            old.writer.value,
            old.state.value,
        ),
    )
    return changed == 1


def optional(session: Session, statement: str) -> list[dict[str, Any]]:
    """Rows of a table of the ledger's own; none where there is no such table yet."""
    try:
        return session.rows("read the ledger's row", statement)
    except StatementError as error:
        if error.number in _NO_SUCH:
            return []
        raise
