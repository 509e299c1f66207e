"""What was denied: for AWS's answer, and for `bluegreen local denials`."""

import threading
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.needs import Need
from iam_evaluation import Decision, Layer

KEPT = 1000
# What AWS calls the policies in its answers. IAM user guide, "Troubleshoot access denied error messages".
NAMES = {
    Layer.IDENTITY: "identity-based policy",
    Layer.RESOURCE: "resource-based policy",
    Layer.KEY: "resource-based policy",
    Layer.GRANT: "resource-based policy",
    Layer.TRUST: "role trust policy",
    Layer.BOUNDARY: "permissions boundary",
    Layer.SESSION: "session policy",
    Layer.ENDPOINT: "VPC endpoint policy",
    Layer.SERVICE_CONTROL: "service control policy",
    Layer.RESOURCE_CONTROL: "resource control policy",
}


@dataclass(frozen=True)
class Denial:
    """`at`: epoch seconds; `reason`: which statement denied, or what holds no Allow and came nearest."""

    at: float
    action: str
    resource: str
    caller: str
    operation: str
    reason: str


class Denials:
    """The last KEPT ones. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[tuple[Denial, Check]] = deque(maxlen=KEPT)

    def add(self, check: Check, decision: Decision, operation: str) -> Denial:
        """Keep one."""
        denial = Denial(
            time.time(), check.action, check.resource, check.caller.arn, operation, decision.explain()
        )
        with self._lock:
            self._kept.append((denial, check))
        return denial

    def listed(self) -> list[dict[str, Any]]:
        """The oldest first."""
        with self._lock:
            return [asdict(denial) for denial, _ in self._kept]

    def needs(self) -> list[Need]:
        """The oldest first, as what the callers needed."""
        with self._lock:
            return [Need(check, denial.operation) for denial, check in self._kept]

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._kept.clear()


def wording(check: Check, decision: Decision) -> str:
    """As AWS says it. IAM user guide, "Troubleshoot access denied error messages"."""
    on = "" if check.resource == "*" else f" on resource: {check.resource}"
    said = f"User: {check.caller.arn} is not authorized to perform: {check.action}{on}"
    if decision.explicit:
        layer = NAMES[decision.by[0].layer]
        return f"{said} with an explicit deny in {'an' if layer[0] in 'aeiou' else 'a'} {layer}"
    layer = decision.missing or Layer.IDENTITY
    return f"{said} because no {NAMES[layer]} allows the {check.action} action"
