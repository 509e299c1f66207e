"""What has been allowed: who needed which action on what. `Authority.recheck` decides it anew."""

import threading
from collections import OrderedDict
from typing import Any, NamedTuple

from embedded_aws.authorisation.checks import Check

KEPT = 10_000
TAGS = ("aws:RequestTag/", "aws:ResourceTag/")


def _stays(name: str) -> bool:
    return name.startswith(("iam:", "kms:", "ec2:", "ecs:", "elasticloadbalancing:", "aws:Source", *TAGS))


def _told(name: str) -> bool:
    """Of the caller, the time and the place nothing is told: they are those of the recording."""
    return not name.startswith("aws:") or name.startswith(
        ("aws:RequestTag/", "aws:ResourceTag/", "aws:TagKeys")
    )


class Need(NamedTuple):
    """A check that was allowed, and the call that it was for."""

    check: Check
    operation: str


class Needs:
    """The last KEPT different ones; what changes with each request, such as the time, is no difference."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Any, ...], Need] = OrderedDict()

    def add(self, check: Check, operation: str) -> None:
        """Keep one."""
        keys = tuple(sorted((name, str(value)) for name, value in check.context.items() if _stays(name)))
        with self._lock:
            self._kept[check.caller.arn, check.action, check.resource, keys] = Need(check, operation)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def listed(self) -> list[Need]:
        """The oldest first."""
        with self._lock:
            return list(self._kept.values())

    def described(self) -> list[dict[str, Any]]:
        """The same, for other processes; `context` without what changes with each request."""
        return [
            {
                "caller": need.check.caller.arn,
                "action": need.check.action,
                "resource": need.check.resource,
                "operation": need.operation,
                "context": {name: value for name, value in need.check.context.items() if _told(name)},
            }
            for need in self.listed()
        ]

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._kept.clear()
