"""The only module of the ledger that talks to a database. Every failure leaves it as a LedgerError.

TLS as in the rotation function: the context trusts the given authorities alone, checks chain and host name,
and the driver refuses a server that offers no TLS before it sends anything.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pymysql
from pymysql.constants import ER
from pymysql.cursors import DictCursor

from .errors import DatabaseUnreachableError, StatementError
from .models import Account, Endpoint

CONNECT_SECONDS = 3
ANSWER_SECONDS = 40
REFUSED_WRITE = 1644  # ER_SIGNAL_EXCEPTION: the fence
_NAMES = {number: name for name, number in vars(ER).items() if isinstance(number, int)}
_FIRST_CLIENT_ERROR, _LAST_CLIENT_ERROR = 2000, 2999


class Session:
    """An open connection, in autocommit. `where` names it in errors. Values are apart from statements."""

    def __init__(self, connection: pymysql.Connection[Any], where: str) -> None:
        self._connection, self.where = connection, where

    def rows(self, purpose: str, statement: str, *values: object) -> list[dict[str, Any]]:
        """The answer's rows by column. `purpose` is what errors call the statement."""
        return self._run(purpose, statement, values)[1]

    def value(self, purpose: str, statement: str, *values: object) -> Any:
        """The first column of the first row; None without rows."""
        found = self.rows(purpose, statement, *values)
        return next(iter(found[0].values())) if found else None

    def change(self, purpose: str, statement: str, *values: object) -> int:
        """How many rows the statement changed."""
        return self._run(purpose, statement, values)[0]

    @property
    def id(self) -> int:
        """The connection's number on the server, as KILL takes it."""
        return int(self._connection.thread_id())  # type: ignore[no-untyped-call]

    def _run(
        self, purpose: str, statement: str, values: tuple[object, ...]
    ) -> tuple[int, list[dict[str, Any]]]:
        try:
            with self._connection.cursor() as cursor:
                count = cursor.execute(statement, values or None)
                return count, list(cursor.fetchall())
        except pymysql.MySQLError as error:
            number, text = _number(error), _text(error)
        if number is None or _FIRST_CLIENT_ERROR <= number <= _LAST_CLIENT_ERROR:
            raise DatabaseUnreachableError(
                f"can't {purpose} on {self.where}: the connection broke ({number})",
                cause="the database stopped, or the network to it is cut",
                fix="run the same command again once the database answers",
                number=number,
            )
        said = text if number == REFUSED_WRITE else _NAMES.get(number, "without a name")
        raise StatementError(
            f"can't {purpose} on {self.where}: error {number} ({said})",
            cause="the database refused the statement",
            fix="see its error log and this account's privileges, then run the same command again",
            number=number,
        )


@contextmanager
def session(
    place: Endpoint, account: Account, database: str | None = None, *, answer_seconds: int = ANSWER_SECONDS
) -> Iterator[Session]:
    """Log in; raises DatabaseUnreachableError or StatementError (1045: wrong account)."""
    where = f"{account.username} at {place}"
    try:
        connection = pymysql.connect(
            host=place.host,
            port=place.port,
            user=account.username,
            password=account.password,
            database=database,
            ssl=_tls(place),
            connect_timeout=CONNECT_SECONDS,
            read_timeout=answer_seconds,
            write_timeout=answer_seconds,
            charset="utf8mb4",
            autocommit=True,
            cursorclass=DictCursor,
        )
    except (pymysql.MySQLError, OSError) as error:
        kind = (
            StatementError if _number(error) in {ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR} else None
        )
        raise (kind or DatabaseUnreachableError)(
            f"can't log in as {where}: {_number(error)} {_text(error)}",
            cause="wrong account"
            if kind
            else "the database does not answer, or is not who its certificate must name",
            fix="check the secret" if kind else "check server, route, security groups and the CA file",
            number=_number(error),
        ) from None
    try:
        yield Session(connection, where)
    finally:
        with suppress(pymysql.MySQLError):  # it is closed already where it broke
            connection.close()


def _tls(place: Endpoint) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # requires and checks certificate and host name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(place.ca)
    return context


def _number(error: Exception) -> int | None:
    first = error.args[0] if error.args else None
    return first if isinstance(first, int) else None


def _text(error: Exception) -> str:
    return str(error.args[1]) if len(error.args) > 1 else type(error).__name__
