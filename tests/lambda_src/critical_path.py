"""How many AWS calls of the switch function wait for one another: its critical path, in round trips.

Counted, not timed: calls that are made together count as the longest of them, however they happen to run.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from lambda_src.switch.aws import Clients
from tests.lambda_src.live_platform import SERVICES, LivePlatform


class CountingClients(Clients):
    """Count the calls that came before each, in its own thread and in those that it waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._counted = threading.local()
        for service in SERVICES:
            self(service).meta.events.register("before-call", self._call)

    @property
    def steps(self) -> int:
        """What this thread has waited for so far."""
        return int(getattr(self._counted, "steps", 0))

    def together(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        begun, ended = self.steps, [self.steps]

        def counted(call: Callable[[], Any]) -> Callable[[], Any]:
            def run() -> Any:
                self._counted.steps = begun
                try:
                    return call()
                finally:
                    ended.append(self.steps)

            return run

        try:
            return super().together([counted(call) for call in calls])
        finally:
            self._counted.steps = max(ended)

    def _call(self, **_: Any) -> None:
        self._counted.steps = self.steps + 1


def round_trips(platform: LivePlatform, event: dict[str, Any]) -> int:
    """Of one invocation, of which the clients are warm."""
    clients = CountingClients()
    platform.with_clients(clients).invoke(event)
    return clients.steps
