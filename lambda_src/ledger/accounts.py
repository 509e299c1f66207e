"""The ledger's own database accounts: what each kind may do.

Accounts don't replicate: each is made on each database by itself, with `USE ledger_local`, so that the filter
that ignores this database holds them back even where statements cross.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from . import schema
from .database import Session
from .dialect import Dialect
from .errors import StatementError
from .models import DATABASE, LOCAL, Account


class Kind(StrEnum):
    """What an account is for. Two users of each take turns, as those of applications do."""

    MOVER = "mover"
    HEALTH = "health"
    REPLICATION = "replication"
    MIGRATOR = "migrator"


# Prefix of the users' names.
USERS = {kind: f"ledger_{kind}" for kind in Kind}
# What a kind may do with single tables, which have to exist first.
_TABLES: Mapping[Kind, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    Kind.MOVER: ((DATABASE, schema.EPOCH_TABLE, ("SELECT", "UPDATE")),),
    Kind.HEALTH: (
        (DATABASE, schema.EPOCH_TABLE, ("SELECT",)),
        (LOCAL, schema.VERIFICATION_TABLE, ("INSERT", "UPDATE")),
    ),
    Kind.REPLICATION: (),
    Kind.MIGRATOR: (),
}
# Of the migrator, beyond SELECT. Renaming a new table to its name takes ALTER, CREATE, DROP and INSERT.
_DDL = ("SELECT", "INSERT", "CREATE", "ALTER", "DROP", "INDEX", "TRIGGER")
# The administrator lacks it: ER_ACCESS_DENIED_ERROR (MariaDB), ER_SPECIFIC_ACCESS_DENIED_ERROR (MySQL); or no
# user has that name yet: ER_PASSWORD_NO_MATCH (MariaDB), ER_CANT_CREATE_USER_WITH_GRANT (MySQL).
_NOT_GRANTED = frozenset({1045, 1227, 1133, 1410})
# A table that does not exist can be granted with CREATE (MySQL reference manual, "GRANT Statement").
_TRIAL = ("SELECT", "CREATE", "ALTER", "DROP", "INDEX")


def ensure(session: Session, dialect: Dialect, kind: Kind, account: Account) -> None:
    """Make the account, with this password, TLS and its privileges. It can be repeated."""
    create(session, account, "REQUIRE SSL")
    for privileges, scope in _grants(kind, dialect):
        grant(session, privileges, scope, account.username)
    for database, table, privileges in _TABLES[kind]:
        if _exists(session, database, table):
            grant(session, privileges, f"{database}.{table}", account.username)
    if kind is Kind.MOVER:
        _grant_belt(session, dialect, account.username)


def bears_belt(session: Session, dialect: Dialect) -> bool:
    """Whether the own account writes where the belt is on, and the watchdog does (it gets that first)."""
    return bool(
        session.value(
            "read its own privileges",
            "SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = %s",
            dialect.belt_privilege,
        )
    )


def _grant_belt(session: Session, dialect: Dialect, mover: str) -> None:
    """To the watchdog's account and the mover, or to none of them: then a move has no belt, and the trigger
    alone holds. An administrator of Aurora may lack it, whatever the list of its privileges says.
    """
    for user in (schema.DEFINER, mover):
        try:
            grant(session, (dialect.belt_privilege,), "*.*", user)
        except StatementError as error:
            if error.number not in _NOT_GRANTED:
                raise
            return


def create(session: Session, account: Account, option: str) -> None:
    """Create it, or give it this password."""
    session.change("choose no database of the ledger", f"USE {LOCAL}")
    for verb in ("CREATE USER IF NOT EXISTS", "ALTER USER"):
        statement = f"{verb} %s@'%%' IDENTIFIED BY %s {option}"
        session.change(f"create {account.username}", statement, account.username, account.password)


def grant(session: Session, privileges: Sequence[str], scope: str, user: str) -> None:
    """Grant all of `privileges`, where there are any."""
    if privileges:
        granted = ", ".join(privileges)
        session.change(f"grant {granted} to {user}", f"GRANT {granted} ON {scope} TO {user}@'%'")


def _grants(kind: Kind, dialect: Dialect) -> Iterator[tuple[Sequence[str], str]]:
    if kind is Kind.REPLICATION:
        yield ("REPLICATION SLAVE",), "*.*"
        return
    if kind is Kind.MIGRATOR:
        yield _DDL, f"{DATABASE}.*"
        yield _TRIAL, f"{LOCAL}.{schema.TRIAL_TABLE}"
        # Without a privilege on the database, MariaDB shows no CHECK of its tables.
        yield ("REFERENCES",), f"{LOCAL}.*"
        # The fence of a new table runs as another account.
        yield (*dialect.health_privileges, dialect.set_definer), "*.*"
        return
    # Without TRIGGER and EVENT, information_schema shows neither the fence nor the watchdog.
    yield ("SELECT", "EVENT"), f"{LOCAL}.*"
    if kind is Kind.HEALTH:
        yield ("SELECT", "TRIGGER"), f"{DATABASE}.*"
        yield dialect.health_privileges, "*.*"
        return
    # REFERENCES shows the tables' columns to the mover, and no row of them.
    yield ("TRIGGER", "REFERENCES"), f"{DATABASE}.*"
    yield dialect.mover_privileges, "*.*"
    for procedure in dialect.mover_procedures:
        yield ("EXECUTE",), f"PROCEDURE {procedure}"


def _exists(session: Session, database: str, table: str) -> bool:
    found = session.value(
        f"look for {table}",
        "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s",
        *(database, table),
    )
    return bool(found)
