"""Payments, each written exactly once: the idempotency key is unique in the ledger.

The write decides, not a look beforehand: of two requests with one key, at the same moment on different
colours, one writes and both answer with what it wrote. A write with an unknown outcome is repeated with the
same key.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import pymysql
from pymysql.connections import Connection

from examples.payment_service.ledger import DUPLICATE_KEY, Ledger

INSERT = (
    "INSERT INTO payment (idempotency_key, payment_id, session_id, amount, currency, colour) "
    "VALUES (%s, %s, %s, %s, %s, %s)"
)
SELECT = "SELECT payment_id, session_id, amount, currency, colour FROM payment WHERE idempotency_key = %s"
LIST = (
    "SELECT number, idempotency_key, payment_id, colour FROM payment "
    "WHERE number > %s AND LEFT(idempotency_key, %s) = %s ORDER BY number LIMIT %s"
)
PAGE = 5000
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

    def __init__(self, ledger: Ledger, colour: str) -> None:
        self._ledger, self._colour = ledger, colour
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="ledger")

    async def write(self, key: str, session_id: str, amount: int, currency: str) -> tuple[Payment, bool]:
        """Write the payment of that key, if none has been. Returns what is written, and whether by this.

        Raises LedgerUnavailableError.
        """
        new = Payment(str(uuid.uuid4()), session_id, amount, currency, self._colour)
        written = await self._run(
            lambda: self._ledger.write(lambda connection, _: write(connection, key, new))
        )
        return written, written == new

    async def page(self, prefix: str, after: int, colour: str | None) -> list[tuple[int, str, str, str]]:
        """PAGE rows at most, past row `after`: row, key, payment and colour of all keys with that prefix.

        On the writer's database, or on the one of `colour`.
        """
        values = (after, len(prefix), prefix, PAGE)
        return await self._run(
            lambda: self._ledger.read(lambda found, _: _fetch(found, LIST, values), colour)
        )

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def write(connection: Connection[Any], key: str, new: Payment) -> Payment:
    """Write `new`, or find what was written with that key before."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, (key, *asdict(new).values()))
    except pymysql.IntegrityError as error:
        if error.args[0] != DUPLICATE_KEY:
            raise
        (row,) = _fetch(connection, SELECT, (key,))
        return Payment(*row)
    return new


def _fetch(connection: Connection[Any], statement: str, values: tuple[object, ...]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
