"""Holds an invocation at one of its calls, while others go on."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.switch.faults import Call
from tests.lambda_src.switch.wire import Wire

_PATIENCE = 60


@dataclass
class Held:
    wire: Wire
    goes_on: threading.Event
    first: Future[Any]
    writes: list[Call] = field(default_factory=list)  # since it went on

    def result(self) -> Any:
        before = len(self.wire.calls)
        self.goes_on.set()
        try:
            return self.first.result(_PATIENCE)
        finally:
            self.writes += [call for call in self.wire.calls[before:] if call.writes]


@contextmanager
def held(
    platform: LivePlatform, event: dict[str, Any], call: Call, moment: str = "on_begin", **options: Any
) -> Iterator["Held"]:
    """Another thread's invocation, which waits at that call until it is asked for its result."""
    waits, goes_on = threading.Event(), threading.Event()

    def hold(each: Call) -> None:
        if each == call and not goes_on.is_set():
            waits.set()
            assert goes_on.wait(_PATIENCE)

    hooks: dict[str, Any] = {moment: hold}
    with Wire.of(platform, **hooks) as wire, ThreadPoolExecutor(1) as threads:
        first = threads.submit(platform.invoke, event, **options)
        try:
            assert waits.wait(_PATIENCE)

            yield Held(wire, goes_on, first)
        finally:
            goes_on.set()
