"""The services behind the load balancer: starts one a colour, and knows where its targets are.

Which program a service is, its starter says.
"""

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from embedded_aws.companions.process import Companion, Message
from embedded_aws.extensions import PENDING
from embedded_aws.handle import LocalAwsError

READY_SECONDS = 30.0  # a busy laptop takes seconds to start a process

Address = tuple[str, int]


@dataclass
class Service:
    """A running service. `settings`: what it was started with; `incident`: what it was told last."""

    settings: dict[str, Any]
    companion: Companion
    ports: list[int] = field(default_factory=list)
    acknowledged: int = 0
    incident: dict[str, Any] = field(default_factory=lambda: {"mode": "none", "share": 1.0})


class Services:
    """`routes` is kept up to date: address of a target → where it is on this machine. `rerouted`: called when
    a launch has changed them.
    """

    def __init__(
        self,
        routes: dict[Address, Address],
        ready_seconds: float = READY_SECONDS,
        rerouted: Callable[[], object] = lambda: None,
    ) -> None:
        self._routes, self._ready_seconds, self._rerouted = routes, ready_seconds, rerouted
        self._changed = threading.Condition(threading.RLock())
        self._numbers = itertools.count(1)
        self._services: dict[str, Service] = {}
        self._versions: dict[str, dict[str, Any]] = {}  # what each colour was last told to run
        self._launches: dict[str, tuple[dict[str, Any], Future[str | None]]] = {}
        self._starting = ThreadPoolExecutor(2, "launch")
        self._closed = False

    def start(self, colour: str, settings: dict[str, Any]) -> bool:
        """Start a colour's service where it doesn't run with these settings; returns whether it had to be.

        Settings: `module` and `root`, see `Companion`; `targets` ([id, port] each); the program's own.
        """
        with self._changed:
            known = self._services.get(colour)
            settings = {**self._versions.get(colour, {}), **settings}
            if self._closed or (known and known.companion.running and known.settings == settings):
                return False
            if known:
                known.companion.close()
            companion = Companion(
                settings["module"], lambda message: self._hear(colour, message), settings["root"]
            )
            service = Service(settings, companion)
            self._services[colour] = service
            service.companion.tell({"start": settings | {"colour": colour}})
            self._await(colour, service, lambda: bool(service.ports))
            for target, port in zip(settings["targets"], service.ports, strict=True):
                self._routes[target[0], target[1]] = ("127.0.0.1", port)
            return True

    def launch(self, colour: str, version: dict[str, Any]) -> str | None:
        """Have a colour's service run a version. None: it does, or none runs here; PENDING: it is being
        started; otherwise why it ended. It does not wait.

        As ECS does it, the new one is started beside the one that runs, which ends when the new one answers.
        """
        with self._changed:
            service = self._services.get(colour)
            if service is None or version.items() <= service.settings.items():
                return None
            wanted, launch = self._launches.get(colour, (None, None))
            if launch is None or wanted != version:
                started = self._starting.submit(self._replace, colour, service, version)
                self._launches[colour] = (version, started)
                return PENDING
            if not launch.done():
                return PENDING
            del self._launches[colour]
            return launch.result()

    def _replace(self, colour: str, former: Service, version: dict[str, Any]) -> str | None:
        settings = former.settings | version
        said = threading.Event()
        service = Service(settings, Companion(settings["module"], lambda _: None, settings["root"]))

        def hear(message: Message) -> None:
            service.ports = message.get("ports", service.ports)
            service.acknowledged = message.get("acknowledged", service.acknowledged)
            said.set()
            with self._changed:
                self._changed.notify_all()

        service.companion.hear(hear)
        service.companion.tell({"start": settings | {"colour": colour}})
        if not said.wait(self._ready_seconds) or not service.ports:
            service.companion.close()
            return f"Essential container in task exited: {version['image']}"
        with self._changed:
            if self._closed or self._services.get(colour) is not former:
                service.companion.close()
                return None
            self._services[colour], self._versions[colour] = service, version
            for target, port in zip(settings["targets"], service.ports, strict=True):
                self._routes[target[0], target[1]] = ("127.0.0.1", port)
        self._rerouted()
        former.companion.close()
        return None

    def afflict(self, colour: str, mode: str, share: float) -> dict[str, Any]:
        """Make a service fail in some way, or be well again. Returns when it does."""
        with self._changed:
            service = self._services.get(colour)
            if service is None or not service.companion.running:
                raise LocalAwsError(f"no service of {colour} runs here: `bluegreen local up` starts it")
            incident = {"mode": mode, "share": share}
            self.tell(colour, {"incident": incident})
            service.incident = incident
            return incident

    def tell(self, colour: str, message: dict[str, Any]) -> None:
        """Tell a running service something; returns when it has acknowledged that."""
        with self._changed:
            service, number = self._services[colour], next(self._numbers)
            service.companion.tell(message | {"number": number})
            self._await(colour, service, lambda: service.acknowledged >= number)

    def describe(self) -> dict[str, Any]:
        """Of each colour: whether its service runs, and how it was told to be."""
        with self._changed:
            return {
                colour: {"running": service.companion.running, **service.incident}
                for colour, service in self._services.items()
            }

    def close(self) -> None:
        """End them all."""
        with self._changed:
            self._closed = True
            self._starting.shutdown(wait=False, cancel_futures=True)
            for service in self._services.values():
                service.companion.close()

    def _await(self, colour: str, service: Service, done: Callable[[], bool]) -> None:
        self._changed.wait_for(lambda: done() or not service.companion.running, self._ready_seconds)
        if done():
            return
        waited = f"has not answered for {self._ready_seconds:.0f} s"
        how = waited if service.companion.running else "has ended"
        raise LocalAwsError(f"the service of {colour} {how}: aws.log of the embedded AWS says why")

    def _hear(self, colour: str, message: Message) -> None:
        with self._changed:
            service = self._services[colour]
            service.ports = message.get("ports", service.ports)
            service.acknowledged = message.get("acknowledged", service.acknowledged)
            self._changed.notify_all()
