"""Payments, each written exactly once: the idempotency key is the primary key of the table.

A conditional write decides, not a look beforehand: of two requests with one key, at the same moment on
different sides, one writes and both answer with what it wrote.
"""

import sqlite3
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
    idempotency_key TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    colour TEXT NOT NULL,
    written_at REAL NOT NULL
)
"""
INSERT = "INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
SELECT = "SELECT payment_id, session_id, amount, currency, colour FROM payments WHERE idempotency_key = ?"
LIST = """
SELECT rowid, idempotency_key, payment_id, colour FROM payments
WHERE rowid > ? AND substr(idempotency_key, 1, ?) = ? ORDER BY rowid LIMIT ?
"""
BUSY_SECONDS = 10.0  # the other colour writes, too
PAGE = 5000


@dataclass(frozen=True)
class Payment:
    """A payment as it was written. `amount` in cents; `colour`: the side that wrote it."""

    payment_id: str
    session_id: str
    amount: int
    currency: str
    colour: str

    def told(self) -> dict[str, Any]:
        """What the customer gets to see of it."""
        return {key: value for key, value in asdict(self).items() if key != "session_id"}


class Payments:
    """The file that stands in for the database. Calls take a fraction of a millisecond and aren't awaited."""

    def __init__(self, file: Path, colour: str) -> None:
        self._colour = colour
        # autocommit: each statement is a transaction of its own
        self._connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
        # Enough against the death of a process; only the machine's could take the last payments with it.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(SCHEMA)

    def write(self, key: str, session_id: str, amount: int, currency: str) -> tuple[Payment, bool]:
        """Write the payment of that key, if none has been. Returns what is written, and whether by this."""
        new = (key, str(uuid.uuid4()), session_id, amount, currency, self._colour, time.time())
        written = self._connection.execute(INSERT, new).rowcount == 1
        row = self._connection.execute(SELECT, (key,)).fetchone()
        return Payment(*row), written

    def page(self, prefix: str, after: int) -> list[tuple[int, str, str, str]]:
        """PAGE rows at most, past row `after`: row, key, payment and colour of all keys with that prefix."""
        return self._connection.execute(LIST, (after, len(prefix), prefix, PAGE)).fetchall()
