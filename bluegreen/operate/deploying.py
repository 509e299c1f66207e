"""Looks at a deployment of a version again and again until it has ended. It only reads, by the alias that
deploys: a pipeline needs no other permission.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bluegreen.operate.client import SwitchError, SwitchFunction
from bluegreen.operate.shifting.follow import PATIENCE

Look = Mapping[str, Any]


def watch(
    switch: SwitchFunction, name: str, *, interval: float, pause: Callable[[float], None] = time.sleep
) -> Iterator[Look]:
    """What the action `deployment` answers, `interval` seconds apart, the last one of the end. Raises the
    SwitchError of the last look when PATIENCE of them failed in a row.
    """
    failures = 0
    while True:
        try:
            seen = switch.invoke({"action": "deployment", "workflow": name})
        except SwitchError:
            failures += 1
            if failures == PATIENCE:
                raise
        else:
            failures = 0
            yield seen
            if seen["outcome"] or seen["workflow"] is None:
                return
        pause(interval)
