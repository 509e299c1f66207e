"""Health checks: each target is asked at its group's interval, however long answers take.

Source: Elastic Load Balancing user guide, "Health checks for Application Load Balancer target groups".
"""

import asyncio

import aiohttp

from embedded_aws.load_balancer.configuration import Check, TargetKey
from embedded_aws.load_balancer.targets import State, Target, Targets

USER_AGENT = "ELB-HealthChecker/2.0"
NO_CHECK = ("unavailable", "Target.HealthCheckDisabled", "Health checks are not enabled")
TRAFFIC_PORT = "traffic-port"


class Checks:
    """Follows the registered targets with one task each."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._tasks: dict[TargetKey, asyncio.Task[None]] = {}
        # A connection of its own for every check, and nobody's certificate is verified: as the real one does.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=False, force_close=True, limit=0),
            headers={"User-Agent": USER_AGENT},
        )

    def update(self) -> None:
        """Begin with targets that are new, stop with those that are gone."""
        for key in self._tasks.keys() - self._targets.all.keys():
            self._tasks.pop(key).cancel()
        for key in self._targets.all.keys() - self._tasks.keys():
            self._tasks[key] = asyncio.create_task(self._keep_checking(self._targets.all[key]))

    async def _keep_checking(self, target: Target) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            check = self._targets.groups[target.registered.group].check
            if check.enabled:
                self._targets.checked(target, await self._check(target, check))
            else:
                self._targets.unchecked(target, NO_CHECK)
            due = max(due + check.interval, loop.time())
            await asyncio.sleep(due - loop.time())

    async def _check(self, target: Target, check: Check) -> State | None:
        address = target.registered.address
        if address is None:
            return _failed("Target.FailedHealthChecks", "Health checks failed: nothing answers for it here")
        host, port = address
        if check.port != TRAFFIC_PORT and int(check.port) != target.registered.port:
            return _failed("Target.FailedHealthChecks", "Health checks failed: only the traffic port is here")
        url = f"{check.protocol.lower()}://{host}:{port}{check.path}"
        try:
            async with (
                asyncio.timeout(check.timeout),
                self._session.get(url, allow_redirects=False) as answer,
            ):
                status = answer.status
        except TimeoutError:
            return _failed("Target.Timeout", "Request timed out")
        except (aiohttp.ClientError, OSError):
            return _failed("Target.FailedHealthChecks", "Health checks failed")
        if matches(check.matcher, status):
            return None
        return _failed("Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status}]")


def matches(matcher: str, status: int) -> bool:
    """Whether a status is among those of a matcher such as `200`, `200,202` or `200-299`."""
    ranges = (part.strip().partition("-") for part in matcher.split(","))
    return any(int(first) <= status <= int(last or first) for first, _, last in ranges)


def _failed(reason: str, description: str) -> State:
    return "unhealthy", reason, description
