"""Rotates the ledger's own accounts: the rotation of the applications (`rotation/logic.py`), other accounts.

Of a replication account, the other colour's channel is moved to the next user before that user is in
AWSCURRENT: the user before it stays valid until the rotation after next, so replication never lacks one.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract.values import Colour
from ..rotation import logic
from ..rotation.database import Database
from ..rotation.errors import LoginRefusedError
from ..rotation.event import parse_request
from ..rotation.gateway import Gateway
from ..rotation.models import Credentials
from ..rotation.patience import patiently
from ..rotation.settings import Settings as RotationSettings
from . import accounts, rows
from . import dialect as dialects
from .accounts import USERS, Kind
from .database import session
from .errors import NotReadyError, StatementError
from .models import DATABASE, LOCAL, Account, Endpoint, Source, State
from .secrets import account
from .settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

CHANNEL_SECONDS = 20.0
POLL_SECONDS = 0.2


def step(event: Any, settings: Settings, client: SecretsManagerClient) -> dict[str, object]:
    """One of the four steps. Raises RotationError, LedgerError."""
    request = parse_request(event)
    found = [of for of, arn in settings.kinds.items() if arn == request.secret_arn]
    if not found:
        raise NotReadyError(
            f"{request.secret_arn} is no account of the ledger",
            cause="this function rotates the ledger's own accounts only",
            state="nothing was changed",
            fix="rotate it with the function that its rotation names",
        )
    colour, kind = found[0]
    place = settings.places[colour]
    own = RotationSettings(
        secret_arn=request.secret_arn,
        admin_secret_arn=settings.secrets[colour],
        db_host=place.host,
        db_reader_host=settings.readers[colour],
        db_port=place.port,
        db_name=DATABASE,
        app_user=USERS[kind],
        privileges=(),
        ca_bundle=Path(place.ca),
    )
    made = LedgerAccount(settings, client, colour, kind)
    done = logic.perform(request, own, Gateway(own, client), Database(own), made)
    return {"step": request.step, "done": done}


class LedgerAccount:
    """How an account of the ledger is made and proved; `rotation/application.py` has that of applications."""

    def __init__(self, settings: Settings, client: SecretsManagerClient, colour: Colour, kind: Kind) -> None:
        self._settings, self._client, self._colour, self._kind = settings, client, colour, kind

    def prepare(self, administrator: Credentials, credentials: Credentials) -> None:
        """Make user, password and privileges."""
        place = self._settings.places[self._colour]
        try:
            _log_in(place, _account(administrator))
        except StatementError as error:
            raise LoginRefusedError(
                what=f"can't log in as {administrator.username}: {error.number}",
                where=str(place),
                cause="its password is changing, or was changed by hand",
                fix="rotate the administrator's secret, then this one again",
            ) from None
        with session(place, _account(administrator)) as connected:
            connected.change("create the local database", f"CREATE DATABASE IF NOT EXISTS {LOCAL}")
            accounts.ensure(connected, dialects.of(connected), self._kind, _account(credentials))

    def prove(self, host: str, credentials: Credentials) -> None:
        """It logs in; and replication runs with it."""
        place = self._settings.places[self._colour]
        at = Endpoint(host, place.port, place.ca)
        patiently(partial(_log_in, at, _account(credentials)), StatementError)
        if self._kind is Kind.REPLICATION and host == place.host:
            self._switch_channel(credentials)

    def _switch_channel(self, credentials: Credentials) -> None:
        """Where the other colour replicates from here: with these credentials from now on."""
        other = self._colour.other
        administrator = account(self._client, self._settings.secrets[other])
        with session(self._settings.places[other], administrator) as target:
            dialect = dialects.of(target)
            if dialect.channel(target) is None or dialect.channel_user(target) == credentials.username:
                return
            row = rows.epoch(target)
            if row and row.state is not State.OPEN:
                raise NotReadyError(
                    f"can't change how {other} replicates: a move is in progress",
                    cause=f"the row is {row}",
                    state="replication continues with the account before",
                    fix="none needed: Secrets Manager tries again",
                )
            place = self._settings.places[self._colour]
            source = Endpoint(place.host, place.port, place.ca)
            dialect.configure_channel(target, Source(source, _account(credentials)))
            dialect.start_channel(target)
            deadline = time.monotonic() + CHANNEL_SECONDS
            while not (found := dialect.channel(target)) or not found.running:
                if time.monotonic() > deadline:
                    raise NotReadyError(
                        f"{other} does not replicate as {credentials.username}",
                        cause=(found and found.error) or "it has not connected",
                        state=f"replication to {other} is stopped",
                        fix="run `bluegreen ledger setup`, which configures it again",
                    )
                time.sleep(POLL_SECONDS)


def _log_in(at: Endpoint, account: Account) -> None:
    with session(at, account):
        pass


def _account(credentials: Credentials) -> Account:
    return Account(credentials.username, credentials.password)
