"""What stands for hosts outside the VPC: ports on this machine."""

import ipaddress
import threading
from dataclasses import asdict, dataclass
from typing import Any

from embedded_aws.handle import LocalAwsError


@dataclass(frozen=True)
class StandIn:
    """`local_port` of this machine stands for `port` of `address`. `name`: what resolves to the address."""

    address: str
    port: int
    local_port: int
    name: str | None = None


class StandIns:
    """All of one embedded AWS. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[tuple[str, int], StandIn] = {}

    def add(self, address: str, port: int, local_port: int, name: str | None = None) -> None:
        """Add one, or replace the one of that address and port. Raises LocalAwsError."""
        try:
            found = str(ipaddress.IPv4Address(address))
        except ValueError:
            raise LocalAwsError(
                f"{address!r} is no IPv4 address: give one such as 203.0.113.10, which the host would have"
            ) from None
        for one in (port, local_port):
            if not 0 < one < 1 << 16:
                raise LocalAwsError(f"{one} is no port: give one from 1 to 65535")
        with self._lock:
            self._of[found, port] = StandIn(found, port, local_port, name and name.lower().rstrip("."))

    def address(self, name: str) -> str | None:
        """What a name resolves to."""
        with self._lock:
            return next((one.address for one in self._of.values() if one.name == name), None)

    def at(self, address: str, port: int) -> StandIn | None:
        """What stands for that."""
        with self._lock:
            return self._of.get((address, port))

    def listed(self) -> list[dict[str, Any]]:
        """As JSON."""
        with self._lock:
            return [asdict(one) for one in self._of.values()]
