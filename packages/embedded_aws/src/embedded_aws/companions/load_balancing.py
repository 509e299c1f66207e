"""The embedded AWS's side of its load balancer: tells it what changed, takes over what it found."""

import itertools
import logging
import threading
from pathlib import Path
from typing import Any

from safe_io import private

from embedded_aws.access.keys import Keyring
from embedded_aws.clients import boto_client
from embedded_aws.companions import snapshot
from embedded_aws.companions.process import Companion, Message
from embedded_aws.companions.snapshot import Document, Routes
from embedded_aws.extensions import target_health
from embedded_aws.handle import LocalAwsError
from embedded_aws.serial import ENTRANCE

MODULE = "embedded_aws.load_balancer"
NAMESPACE, PRINCIPAL = "AWS/ApplicationELB", "elasticloadbalancing.amazonaws.com"
WATCH_SECONDS = 0.1
PAUSE_SECONDS = 5.0
APPLY_SECONDS = 30.0  # a busy laptop takes seconds to start a process

log = logging.getLogger(__name__)


class LoadBalancing:
    """`routes`: where targets are on this machine; `certificates`: the file for clients to trust."""

    def __init__(
        self, endpoint: str, keys: Keyring, routes: Routes, certificates: Path, log_file: Path
    ) -> None:
        self._endpoint, self._keys = endpoint, keys
        self._routes, self._certificates = routes, certificates
        self._log = log_file
        self._changed = threading.Condition()
        self._pushing = threading.Lock()
        self._versions = itertools.count(1)
        self._told: Document = {}
        self._version = self._applied = 0
        self._ports: dict[str, int] = {}
        self._companion: Companion | None = None
        self._closed = threading.Event()

    def start(self) -> bool:
        """Start it where it doesn't run; returns whether it had to be."""
        with self._pushing:
            if self.running:
                return False
            if self._companion is None:
                threading.Thread(target=self._watch, daemon=True, name="load balancing").start()
            self._told = {}
            self._companion = Companion(MODULE, self._hear)
            return True

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        return self._companion is not None and self._companion.running

    def settle(self) -> list[dict[str, Any]]:
        """Wait until it goes by everything that is configured now. Returns listeners and their local ports.

        None where it doesn't run. Raises LocalAwsError if it takes too long.
        """
        if not self.running:
            return []
        self._push()
        wanted = self._version
        with self._changed:
            self._changed.wait_for(lambda: self._applied >= wanted or not self.running, APPLY_SECONDS)
            if self._applied < wanted:
                raise LocalAwsError(
                    "the local load balancer has not taken over its configuration"
                    + ("" if self.running else ": it has ended")
                    + f". {self._log} says why"
                )
            keys = ("arn", "port", "protocol")
            return [
                {key: listener[key] for key in keys} | {"local_port": self._ports[listener["arn"]]}
                for listener in self._told["listeners"]
            ]

    def close(self) -> None:
        """End it."""
        self._closed.set()
        if self._companion is not None:
            self._companion.close()

    def _watch(self) -> None:
        while not self._closed.wait(WATCH_SECONDS):
            try:
                self._push()
            except Exception:  # it goes by what it was told last until that can be read again
                log.exception("the load balancer's configuration can't be read")
                self._closed.wait(PAUSE_SECONDS)

    def _push(self) -> None:
        """Tell it what is configured now, if that is something else than it was told last."""
        with self._pushing:
            with ENTRANCE:
                document = snapshot.take(self._routes, self._ports)
            if self._companion is None or _without_ports(document) == _without_ports(self._told):
                return
            self._told, self._version = document, next(self._versions)
            certificates = sorted({listener["certificate"] for listener in document["listeners"]} - {None})
            with private.writer(self._certificates) as file:
                file.write("".join(certificate for certificate, _ in certificates))
            # Without the lock: it may be telling its health, which takes that one.
            self._companion.tell(document | {"version": self._version})

    def _hear(self, message: Message) -> None:
        if "health" in message:
            target_health.found(message["health"])
        if "applied" in message:
            with self._changed:
                self._applied, self._ports = message["applied"], message["ports"]
                self._changed.notify_all()
        if "metrics" in message:
            self._publish(message["metrics"])

    def _publish(self, metrics: list[dict[str, Any]]) -> None:
        regions = {
            snapshot.balancer_name(listener["arn"]): listener["arn"].split(":")[3]
            for listener in self._told["listeners"]
        }
        for balancer, region in regions.items():
            own = [datum for datum in metrics if datum["Dimensions"][0]["Value"] == balancer]
            if own:
                credentials = self._keys.of_service(PRINCIPAL)
                client = boto_client("cloudwatch", self._endpoint, credentials, region)
                client.put_metric_data(Namespace=NAMESPACE, MetricData=own)


def _without_ports(document: Document) -> Document:
    """The local ports come from the load balancer itself."""
    listeners = [{**item, "local_port": 0} for item in document.get("listeners", ())]
    return {**document, "listeners": listeners}
