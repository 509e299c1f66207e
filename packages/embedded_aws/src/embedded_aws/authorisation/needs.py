"""What has been allowed: who needed which action on what. `Authority.recheck` decides it anew."""

import threading
from collections import OrderedDict
from typing import NamedTuple

from embedded_aws.authorisation.checks import Check

KEPT = 10_000


class Need(NamedTuple):
    """A check that was allowed, and the call that it was for."""

    check: Check
    operation: str


class Needs:
    """The last KEPT different ones: of equal caller, action and resource, the last. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], Need] = OrderedDict()

    def add(self, check: Check, operation: str) -> None:
        """Keep one."""
        with self._lock:
            self._kept[check.caller.arn, check.action, check.resource] = Need(check, operation)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def listed(self) -> list[Need]:
        """The oldest first."""
        with self._lock:
            return list(self._kept.values())

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._kept.clear()
