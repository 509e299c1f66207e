"""The only module that talks to the database. Every failure leaves it as a DatabaseError.

TLS is not negotiable: the driver gets an SSLContext, which makes it refuse a server, or a proxy in between,
that offers no TLS, before it has sent anything. The context trusts the bundle alone, checks chain and host
name, and knows no version below 1.2. PROTOCOL_TLS_CLIENT is used instead of `create_default_context`, because
that trusts the system's authorities as well, and behaves differently from Python 3.13 on.

The driver fills values into a statement itself, and its errors quote statements. So an error of a statement
leaves here as its number and name only, and without the original in its chain; an error of connecting, when
no statement exists yet, with its text.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pymysql
from pymysql.constants import ER

from .errors import ConfigurationError, DatabaseError, LoginRefusedError
from .models import Credentials
from .settings import Settings

_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 10
# The server gives up before the client: a statement that outlived its client could undo a later rotation.
_LOCK_WAIT_SECONDS = 5

_NAMES = {number: name for name, number in vars(ER).items() if isinstance(number, int)}
_REFUSED = frozenset({ER.ACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR})
_FIX = (
    "2003: route, security group, or the server's certificate against CA_BUNDLE and host name; "
    "1044, 1045: user, password or privileges; then rotate again, which is safe"
)


class Session:
    """An open connection. Statements name no values but through `values`."""

    def __init__(self, connection: pymysql.Connection[Any], where: str) -> None:
        self._connection = connection
        self._where = where

    def run(self, purpose: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of the answer. `purpose` is what errors call the statement, e.g. "grant SELECT to x"."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall())
        except pymysql.MySQLError as error:
            number = _number(error)
            name = _NAMES.get(number, "without a name") if number else type(error).__name__
        raise DatabaseError(
            what=f"can't {purpose}: error {number} ({name})",
            where=self._where,
            cause="the next credentials aren't usable yet; AWSCURRENT is valid as before",
            fix="see the server's error log; the administrator needs CREATE USER, the privileges to grant "
            "WITH GRANT OPTION, and SELECT on mysql.*; then rotate again, which is safe",
        )


class Database:
    """One colour's cluster. `writer` and `reader` are its hosts."""

    def __init__(self, settings: Settings) -> None:
        self.writer = settings.db_host
        self.reader = settings.db_reader_host
        self._port = settings.db_port
        self._tls = _tls(settings)

    @contextmanager
    def session(self, host: str, user: Credentials, name: str | None = None) -> Iterator[Session]:
        """Log in, `name` being the database to use; raises LoginRefusedError if user or password is wrong."""
        where = f"{user.username} at {host}:{self._port}"
        connection = self._connect(host, user, name, where)
        try:
            yield Session(connection, where)
        finally:
            with suppress(pymysql.MySQLError):  # it is closed already where it broke
                connection.close()

    def _connect(self, host: str, user: Credentials, name: str | None, where: str) -> pymysql.Connection[Any]:
        try:
            return pymysql.connect(
                host=host,
                port=self._port,
                user=user.username,
                password=user.password,
                database=name,
                ssl=self._tls,
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_ANSWER_SECONDS,
                write_timeout=_ANSWER_SECONDS,
                charset="utf8mb4",
                autocommit=True,
                init_command=f"SET SESSION lock_wait_timeout = {_LOCK_WAIT_SECONDS}",
            )
        except pymysql.MySQLError as error:
            kind = LoginRefusedError if _number(error) in _REFUSED else DatabaseError
            raise kind(
                what=f"can't log in: {_text(error)}",
                where=where,
                cause="no credentials become AWSCURRENT that weren't tried; AWSCURRENT is valid as before",
                fix=_FIX,
            ) from None


def _tls(settings: Settings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # requires and checks certificate and host name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(settings.ca_bundle)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            what=f"CA_BUNDLE can't be read: {error}",
            where=str(settings.ca_bundle),
            cause="without it the server's identity is unknown; nothing was sent to it",
            fix="name a file of PEM certificates, such as rotation/rds-ca-bundle.pem of the package",
        ) from error
    return context


def _number(error: pymysql.MySQLError) -> int | None:
    first = error.args[0] if error.args else None
    return first if isinstance(first, int) else None


def _text(error: pymysql.MySQLError) -> str:
    return f"{_number(error)} {error.args[1] if len(error.args) > 1 else type(error).__name__}"
