"""Proves that credentials work as the application will use them, and that they open nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from . import accounts
from .database import Database
from .errors import LoginRefusedError, PrivilegesDifferError
from .models import Credentials
from .patience import patiently


def require(
    database: Database, host: str, credentials: Credentials, name: str, privileges: Iterable[str]
) -> None:
    """Raises DatabaseError; what a reader may not know yet is tried for some seconds."""
    patiently(
        partial(_compare, database, host, credentials, name, set(privileges)),
        LoginRefusedError,
        PrivilegesDifferError,
    )


def _compare(database: Database, host: str, credentials: Credentials, name: str, wanted: set[str]) -> None:
    with database.session(host, credentials, name) as session:
        found = set(accounts.held(session, credentials.username, name))
    if found != wanted:
        raise PrivilegesDifferError(
            what=f"{credentials.username} has {sorted(found)} on {name}, not {sorted(wanted)}",
            where=host,
            cause="an application with too few privileges fails, one with too many is a risk",
            fix="rotate again: setSecret grants and revokes what differs",
        )
