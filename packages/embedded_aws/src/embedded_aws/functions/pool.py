"""The execution environments of all functions: kept warm, bounded in number, killed together."""

import contextlib
import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from embedded_aws.functions.environment import ExecutionEnvironment
from embedded_aws.functions.model import Deployed, Outcome, Request

MAX_RUNNING = 16  # processes at work at once; what comes on top waits
MAX_IDLE = 8
WAIT_SECONDS = 900.0


class Throttled(Exception):  # noqa: N818 - AWS's own word for it
    """The function may not run now: its reserved concurrency is used up, or there is no room for too long."""


class Pool:
    """Runs functions. Thread-safe. `directory`: where environments have their scratch directories."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._changed = threading.Condition()
        self._idle: list[ExecutionEnvironment] = []
        self._busy: Counter[str] = Counter()
        self._alive: set[ExecutionEnvironment] = set()
        self._numbers = itertools.count()
        self._closed = False

    def run(
        self, function: Deployed, request: Request, reserved: int | None, *, patient: bool
    ) -> tuple[Outcome, ExecutionEnvironment]:
        """Run one event in a warm environment, or in a new one.

        `reserved`: the function's reserved concurrency; when that is used up, raises Throttled, unless
        `patient`.
        """
        with self._place(function.arn, reserved, patient=patient):
            environment = self._take(function)
            try:
                return environment.invoke(request), environment
            finally:
                self._give_back(environment)

    def close(self) -> None:
        """Kill all functions, also those in the middle of an event. Nothing runs in this pool afterwards."""
        with self._changed:
            self._closed = True
            alive = list(self._alive)
        for environment in alive:
            environment.close()

    @contextlib.contextmanager
    def _place(self, arn: str, reserved: int | None, *, patient: bool) -> Iterator[None]:
        with self._changed:
            if reserved is not None and self._busy[arn] >= reserved and (reserved == 0 or not patient):
                raise Throttled(f"{arn} runs {self._busy[arn]} times, its reserved concurrency")
            if not self._changed.wait_for(lambda: self._has_room(arn, reserved), WAIT_SECONDS):
                raise Throttled(f"no room for {arn} for {WAIT_SECONDS:.0f} s: {dict(self._busy)} are running")
            self._busy[arn] += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy[arn] -= 1
                self._changed.notify_all()

    def _has_room(self, arn: str, reserved: int | None) -> bool:
        return self._busy.total() < MAX_RUNNING and (reserved is None or self._busy[arn] < reserved)

    def _take(self, function: Deployed) -> ExecutionEnvironment:
        """A warm environment of this very deployment, or a new one. Those of earlier ones are dropped."""
        with self._changed:
            if self._closed:
                raise Throttled("the embedded AWS is being stopped")
            own = [warm for warm in self._idle if warm.function.arn == function.arn]
            fitting = [warm for warm in own if warm.function == function]
            outdated = [warm for warm in own if warm not in fitting]
            self._idle = [warm for warm in self._idle if warm not in outdated]
            found = next((warm for warm in reversed(fitting) if warm.is_ready()), None)
            if found:
                self._idle.remove(found)
            else:
                found = ExecutionEnvironment(function, self._directory / str(next(self._numbers)))
                self._alive.add(found)
        self._drop(outdated)
        return found

    def _give_back(self, environment: ExecutionEnvironment) -> None:
        with self._changed:
            if environment.is_ready():
                self._idle.append(environment)
                surplus = [self._idle.pop(0) for _ in range(len(self._idle) - MAX_IDLE)]
            else:
                surplus = [environment]
        self._drop(surplus)

    def _drop(self, environments: list[ExecutionEnvironment]) -> None:
        for environment in environments:
            environment.remove()
            with self._changed:
                self._alive.discard(environment)
