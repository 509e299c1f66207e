"""Looks at a shift again and again until it has ended. It only reads: who stops looking changes nothing."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bluegreen.operate.client import SwitchError, SwitchFunction
from bluegreen.operate.workflow import Execution, NoExecutionError, ShiftMachine

PATIENCE = 20  # looks that fail in a row; networks and logins have their moments


@dataclass(frozen=True)
class Observation:
    """One look. `execution` and `status` are the last known ones, None before the first; `trouble`: why this
    look brought nothing new.
    """

    at: datetime
    execution: Execution | None
    status: Mapping[str, Any] | None
    trouble: str | None = None

    def workflow(self, name: str) -> Mapping[str, Any] | None:
        """The function's record of the workflow `name`; None before it began and after the next one has."""
        found: Mapping[str, Any] | None = self.status and self.status.get("workflow")
        return found if found and found["id"] == name else None


def watch(
    switch: SwitchFunction,
    machine: ShiftMachine,
    name: str,
    *,
    interval: float,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Observation]:
    """Observations of the execution `name`, `interval` seconds apart, the last one of its end.

    Raises NoExecutionError, and the SwitchError of the last look when PATIENCE of them failed in a row.
    """
    seen = Observation(datetime.now(UTC), None, None)
    failures = 0
    while True:
        try:
            # In this order: what the function says after the end is the end.
            execution = machine.describe(name)
            seen = Observation(datetime.now(UTC), execution, switch.invoke({"action": "status"}))
            failures = 0
        except NoExecutionError:
            raise
        except SwitchError as error:
            failures += 1
            if failures == PATIENCE:
                raise
            seen = Observation(datetime.now(UTC), seen.execution, seen.status, trouble=str(error))
        yield seen
        if not seen.trouble and seen.execution and not seen.execution.running:
            return
        pause(interval)
