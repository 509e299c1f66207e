"""The account of an application: its privileges on the payments' database, and no other."""

from __future__ import annotations

from . import accounts, proof
from .database import Database
from .models import Credentials
from .settings import Settings


class ApplicationAccount:
    """How it is made and proved."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self._database = settings, database

    def prepare(self, administrator: Credentials, credentials: Credentials) -> None:
        """Make user, password, TLS and exactly the privileges."""
        with self._database.session(self._database.writer, administrator) as session:
            accounts.ensure(session, credentials, self._settings.db_name, self._settings.privileges)

    def prove(self, host: str, credentials: Credentials) -> None:
        """It logs in at `host`, and has these privileges."""
        proof.require(self._database, host, credentials, self._settings.db_name, self._settings.privileges)
