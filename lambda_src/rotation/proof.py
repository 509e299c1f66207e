"""Proves that credentials work as the application will use them, and that they open nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterable

from . import accounts
from .database import Database
from .errors import LoginRefusedError, PrivilegesDifferError
from .models import Credentials

# A reader of Aurora learns of a new user within milliseconds, rarely seconds.
_ATTEMPTS = 5
_PAUSE_SECONDS = 1.0


def require(
    database: Database, host: str, credentials: Credentials, name: str, privileges: Iterable[str]
) -> None:
    """Raises DatabaseError; what a reader may not know yet is tried for some seconds."""
    wanted = set(privileges)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _compare(database, host, credentials, name, wanted)
        except (LoginRefusedError, PrivilegesDifferError):
            if attempt == _ATTEMPTS:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


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
