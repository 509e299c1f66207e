"""The way to the ledger's writer: a warm pool to both colours' databases, and what to do with each error.

The database says who the writer is: a write to the other one is refused with error 1644, which names it. So
no setting has to be right; what this process believes is where it tries first.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import pymysql
from pymysql.connections import Connection

from examples.service.metrics import Metrics

FENCE, LOGIN_REFUSED, DUPLICATE_KEY = 1644, 1045, 1062
LOST, LOCKED, FENCED, READ_ONLY = "lost", "locked", "fenced", "read-only"
# Class → numbers of errors after which the same work, with the same key, is tried again.
CLASSES = {
    FENCED: {FENCE},  # the ledger moves, or moved: to the writer that the refusal names
    READ_ONLY: {1290, 1836},  # a move or a failover: to the other database
    LOCKED: {1205, 1213},  # lock wait timeout, deadlock: the same database
    LOST: {1053, 1927, 2003, 2006, 2013, 2055, 4031},  # shut down, killed, unreachable, idle: the other one
    "full": {1040},  # too many connections: the other one, which leads back here
    "account": {3118},  # the account is locked: the other one
}
OF_NUMBER = {number: name for name, numbers in CLASSES.items() for number in numbers}
OTHER = "other"  # trying again can't help
PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = (0.005, 0.020)
CONNECT_SECONDS = 2
ANSWER_SECONDS = 5
WARM = 4

log = logging.getLogger(__name__)
Result = TypeVar("Result")
Work = Callable[["Connection[Any]", str], Result]  # gets the colour of the database, too


class LedgerUnavailableError(Exception):
    """No database was the writer for PATIENCE_SECONDS."""


@dataclass(frozen=True)
class Place:
    """A colour's database, and who logs in. `ca`: file of the authorities of its certificate.

    Without a password, the first connection reads the credentials.
    """

    host: str
    port: int
    ca: str
    username: str = ""
    password: str = field(default="", repr=False)
    database: str = "payments"

    def with_login(self, username: str, password: str) -> Place:
        """The same database, with other credentials."""
        return replace(self, username=username, password=password)


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
        for _ in range(WARM):
            self._idle.put(self._connect())

    def clear(self) -> None:
        """Close those that are not in use."""
        with contextlib.suppress(queue.Empty):
            while True:
                _close(self._idle.get_nowait())

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """One for the time of the block. An error rolls back at once, which lets the fence's lock go."""
        try:
            found = self._idle.get_nowait()
        except queue.Empty:
            found = self._connect()
        try:
            yield found
        except pymysql.MySQLError as error:
            if kind(error) == LOST:
                _close(found)
            else:
                self._roll_back(found)
            raise
        except BaseException:
            _close(found)
            raise
        self._idle.put(found)

    def _roll_back(self, connection: Connection[Any]) -> None:
        try:
            connection.rollback()
        except pymysql.MySQLError:
            _close(connection)
        else:
            self._idle.put(connection)

    def _connect(self) -> Connection[Any]:
        if self._place.password:
            try:
                return self._log_in(self._place)
            except pymysql.OperationalError as error:
                if number(error) != LOGIN_REFUSED:
                    raise
        self._place = self._reread()
        return self._log_in(self._place)

    def _log_in(self, place: Place) -> Connection[Any]:
        return pymysql.connect(
            host=place.host,
            port=place.port,
            user=place.username,
            password=place.password,
            database=place.database,
            ssl=self._tls,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            write_timeout=ANSWER_SECONDS,
        )


