"""The way to the ledger's writer: a warm pool to both colours' databases, and what to do with each error.

The database says who the writer is: a write to the other one is refused with error 1644, which names it. So
no setting has to be right; what this process believes is where it tries first.
"""

from __future__ import annotations

import contextlib
import queue
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import pymysql
from pymysql.connections import Connection

FENCE = 1644
LOGIN_REFUSED = 1045
DUPLICATE_KEY = 1062
# Closed for a moment, moved, restarted, or broken with an unknown outcome: the same key again.
# 1205, 1213 locks; 1290, 1836 read-only; 1927, 2003, 2006, 2013, 2055 connections; 3118 locked account.
AGAIN = frozenset({FENCE, 1040, 1053, 1205, 1213, 1290, 1836, 1927, 2003, 2006, 2013, 2055, 3118})
LOST = frozenset({1053, 1927, 2003, 2006, 2013, 2055})
PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = (0.005, 0.020)
CONNECT_SECONDS = 2
ANSWER_SECONDS = 5
WARM = 4

Result = TypeVar("Result")
Work = Callable[["Connection[Any]", str], Result]  # gets the colour of the database, too


class LedgerUnavailableError(Exception):
    """No database was the writer for PATIENCE_SECONDS."""


@dataclass(frozen=True)
class Place:
    """A colour's database, and who logs in. `ca`: file of the authorities of its certificate."""

    host: str
    port: int
    ca: str
    username: str
    password: str = field(repr=False)


class Pool:
    """Connections to one database that are not in use. One that broke is not put back.

    `reread`: asked for the place anew when the database refuses to log in: its password was rotated.
    """

    def __init__(self, place: Place, reread: Callable[[], Place]) -> None:
        self._place, self._reread = place, reread
        self._tls = ssl.create_default_context(cafile=place.ca)
        self._idle: queue.LifoQueue[Connection[Any]] = queue.LifoQueue()

    def warm(self) -> None:
        """Open some connections ahead: the first payment after a move doesn't wait for them."""
        with contextlib.suppress(pymysql.MySQLError):
            for _ in range(WARM):
                self._idle.put(self._connect())

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """One for the time of the block."""
        try:
            found = self._idle.get_nowait()
        except queue.Empty:
            found = self._connect()
        try:
            yield found
        except pymysql.MySQLError as error:
            if _number(error) in LOST or not _number(error):
                with contextlib.suppress(pymysql.MySQLError):
                    found.close()
            else:
                self._idle.put(found)
            raise
        except BaseException:
            found.close()
            raise
        self._idle.put(found)

    def _connect(self) -> Connection[Any]:
        try:
            return self._log_in(self._place)
        except pymysql.OperationalError as error:
            if _number(error) != LOGIN_REFUSED:
                raise
        self._place = self._reread()
        return self._log_in(self._place)

    def _log_in(self, place: Place) -> Connection[Any]:
        return pymysql.connect(
            host=place.host,
            port=place.port,
            user=place.username,
            password=place.password,
            database="payments",
            ssl=self._tls,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            write_timeout=ANSWER_SECONDS,
            autocommit=True,
        )


class Ledger:
    """`places`: by colour; `own`: this process's colour, where it tries first.

    `reread`: the place of a colour as its secret has it now.
    """

    def __init__(
        self, places: Mapping[str, Place], own: str, reread: Callable[[str], Place] | None = None
    ) -> None:
        again = reread or places.__getitem__
        self._pools = {colour: Pool(place, partial(again, colour)) for colour, place in places.items()}
        self._writer = own

    def warm(self) -> None:
        """Before the first payment."""
        for pool in self._pools.values():
            pool.warm()

    def try_first(self, colour: str) -> None:
        """Begin with that database: a belief, which the database corrects."""
        self._writer = colour

    def write(self, work: Work[Result]) -> Result:
        """Do `work`, which writes, on the writer's database; it has to be work that can be repeated.

        Raises LedgerUnavailableError, and the driver's error where trying again can't help.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            colour = self._writer
            try:
                return self._on(colour, work)
            except pymysql.MySQLError as error:
                number = _number(error)
                if number not in AGAIN and number:
                    raise
                self._writer = _named(error) or self._other(colour)
                if time.monotonic() >= deadline:
                    raise LedgerUnavailableError(f"no writer for {PATIENCE_SECONDS:.0f} s") from error
            time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 - not a secret

    def read(self, work: Work[Result], colour: str | None = None) -> Result:
        """Do `work`, which only reads, on the writer's database, or on a colour's, whatever that has."""
        if colour is not None:
            return self._on(colour, work)
        return self.write(lambda connection, found: _only_on_writer(work, connection, found))

    def _on(self, colour: str, work: Work[Result]) -> Result:
        with self._pools[colour].connection() as connection:
            return work(connection, colour)

    def _other(self, colour: str) -> str:
        """A database that does not answer may have lost the ledger: the other one says who has it."""
        return next(one for one in self._pools if one != colour)


def _only_on_writer(work: Work[Result], connection: Connection[Any], colour: str) -> Result:
    """For reads, which no trigger sees: refuse them as a write would be, until this is the open writer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT epoch, writer, state FROM ledger_epoch WHERE id = 1")
        epoch, writer, state = cursor.fetchone() or (0, "none", "closed")
    if (writer, state) != (colour, "open"):
        raise pymysql.OperationalError(FENCE, f"ledger {epoch} {writer} {state}")
    return work(connection, colour)


def _named(error: pymysql.MySQLError) -> str | None:
    """The writer that a refusal names: `ledger <epoch> <writer> <state>`."""
    words = str(error.args[1]).split() if _number(error) == FENCE else []
    return words[2] if len(words) == 4 and words[2] in {"blue", "green"} else None  # noqa: PLR2004


def _number(error: pymysql.MySQLError) -> int | None:
    first = error.args[0] if error.args else None
    return first if isinstance(first, int) else None
