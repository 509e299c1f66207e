"""What the database does not know yet is tried again for some seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

# A reader of Aurora learns of a new user within milliseconds, rarely seconds; an administrator's rotation
# takes as long from the change of its password to the new AWSCURRENT.
ATTEMPTS, PAUSE_SECONDS = 8, 1.0


def patiently(
    work: Callable[[], object],
    *expected: type[Exception],
    attempts: int = ATTEMPTS,
    pause_seconds: float | None = None,
) -> None:
    """Do it until it raises nothing of what is expected, up to so many times. The last error is raised."""
    for left in reversed(range(attempts)):
        try:
            work()
        except expected:
            if not left:
                raise
            time.sleep(PAUSE_SECONDS if pause_seconds is None else pause_seconds)
        else:
            return
