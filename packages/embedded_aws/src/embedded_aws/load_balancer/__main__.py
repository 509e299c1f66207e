"""The load balancer's process, `python -m embedded_aws.load_balancer`: the embedded AWS starts it.

It is told configurations (`configuration.py`), and tells, one key a message:

- `applied`: the version that it goes by from now on, with `ports`: the local port of each listener's ARN
- `health`: of all targets, whenever one's has changed
- `metrics`: once a minute, as PutMetricData takes them
"""

import asyncio
import functools
import time

from embedded_aws.companions.channel import Channel
from embedded_aws.load_balancer.checks import Checks
from embedded_aws.load_balancer.configuration import Configuration, Listener, parse
from embedded_aws.load_balancer.entrance import Entrance
from embedded_aws.load_balancer.forwarding import Forwarder
from embedded_aws.load_balancer.measures import Measures
from embedded_aws.load_balancer.targets import Targets

MINUTE = 60
SAMPLE_SECONDS = 5


class LoadBalancer:
    """All load balancers of the embedded AWS. Made inside of a running event loop."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._measures = Measures()
        self._targets = Targets(lambda: channel.tell({"health": self._targets.report()}))
        self._checks = Checks(self._targets)
        self._forwarder = Forwarder(self._measures)
        self._entrances: dict[str, Entrance] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._configuration = Configuration(0, (), {})

    async def apply(self, configuration: Configuration) -> None:
        """Go by this configuration. Requests that are in flight finish by the one they began with."""
        self._configuration = configuration
        self._targets.update(configuration)
        self._checks.update()
        listeners = {listener.arn: listener for listener in configuration.listeners}
        for arn in self._entrances.keys() - listeners.keys():
            self._close(self._entrances.pop(arn))
        for arn, listener in listeners.items():
            if arn in self._entrances:
                self._entrances[arn].update(listener)
            else:
                self._entrances[arn] = await self._open(listener)
        ports = {arn: entrance.port for arn, entrance in self._entrances.items()}
        self._channel.tell({"applied": configuration.version, "ports": ports})

    async def measure(self) -> None:
        """Publish each minute when it is over."""
        minute = int(time.time()) // MINUTE
        while True:
            for balancer, arn in self._watched():
                group = self._configuration.groups[arn]
                self._measures.hosts(balancer, group.suffix, *self._targets.count(arn))
            await asyncio.sleep(SAMPLE_SECONDS - time.time() % SAMPLE_SECONDS)
            if (now := int(time.time()) // MINUTE) != minute:
                self._channel.tell({"metrics": self._measures.take(minute * MINUTE)})
                minute = now

    async def _open(self, listener: Listener) -> Entrance:
        entrance = Entrance(
            listener,
            targets=self._targets,
            forwarder=self._forwarder,
            measures=self._measures,
            ports=functools.partial(self._local_ports, listener.balancer),
        )
        await entrance.open()
        return entrance

    def _local_ports(self, balancer: str) -> dict[int, int]:
        """Local ports by the ports that they stand for."""
        return {
            listener.port: self._entrances[listener.arn].port
            for listener in self._configuration.listeners
            if listener.balancer == balancer
        }

    def _close(self, entrance: Entrance) -> None:
        """Beside everything else: it waits for requests in flight."""
        task = asyncio.create_task(entrance.close())
        self._closing.add(task)  # the loop itself holds no strong reference
        task.add_done_callback(self._closing.discard)

    def _watched(self) -> set[tuple[str, str]]:
        """Which load balancer has which target groups in its rules."""
        return {
            (listener.balancer, group["TargetGroupArn"])
            for listener in self._configuration.listeners
            for rule in listener.rules
            if rule.action["Type"] == "forward"
            for group in rule.action.get("ForwardConfig", {}).get("TargetGroups", [rule.action])
            if group["TargetGroupArn"] in self._configuration.groups
        }


async def main() -> None:
    """Serve until the embedded AWS ends."""
    channel = Channel()
    load_balancer = LoadBalancer(channel)
    measuring = asyncio.create_task(load_balancer.measure())
    async for message in channel.messages():
        await load_balancer.apply(parse(message))
    measuring.cancel()


if __name__ == "__main__":
    asyncio.run(main())
