"""What stands for the database clusters on this machine: servers that a companion process holds.

Amazon's RDS gives a cluster an endpoint, an administrator with the password of the request, and a certificate
of Amazon's authority. Where servers of this machine stand for the clusters, all three are theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# Identifier of a cluster, name, password, database.
Administer = Callable[[str, str, str, str], None]


@dataclass
class Databases:
    """`endpoints`: identifier of a cluster → host of its server; `authority`: file of who signs for them."""

    endpoints: dict[str, str] = field(default_factory=dict)
    authority: Path | None = None
    administer: Administer | None = None

    def authorities(self) -> str:
        """PEM of the authority; empty where no server runs."""
        if self.authority is None or not self.authority.exists():
            return ""
        return self.authority.read_text(encoding="utf-8")


databases = Databases()
