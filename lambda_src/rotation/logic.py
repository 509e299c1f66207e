"""The four steps of a rotation, with alternating users.

Two database users take turns. One is in AWSCURRENT, and no rotation touches it: the next one gives a new
password to the other. So credentials that an application holds stay valid until the rotation after next
begins to set them, and no moment exists at which AWSCURRENT doesn't log in.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets_strategies.html

    createSecret  stores a new password for the user whose turn it is, as the version `ClientRequestToken`
    setSecret     makes the database agree with it: user, password, TLS, exactly the privileges
    testSecret    logs in with it, to the writer and to a reader, and compares the privileges
    finishSecret  logs in once more, then moves AWSCURRENT

Every step reads where things stand and does what is left, so it can be repeated, or run again after dying
anywhere. What it may find, and what becomes of it:

- No AWSCURRENT: the first rotation. AWS makes the first value that a secret gets AWSCURRENT at once, so here
  alone createSecret prepares the user before it stores the value.
- A value in AWSPENDING: it stays; a version's value can't be changed. If it isn't what this deployment would
  write (the host has changed, it was written by hand), that is an error which says how to go on.
- AWSPENDING left by a rotation that died: Secrets Manager runs that one again, with its old token; if
  an operator took the label away, the new token's createSecret chooses the same user again and overwrites its
  password.
- AWSCURRENT of a user that isn't one of the two (APP_USER was changed): the first of the two is next.
- The token is AWSCURRENT already: every step has nothing to do. setSecret alone tries to log in, and fixes
  what doesn't: a user that can't log in is the only one of AWSCURRENT that may be touched.
- A token with neither label: an event of the past. It must not bring an old version back.

RotateSecret with RotateImmediately=false runs testSecret alone, on a copy of AWSCURRENT.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from .application import ApplicationAccount
from .database import Database
from .errors import AdministratorNotReadyError, LoginRefusedError, RotationStateError
from .gateway import Gateway
from .models import CURRENT, PENDING, Credentials, Request, Step, Versions
from .passwords import generate
from .patience import patiently
from .settings import Settings

# An administrator's first rotation, which begins with this one's, ends within a minute and a half.
FIRST_ATTEMPTS, FIRST_PAUSE_SECONDS = 30, 3.0


class Account(Protocol):
    """What is rotated: how a user is made, and how it is proved."""

    def prepare(self, administrator: Credentials, credentials: Credentials) -> None:
        """Make user, password, TLS and exactly its privileges."""

    def prove(self, host: str, credentials: Credentials) -> None:
        """It works at `host` as whoever uses it will use it."""


class Subject(NamedTuple):
    """What is rotated, and where it is."""

    database: Database
    account: Account


def perform(
    request: Request,
    settings: Settings,
    gateway: Gateway,
    database: Database,
    account: Account | None = None,
) -> str:
    """Carry out one step; returns what was done, for the log. Raises RotationError.

    `account`: an application's where it is left out.
    """
    versions = gateway.versions()
    # A secret without any version is only seen where nothing announced AWSPENDING before the first rotation.
    if versions.labels and not versions.has(request.token, PENDING, CURRENT):
        raise stale(request)
    account = account or ApplicationAccount(settings, database)
    rotation = _Rotation(request.token, versions, settings, gateway, Subject(database, account))
    steps = {
        Step.CREATE: rotation.create,
        Step.SET: rotation.set,
        Step.TEST: rotation.test,
        Step.FINISH: rotation.finish,
    }
    return steps[request.step]()


class _Rotation:
    def __init__(
        self,
        token: str,
        versions: Versions,
        settings: Settings,
        gateway: Gateway,
        subject: Subject,
    ) -> None:
        self._token = token
        self._current = versions.current
        self._settings = settings
        self._gateway = gateway
        self._database, self._account = subject

    def create(self) -> str:
        if stored := self._gateway.stored(self._token):
            self._require_its_turn(stored)
            return f"the version has its value already, for {stored.username}"
        next_user = self._settings.users.other_than(self._current_user())
        credentials = Credentials(next_user, generate())
        if self._current is None:
            self._prepare(credentials)
        if self._gateway.store(self._token, credentials):
            return f"stored a new password for {next_user}"
        return "another run of this step has stored a value"

    def set(self) -> str:
        credentials = self._gateway.required(self._token)
        if self._token == self._current and self._logs_in(credentials):
            return f"{credentials.username} is in AWSCURRENT and logs in: not touched"
        self._require_its_turn(credentials)
        self._prepare(credentials)
        return f"prepared {credentials.username}"

    def test(self) -> str:
        credentials = self._gateway.required(self._token)
        self._prove(self._database.writer, credentials)
        self._prove(self._database.reader, credentials)
        return f"{credentials.username} logs in to the writer and to a reader"

    def finish(self) -> str:
        if self._token == self._current:
            return "the version is AWSCURRENT already"
        credentials = self._gateway.required(self._token)
        self._require_its_turn(credentials)
        self._prove(self._database.writer, credentials)
        self._gateway.make_current(self._token, self._current)
        return f"{credentials.username} is in AWSCURRENT now"

    def _current_user(self) -> str | None:
        return self._gateway.username(self._current) if self._current else None

    def _require_its_turn(self, credentials: Credentials) -> None:
        """Two versions with one user would lock out the applications that use AWSCURRENT."""
        if self._token != self._current and credentials.username == self._current_user():
            raise RotationStateError(
                what=f"AWSPENDING and AWSCURRENT are both of {credentials.username}",
                where=f"version {self._token} of {self._settings.secret_arn}",
                cause="to set its password would lock out the applications that use AWSCURRENT",
                fix="take AWSPENDING away (`aws secretsmanager update-secret-version-stage --version-stage "
                "AWSPENDING --remove-from-version-id …`) and rotate again",
            )

    def _prepare(self, credentials: Credentials) -> None:
        """The administrator may be in its own rotation: this one waits for it."""
        patiently(
            self._gateway.administrator,
            AdministratorNotReadyError,
            attempts=FIRST_ATTEMPTS,
            pause_seconds=FIRST_PAUSE_SECONDS,
        )
        patiently(lambda: self._prepare_as(self._gateway.administrator(), credentials), LoginRefusedError)

    def _prepare_as(self, administrator: Credentials, credentials: Credentials) -> None:
        if administrator.username == credentials.username:
            raise RotationStateError(
                what=f"{credentials.username} is the administrator",
                where=f"secret {self._settings.admin_secret_arn}",
                cause="with an application's privileges only, it could never rotate anything again",
                fix="give APP_USER another value",
            )
        self._account.prepare(administrator, credentials)

    def _logs_in(self, credentials: Credentials) -> bool:
        try:
            with self._database.session(self._database.writer, credentials):
                return True
        except LoginRefusedError:
            return False

    def _prove(self, host: str, credentials: Credentials) -> None:
        self._account.prove(host, credentials)


def stale(request: Request) -> RotationStateError:
    return RotationStateError(
        what="the version is neither AWSPENDING nor AWSCURRENT",
        where=f"version {request.token} of {request.secret_arn}",
        cause="an event of an earlier rotation must not bring its version back",
        fix="nothing, if a later rotation has succeeded; else rotate again",
    )
