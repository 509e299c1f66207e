"""How a busy, distributed AWS behaves: it throttles, and writes take a moment to be seen everywhere.

Off until a seed is set: a laptop's platform comes up faster without. With a seed the same delays come in the
same order. Each is bounded, so a client that repeats its request for LONGEST_SECONDS gets through.

IAM user guide, "Changes that I make are not always immediately visible"; Lambda developer guide, "Lambda
function states". How long it takes is nowhere said.
"""

import random
import threading
import time
from collections.abc import Callable

LONGEST_SECONDS = 1.0


class Conditions:
    """Of one server. Thread-safe. `seed` None: off."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.seed: int | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}
        self._counted: dict[str, int] = {}

    def set(self, seed: int | None) -> None:
        """From now on; what was written before is visible at once."""
        with self._lock:
            self.seed = seed
            self._seen.clear()
            self._counted.clear()

    def wrote(self, what: str) -> None:
        """A write of this, such as `role:NAME`: it becomes visible after a while."""
        delay = self.chance(f"delay {what}") * LONGEST_SECONDS
        with self._lock:
            if self.seed is not None:
                self._seen[what] = self._clock() + delay

    def visible(self, what: str) -> bool:
        """Whether the last write of it is."""
        with self._lock:
            return self._clock() >= self._seen.get(what, 0)

    def chance(self, what: str) -> float:
        """From 0 to 1, by the seed and how often this was asked of the same. 0 while they are off."""
        with self._lock:
            if self.seed is None:
                return 0
            count = self._counted[what] = self._counted.get(what, 0) + 1
            return random.Random(f"{self.seed} {what} {count}").random()  # noqa: S311 - no secret


conditions = Conditions()  # of this process: moto's backends are, too
