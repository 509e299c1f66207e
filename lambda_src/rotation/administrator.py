"""The four steps of a rotation of a cluster's administrator, whose password RDS sets.

Passwords that RDS keeps itself are not supported with binary log replication (Aurora user guide, "Password
management with Amazon Aurora and AWS Secrets Manager", limitations). So Terraform gives a new cluster a
password that nothing stores, and the first rotation sets the one that is in the secret. RDS sets a password
whatever the one before was (API reference, ModifyDBCluster): a rotation also repairs a cluster whose
administrator has another password than the secret, such as one restored from a snapshot.

    createSecret  stores a new password as the version `ClientRequestToken`
    setSecret     has RDS set it, and waits until it logs in
    testSecret    logs in with it, to the writer and to a reader
    finishSecret  logs in once more, then moves AWSCURRENT

Each step reads where things stand and does what is left, as those of logic.py do. There is one administrator
only: from setSecret to finishSecret AWSCURRENT does not log in, and other rotations wait for it.

AWS makes the first value that a secret gets AWSCURRENT at once: so createSecret of the first rotation has
RDS set the password before it stores it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

from . import logic
from .database import Database
from .errors import AwsCallError, LoginRefusedError
from .gateway import Cluster, Gateway
from .models import CURRENT, PENDING, Credentials, Request, Step
from .passwords import generate
from .patience import patiently

# RDS sets a password within seconds, on a busy cluster within a minute; the function has two.
PATIENCE_SECONDS, PAUSE_SECONDS = 75.0, 0.5


def perform(request: Request, gateway: Gateway, database: Database, cluster: Cluster) -> str:
    """Carry out one step; returns what was done, for the log. Raises RotationError."""
    versions = gateway.versions()
    if versions.labels and not versions.has(request.token, PENDING, CURRENT):
        raise logic.stale(request)
    rotation = _Rotation(request.token, versions.current, gateway, database, cluster)
    steps = {
        Step.CREATE: rotation.create,
        Step.SET: rotation.set,
        Step.TEST: rotation.test,
        Step.FINISH: rotation.finish,
    }
    return steps[request.step]()


@dataclass(frozen=True)
class _Rotation:
    token: str
    current: str | None
    gateway: Gateway
    database: Database
    cluster: Cluster

    def create(self) -> str:
        if self.gateway.stored(self.token):
            return "the version has its value already"
        credentials = Credentials(self.cluster.administrator, generate())
        if self.current is None:
            self._require(credentials)
        if self.gateway.store(self.token, credentials):
            return "stored a new password"
        return "another run of this step has stored a value"

    def set(self) -> str:
        self._require(self.gateway.required(self.token))
        return "the cluster has the password"

    def test(self) -> str:
        self._log_in_everywhere()
        return "the administrator logs in to the writer and to a reader"

    def finish(self) -> str:
        if self.token == self.current:
            return "the version is AWSCURRENT already"
        self._log_in_everywhere()
        self.gateway.make_current(self.token, self.current)
        return "the password is in AWSCURRENT now"

    def _require(self, credentials: Credentials) -> None:
        """It logs in: RDS is asked where it doesn't."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        asked = False
        while not self._logs_in(credentials):
            if time.monotonic() > deadline:
                raise AwsCallError(
                    what=f"the password of {credentials.username} is not set after {PATIENCE_SECONDS:.0f} s",
                    where=self.cluster.identifier,
                    cause="RDS is busy with another change of the cluster"
                    if not asked
                    else "RDS has accepted the change and not made it yet",
                    fix="look at the cluster's status and events; to rotate again is safe",
                )
            asked = asked or self.cluster.set_password(credentials.password)
            time.sleep(PAUSE_SECONDS)

    def _logs_in(self, credentials: Credentials) -> bool:
        try:
            self._log_in(self.database.writer, credentials)
        except LoginRefusedError:
            return False
        return True

    def _log_in_everywhere(self) -> None:
        credentials = self.gateway.required(self.token)
        for host in (self.database.writer, self.database.reader):
            patiently(partial(self._log_in, host, credentials), LoginRefusedError)

    def _log_in(self, host: str, credentials: Credentials) -> None:
        with self.database.session(host, credentials):
            pass
