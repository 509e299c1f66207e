"""One invocation: what is asked for, and the means to do it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..contract.request import Request
from ..contract.values import Colour, Verdict
from .aws import Caller
from .gates import Gates
from .gateway import Gateway
from .routing import Routing
from .settings import Settings
from .table import ControlTable

# The lock outlasts the function: Lambda has killed it before another request can have the lock.
LOCK_MARGIN_SECONDS = 5


@dataclass(frozen=True)
class Invocation:
    """`clock` gives UTC."""

    request: Request
    settings: Settings
    caller: Caller
    clock: Callable[[], datetime]
    attempt: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def gateway(self) -> Gateway:
        return Gateway(self.settings, self.caller)

    @property
    def table(self) -> ControlTable:
        return ControlTable(self.settings.control_table, self.caller)

    @property
    def gates(self) -> Gates:
        """As of now."""
        return Gates(self.gateway, self.clock())

    @property
    def busy_until(self) -> float:
        """When this invocation is over, whatever happens: seconds since the epoch."""
        return self.clock().timestamp() + self.caller.seconds_left() + LOCK_MARGIN_SECONDS

    def look(
        self, *calls: Callable[[], Any], colour: Colour | None = None
    ) -> tuple[list[Any], list[Verdict]]:
        """The results of `calls`, and the verdicts of the gates of `colour`, all looked up at the same time.

        Where one of the calls gives the routing, its verdict is among them.
        """
        gates = self.gates.of(colour) if colour else []
        found = self.caller.together([*calls, *gates])
        results, verdicts = found[: len(calls)], found[len(calls) :]
        if colour:
            verdicts += [result.verdict() for result in results if isinstance(result, Routing)]
        return results, verdicts
