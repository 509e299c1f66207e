"""How a service can be told to fail."""

import random
from dataclasses import dataclass

MODES = {
    "none": "it is well",
    "errors": "a share of the payments gets status 500; health checks pass",
    "slow": "a share of the payments takes two seconds longer; health checks pass",
    "unhealthy": "health checks fail, and a share of the payments gets status 503",
}
SLOW_SECONDS = 2.0


@dataclass(frozen=True)
class Incident:
    """One of MODES, and the share of payments that it hits, from 0 to 1."""

    mode: str = "none"
    share: float = 1.0

    @property
    def healthy(self) -> bool:
        """Whether health checks pass."""
        return self.mode != "unhealthy"

    def hits(self) -> bool:
        """Draw for one payment."""
        return self.mode != "none" and random.random() < self.share  # noqa: S311 - not a secret
