"""Connections that did not pass: for the log, and for `denials` beside them."""

import logging
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refusal:
    """`at`: epoch seconds; `by`: what refused it, `destination`: as the client named it, with its port."""

    at: float
    service: str
    destination: str
    by: str
    reason: str


class Refusals:
    """The last KEPT ones. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Refusal] = deque(maxlen=KEPT)

    def add(self, service: str, destination: str, by: str, reason: str) -> None:
        """Keep one, and log it."""
        log.warning("egress of %s to %s: %s: %s", service, destination, by, reason)
        with self._lock:
            self._kept.append(Refusal(time.time(), service, destination, by, reason))

    def listed(self) -> list[dict[str, Any]]:
        """The oldest first."""
        with self._lock:
            return [asdict(one) for one in self._kept]

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._kept.clear()
