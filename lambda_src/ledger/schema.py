"""Tables, triggers and the event of the ledger: their statements.

The trigger's message is what a service goes by: `ledger <epoch> <writer> <state>`, error 1644.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from ..contract.values import Colour
from .dialect import Dialect
from .models import DATABASE, LOCAL

EPOCH_TABLE = "ledger_epoch"
EPOCH = f"{DATABASE}.{EPOCH_TABLE}"
HERE = f"{LOCAL}.here"
VERIFICATION_TABLE = "verification"
VERIFICATION = f"{LOCAL}.{VERIFICATION_TABLE}"
# An empty copy of a table, on which a migration tries its statements. It is there for a moment only.
TRIAL_TABLE = "trial"
# No client logs in as this account: triggers and events run with its privileges. It exists on both databases,
# since accounts do not replicate, and a trigger without its definer fails with error 1449.
DEFINER = "ledger_definer"
# Two take turns (lambda_src/rotation).
MOVERS = ("ledger_mover_a", "ledger_mover_b")
ABANDONED_SECONDS = 3
OPERATIONS = ("INSERT", "UPDATE", "DELETE")

CREATE_HERE = f"""
CREATE TABLE IF NOT EXISTS {HERE} (
    id TINYINT PRIMARY KEY,
    colour VARCHAR(5) CHARACTER SET ascii NOT NULL
) ENGINE = InnoDB"""
# Row 1: the verification in progress; row 2: the last one that ended. Whichever is newer holds.
CREATE_VERIFICATION = f"""
CREATE TABLE IF NOT EXISTS {VERIFICATION} (
    id TINYINT PRIMARY KEY,
    token CHAR(32) CHARACTER SET ascii NOT NULL,
    document MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL,
    changed_at TIMESTAMP(6) NOT NULL
) ENGINE = InnoDB"""
CREATE_EPOCH = f"""
CREATE TABLE IF NOT EXISTS {EPOCH} (
    id TINYINT PRIMARY KEY,
    epoch BIGINT NOT NULL,
    writer VARCHAR(5) CHARACTER SET ascii NOT NULL,
    state VARCHAR(6) CHARACTER SET ascii NOT NULL,
    move_id VARCHAR(64) CHARACTER SET ascii NOT NULL,
    changed_at TIMESTAMP(6) NOT NULL
) ENGINE = InnoDB"""


@dataclass(frozen=True)
class Trigger:
    """One trigger of a ledger table. Another body has another name, so a new one stands before the old one
    goes.
    """

    table: str
    operation: str
    body: str

    @property
    def name(self) -> str:
        """Unique in the database, and the same on both colours."""
        return f"ledger_{self.operation.lower()}_{zlib.crc32((self.table + self.body).encode()):08x}"

    @property
    def statement(self) -> str:
        """What creates it."""
        return self.statement_on(self.table)

    def statement_on(self, table: str) -> str:
        """The same on a table that gets its name later: its triggers stay with it."""
        return (
            f"CREATE DEFINER = {DEFINER}@'%' TRIGGER {DATABASE}.{self.name} BEFORE {self.operation} "
            f"ON {DATABASE}.`{table}` FOR EACH ROW {self.body}"
        )


def triggers(table: str, dialect: Dialect) -> tuple[Trigger, ...]:
    """The fence of one ledger table.

    The locking read decides: a plain one would see the row as of the transaction's begin. What is missing
    counts as closed.
    """
    body = f"""BEGIN
    DECLARE ledger_epoch BIGINT;
    DECLARE ledger_writer, ledger_here VARCHAR(5) CHARACTER SET ascii;
    DECLARE ledger_state VARCHAR(6) CHARACTER SET ascii;
    DECLARE ledger_message VARCHAR(64);
    SELECT colour INTO ledger_here FROM {HERE} WHERE id = 1;
    SELECT epoch, writer, state INTO ledger_epoch, ledger_writer, ledger_state
        FROM {EPOCH} WHERE id = 1 {dialect.share_lock};
    IF NOT (ledger_writer <=> ledger_here AND ledger_state <=> 'open') THEN
        SET ledger_message = CONCAT_WS(' ', 'ledger', COALESCE(ledger_epoch, 0),
            COALESCE(ledger_writer, 'none'), COALESCE(ledger_state, 'closed'));
        SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1644, MESSAGE_TEXT = ledger_message;
    END IF;
END"""
    return tuple(Trigger(table, operation, body) for operation in OPERATIONS)


def row_triggers() -> tuple[Trigger, ...]:
    """Only the mover and the watchdog change the row, whatever else an application may do in its database.

    A database's own root, at localhost, is no client: on Aurora that is RDS itself. An INSERT needs no guard:
    the row is there, and its key is unique. Applying the other database's change fires no trigger.
    """
    names = ", ".join(f"'{name}'" for name in (DEFINER, *MOVERS))
    body = f"""BEGIN
    IF SUBSTRING_INDEX(USER(), '@', 1) NOT IN ({names})
            AND SUBSTRING_INDEX(USER(), '@', -1) <> 'localhost' THEN
        SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1644, MESSAGE_TEXT = 'only the mover changes the row';
    END IF;
END"""
    return tuple(Trigger(EPOCH_TABLE, operation, body) for operation in OPERATIONS if operation != "INSERT")


def wanted(tables: Iterable[str], dialect: Dialect) -> list[Trigger]:
    """All triggers of a ledger with these tables."""
    return [*(one for table in tables for one in triggers(table, dialect)), *row_triggers()]


def watchdog_name(colour: Colour) -> str:
    """Its colour is in it: one that has crossed shows."""
    return f"watchdog_{colour}"


def watchdog(colour: Colour, dialect: Dialect) -> str:
    """The statement of the event that reverts an abandoned move and frees an open writer of its belt.

    It looks with plain reads first: an UPDATE that finds nothing to do would still wait for all payments in
    flight, and hold up all later ones. It has to be run with `USE ledger_local`, or it would cross.
    """
    return f"""CREATE DEFINER = {DEFINER}@'%' EVENT {watchdog_name(colour)}
ON SCHEDULE EVERY 1 SECOND ON COMPLETION PRESERVE DO
BEGIN
    IF EXISTS (SELECT 1 FROM {EPOCH} WHERE id = 1 AND writer = '{colour.other}' AND state = 'moving'
            AND changed_at < NOW(6) - INTERVAL {ABANDONED_SECONDS} SECOND) THEN
        UPDATE {EPOCH} SET epoch = epoch + 1, writer = '{colour}', state = 'open', changed_at = NOW(6)
            WHERE id = 1 AND writer = '{colour.other}' AND state = 'moving'
            AND changed_at < NOW(6) - INTERVAL {ABANDONED_SECONDS} SECOND;
    END IF;
    IF @@global.read_only AND EXISTS (SELECT 1 FROM {EPOCH}
            WHERE id = 1 AND writer = '{colour}' AND state = 'open') THEN
        {dialect.drop_belt};
    END IF;
END"""
