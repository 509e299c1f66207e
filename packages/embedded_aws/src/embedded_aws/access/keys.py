"""Whose access key is whose: the operator's, new in each run, and those that the embedded AWS has issued."""

import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from embedded_aws.clients import Credentials
from embedded_aws.handle import ACCOUNT_ID

OPERATOR = f"arn:aws:iam::{ACCOUNT_ID}:user/operator"
SESSION_SECONDS = 12 * 3600  # the longest session of a role
RENEWED_SECONDS = 1800  # before the end: a function may run for 900 seconds with what it was given


@dataclass(frozen=True)
class Key:
    """A valid key. `arn`: whose it is; `expires`: epoch seconds, None where it doesn't; `policy`: its session
    policy; `context`: condition keys that its requests carry, as AWS's services add them.
    """

    arn: str
    credentials: Credentials
    expires: float | None = None
    policy: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)


class Keyring:
    """All valid keys of one server. Thread-safe.

    moto holds those of users and of assumed roles; here are the operator's and those of AWS's own services.
    """

    def __init__(self, operator: Credentials) -> None:
        self.operator = operator
        self._lock = threading.Lock()
        self._own = {operator.access_key_id: Key(OPERATOR, operator)}
        self._services: dict[tuple[str, ...], Credentials] = {}
        self._sessions: dict[tuple[str, ...], Key] = {}

    def find(self, access_key_id: str) -> Key | None:
        """The key of that id; None where there is none, or it is inactive."""
        return self._own.get(access_key_id) or _of_a_role(access_key_id) or _of_a_user(access_key_id)

    def of_service(self, principal: str, context: Mapping[str, str] | None = None) -> Credentials:
        """What one of AWS's own services signs with. `principal`: such as `events.amazonaws.com`; `context`:
        the condition keys that it sends, such as `aws:SourceArn`.
        """
        name = (principal, *(part for pair in sorted((context or {}).items()) for part in pair))
        with self._lock:
            if name not in self._services:
                made = Credentials.random("ASIA")
                self._services[name] = made
                self._own[made.access_key_id] = Key(principal, made, context=context or {})
            return self._services[name]

    def of_role(self, account_id: str, region: str, role_arn: str, session: str) -> Credentials:
        """Temporary credentials of a role, the same ones until shortly before they expire."""
        name = (account_id, region, role_arn, session)
        with self._lock:
            key = self._sessions.get(name)
            if key is None or (key.expires or 0) < time.time() + RENEWED_SECONDS:
                key = self._sessions[name] = _assume(*name)
            return key.credentials

    def forget_sessions(self) -> None:
        """After moto has lost all roles."""
        with self._lock:
            self._sessions.clear()


def _assume(account_id: str, region: str, role_arn: str, session: str) -> Key:
    from moto.sts.models import sts_backends  # noqa: PLC0415 - moto is loaded when it is configured

    backend = sts_backends[account_id]["aws"]
    return _session_key(backend.assume_role(region, session, role_arn, "", SESSION_SECONDS, ""))


def _session_key(role: Any) -> Key:
    credentials = Credentials(role.access_key_id, role.secret_access_key, role.session_token)
    expires = role.expiration.replace(tzinfo=UTC).timestamp()
    return Key(role.arn, credentials, expires, role.policy or None)


def _of_a_role(access_key_id: str) -> Key | None:
    """A session of a role that was assumed, by whichever API."""
    models: Any = sys.modules.get("moto.sts.models")  # not loaded: no role was assumed
    for account in list(models.sts_backends.values()) if models else ():
        for backend in list(account.values()):
            if role := backend.get_assumed_role_from_access_key(access_key_id):
                return _session_key(role)
    return None


def _of_a_user(access_key_id: str) -> Key | None:
    models: Any = sys.modules.get("moto.iam.models")
    for account in list(models.iam_backends.values()) if models else ():
        for backend in list(account.values()):
            if user := backend.get_user_from_access_key_id(access_key_id):
                key = user.get_access_key_by_id(access_key_id)
                active = key.status == "Active"
                return Key(user.arn, Credentials(access_key_id, key.secret_access_key)) if active else None
    return None
