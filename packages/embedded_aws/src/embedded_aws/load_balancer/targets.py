"""The targets as they are now: their health, their requests in flight, and which of them is next.

Source: Elastic Load Balancing user guide, "Target groups for your Application Load Balancers".
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from embedded_aws.load_balancer.configuration import Configuration, Group, Registered, TargetKey

# As the real one's, except that there is no registration in progress: it takes no time here.
INITIAL = ("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
DRAINING = ("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
HEALTHY = ("healthy", None, None)
WELL = frozenset({"healthy", "unavailable"})  # unavailable: health checks are off
OUT_OF_USE = frozenset({"unused", "draining"})
DRAIN_POLL_SECONDS = 0.05

State = tuple[str, str | None, str | None]  # state, reason code and description of AWS


@dataclass(eq=False)
class Target:
    """A target, from its registration until the last request is off it."""

    registered: Registered
    checked: State = INITIAL
    successes: int = 0
    failures: int = 0
    requests: set[asyncio.Timeout] = field(default_factory=set)

    @property
    def state(self) -> str:
        """What routing goes by: what somebody forced, else what the checks found."""
        return self.registered.forced or self.checked[0]

    @contextmanager
    def serving(self, scope: asyncio.Timeout) -> Iterator[None]:
        """Around a request; `scope` is the timeout that a deregistered target's time ends by."""
        self.requests.add(scope)
        try:
            yield
        finally:
            self.requests.discard(scope)


class Targets:
    """All targets of all groups. `on_change`: called after the health of any may have changed."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._turns: dict[str, Iterator[int]] = {}
        self._draining: set[Target] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.groups: dict[str, Group] = {}
        self.all: dict[TargetKey, Target] = {}

    def update(self, configuration: Configuration) -> None:
        """Take over what is registered now. What no longer is drains."""
        registered = {
            target.key: target for group in configuration.groups.values() for target in group.targets
        }
        for key in self.all.keys() - registered.keys():
            # A delay that was changed just before came with this configuration.
            group = configuration.groups.get(key[0], self.groups[key[0]])
            self._deregister(self.all.pop(key), group.delay)
        for key, target in registered.items():
            self.all.setdefault(key, Target(target)).registered = target
        self.groups = dict(configuration.groups)
        self._on_change()

    def next_of(self, arn: str) -> Target | None:
        """The target that gets the next request to a group; None where there is none to choose from.

        If none is well, the load balancer fails open, like the real one: all of them get requests.
        """
        group = self.groups.get(arn)
        if group is None:
            return None
        usable = [target for target in self._of(group) if target.state not in OUT_OF_USE]
        well = [target for target in usable if target.state in WELL] or usable
        if not well:
            return None
        if group.algorithm == "least_outstanding_requests":
            return min(well, key=lambda target: len(target.requests))
        return well[next(self._turns.setdefault(arn, itertools.count())) % len(well)]

    def checked(self, target: Target, failure: State | None) -> None:
        """Take one result of a health check: None is a success, else the state that such failures lead to."""
        check, before = self.groups[target.registered.group].check, target.checked
        if failure is None:
            target.successes, target.failures = target.successes + 1, 0
            if before == INITIAL or target.successes >= check.healthy:
                target.checked = HEALTHY
        else:
            target.successes, target.failures = 0, target.failures + 1
            if target.failures >= check.unhealthy:
                target.checked = failure
        if target.checked != before:
            self._on_change()

    def unchecked(self, target: Target, state: State) -> None:
        """Health checks are off: say so."""
        if target.checked != state:
            target.checked = state
            self._on_change()

    def report(self) -> list[dict[str, Any]]:
        """Health of every target, also of those that are deregistered and have requests in flight."""
        states = [(target, target.checked) for target in self.all.values()]
        states += [(target, DRAINING) for target in self._draining]
        return [
            {"group": t.registered.group, "id": t.registered.id, "port": t.registered.port, "state": state}
            for t, state in states
        ]

    def count(self, arn: str) -> tuple[int, int]:
        """How many targets of a group are healthy, and how many unhealthy."""
        states = [target.state for target in self._of(self.groups[arn])]
        return states.count("healthy"), states.count("unhealthy")

    def _of(self, group: Group) -> list[Target]:
        return [self.all[target.key] for target in group.targets]

    def _deregister(self, target: Target, delay: float) -> None:
        self._draining.add(target)  # before anybody is told
        task = asyncio.get_running_loop().create_task(self._drain(target, delay))
        self._tasks.add(task)  # the loop itself holds no strong reference
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, target: Target, delay: float) -> None:
        """Let its requests finish; cut those that outlast the deregistration delay."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + delay
        while target.requests and loop.time() < deadline:
            await asyncio.sleep(DRAIN_POLL_SECONDS)
        for scope in target.requests:
            scope.reschedule(loop.time())
        self._draining.discard(target)
        self._on_change()