class Ledger:
    """`places`: by colour; `own`: this process's colour, where it tries first.

    `reread`: the place of a colour as its secret has it now.
    """

    def __init__(
        self,
        places: Mapping[str, Place],
        own: str,
        reread: Callable[[str], Place] | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        again = reread or places.__getitem__
        self._pools = {colour: Pool(place, partial(again, colour)) for colour, place in places.items()}
        self._writer = own
        self._metrics = metrics or Metrics(own)

    def warm(self) -> None:
        """Before the first payment. A database that can't be reached is no reason not to start."""
        for colour, pool in self._pools.items():
            try:
                pool.warm()
            except Exception as error:  # noqa: BLE001 - of database and secret; a payment tries again
                log.warning("no connections to %s: %s", colour, described(error))

    def try_first(self, colour: str) -> None:
        """Begin with that database: a belief, which the database corrects."""
        self._writer = colour

    def write(self, work: Work[Result]) -> Result:
        """Do `work`, which writes, in one transaction on the writer's database, and commit.

        It has to be work that can be repeated: a commit whose answer is lost has an unknown outcome. Raises
        LedgerUnavailableError, and the driver's error where trying again can't help.
        """
        deadline, named = time.monotonic() + PATIENCE_SECONDS, None
        while True:
            colour = self._writer
            try:
                return self._on(colour, work)
            except pymysql.MySQLError as error:
                found = kind(error)
                self._metrics.ledger_error(found)
                if found == OTHER:
                    raise
                if found == READ_ONLY and colour == named:
                    self._pools[colour].clear()  # a failover: they lead to what was the cluster's writer
                named = self._named(error)
                if found != LOCKED:
                    self._writer = named or self._other(colour)
                if time.monotonic() >= deadline:
                    raise LedgerUnavailableError(f"no writer for {PATIENCE_SECONDS:.0f} s") from error
            time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 - not a secret

    def read(self, work: Work[Result], colour: str | None = None) -> Result:
        """Do `work`, which only reads, on the writer's database, or on a colour's, whatever that has."""
        if len(self._pools) == 1:  # the only one is everyone's
            (colour,) = self._pools
        if colour is not None:
            return self._read(colour, work)
        return self.write(lambda connection, found: _only_on_writer(work, connection, found))

    def _read(self, colour: str, work: Work[Result]) -> Result:
        """Once more, on a new connection, where one broke: it may have been long before."""
        try:
            return self._on(colour, work)
        except pymysql.MySQLError as error:
            if kind(error) != LOST:
                raise
        self._pools[colour].clear()
        return self._on(colour, work)

    def _on(self, colour: str, work: Work[Result]) -> Result:
        with self._pools[colour].connection() as connection:
            done = work(connection, colour)
            try:
                connection.commit()
            except pymysql.MySQLError as error:
                if kind(error) == LOST:
                    self._metrics.count("UnknownCommits")
                raise
            return done

    def _named(self, error: pymysql.MySQLError) -> str | None:
        """The writer that a refusal names: `ledger <epoch> <writer> <state>`."""
        words = str(error.args[1]).split() if number(error) == FENCE else []
        return words[2] if len(words) == 4 and words[2] in self._pools else None  # noqa: PLR2004

    def _other(self, colour: str) -> str:
        """A database that does not answer may have lost the ledger: the other one says who has it."""
        return next((one for one in self._pools if one != colour), colour)


def _only_on_writer(work: Work[Result], connection: Connection[Any], colour: str) -> Result:
    """For reads, which no trigger sees: refuse them as a write would be, until this is the open writer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT epoch, writer, state FROM ledger_epoch WHERE id = 1")
        epoch, writer, state = cursor.fetchone() or (0, "none", "closed")
    if (writer, state) != (colour, "open"):
        raise pymysql.OperationalError(FENCE, f"ledger {epoch} {writer} {state}")
    return work(connection, colour)


def _close(connection: Connection[Any]) -> None:
    with contextlib.suppress(pymysql.MySQLError):
        connection.close()


def kind(error: pymysql.MySQLError) -> str:
    """The class of an error, or OTHER. The driver's own errors of a broken connection have no number."""
    found = number(error)
    return OF_NUMBER.get(found, OTHER) if found else LOST


def described(error: BaseException) -> str:
    """Type and number, for the log: the text may quote the statement's values."""
    found = number(error) if isinstance(error, pymysql.MySQLError) else None
    return type(error).__name__ + (f" {found}" if found else "")


def number(error: pymysql.MySQLError) -> int | None:
    """The server's number, or the driver's."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, int) else None
