"""Payments, each written exactly once: the idempotency key is unique in the ledger.

The write decides, not a look beforehand: of two requests with one key, at the same moment on different
colours, one writes and both answer with what it wrote. A commit with an unknown outcome is repeated with the
same key: it writes, or finds what was written.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import pymysql
from pymysql.connections import Connection

from examples.service.ledger import DUPLICATE_KEY, Ledger
from examples.service.metrics import Metrics

INSERT = (
    "INSERT INTO payment (idempotency_key, payment_id, session_id, amount, currency, colour) "
    "VALUES (%s, %s, %s, %s, %s, %s)"
)
SELECT = "SELECT payment_id, session_id, amount, currency, colour FROM payment WHERE idempotency_key = %s"
WORKERS = 16  # payments at the same time: each has a thread and a connection

Result = TypeVar("Result")


@dataclass(frozen=True)
class Payment:
    """A payment as it was written. `amount` in cents; `colour`: whose service wrote it."""

    payment_id: str
    session_id: str
    amount: int
    currency: str
    colour: str

    def told(self) -> dict[str, Any]:
        """What the customer gets to see of it."""
        return {key: value for key, value in asdict(self).items() if key != "session_id"}


class Payments:
    """The ledger's payments, written and read in threads: the driver waits."""

    def __init__(self, ledger: Ledger, colour: str, metrics: Metrics) -> None:
        self._ledger, self._colour, self._metrics = ledger, colour, metrics
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="ledger")

    async def write(self, key: str, session_id: str, amount: int, currency: str) -> tuple[Payment, bool]:
        """Write the payment of that key, if none has been. Returns what is written, and whether by this.

        Raises LedgerUnavailableError.
        """
        new = Payment(str(uuid.uuid4()), session_id, amount, currency, self._colour)
        written = await self.run(lambda: self._ledger.write(lambda found, _: write(found, key, new)))
        return written, written == new

    async def find(self, key: str) -> Payment | None:
        """The payment of that key, on the writer: it may have been written a moment ago."""
        rows = await self.run(lambda: self._ledger.read(lambda found, _: fetch(found, SELECT, (key,))))
        return Payment(*rows[0]) if rows else None

    async def run(self, work: Callable[[], Result]) -> Result:
        """Have one of the WORKERS do what waits for a database."""
        asked = time.monotonic()

        def begin() -> Result:
            self._metrics.time("PoolWaitMs", time.monotonic() - asked)
            return work()

        return await asyncio.get_running_loop().run_in_executor(self._threads, begin)


def write(connection: Connection[Any], key: str, new: Payment) -> Payment:
    """Write `new`, or find what was written with that key before."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, (key, *asdict(new).values()))
    except pymysql.IntegrityError as error:
        if error.args[0] != DUPLICATE_KEY:
            raise
        # The fence's trigger has read already: this transaction may see the database as it was before the
        # other payment's commit, which this one waited for. The next one sees it.
        connection.rollback()
        (row,) = fetch(connection, SELECT, (key,))
        return Payment(*row)
    return new


def fetch(connection: Connection[Any], statement: str, values: tuple[object, ...]) -> list[Any]:
    """All rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
