"""What the load balancer has to do, as the embedded AWS tells it: listeners, rules, target groups, targets.

The shape of the JSON is `companions/snapshot.py`'s. Actions and conditions keep the names of the API
(Elastic Load Balancing API reference, 2015-12-01).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
Address = tuple[str, int]
TargetKey = tuple[str, str, int]  # ARN of the target group, id and port of the target


@dataclass(frozen=True)
class Check:
    """A target group's health check. Durations in seconds; `port` is a number or `traffic-port`."""

    enabled: bool
    protocol: str
    port: str
    path: str
    matcher: str
    interval: float
    timeout: float
    healthy: int
    unhealthy: int


@dataclass(frozen=True)
class Registered:
    """A registered target. `address`: where it is on this machine, None where nothing stands for it.

    `forced`: the state of health that somebody gave it by hand.
    """

    group: str
    id: str
    port: int
    address: Address | None
    forced: str | None

    @property
    def key(self) -> TargetKey:
        """What tells it from all others."""
        return self.group, self.id, self.port


@dataclass(frozen=True)
class Group:
    """A target group. `suffix`: its name in metrics; `delay`: seconds that a deregistered target has left."""

    arn: str
    suffix: str
    protocol: str
    algorithm: str
    delay: float
    check: Check
    targets: tuple[Registered, ...]


@dataclass(frozen=True)
class Rule:
    """Conditions that all must hold, and what is done then; the default rule has none and comes last."""

    conditions: tuple[Json, ...]
    action: Json


@dataclass(frozen=True)
class Listener:
    """A listener. `balancer`: the load balancer's name in metrics; `idle`: seconds without a byte."""

    arn: str
    balancer: str
    idle: float
    port: int
    protocol: str
    certificate: tuple[str, str] | None
    rules: tuple[Rule, ...]
    local_port: int


@dataclass(frozen=True)
class Configuration:
    """All of it. `version` grows with every change."""

    version: int
    listeners: tuple[Listener, ...]
    groups: Mapping[str, Group]


def parse(document: Json) -> Configuration:
    """Read what the embedded AWS told."""
    return Configuration(
        version=document["version"],
        listeners=tuple(_listener(item) for item in document["listeners"]),
        groups={item["arn"]: _group(item) for item in document["groups"]},
    )


def _listener(item: Json) -> Listener:
    rules = tuple(Rule(tuple(rule["conditions"]), rule["action"]) for rule in item["rules"])
    certificate = (item["certificate"][0], item["certificate"][1]) if item["certificate"] else None
    return Listener(**{**item, "rules": rules, "certificate": certificate})


def _group(item: Json) -> Group:
    targets = tuple(
        Registered(
            group=item["arn"],
            id=target["id"],
            port=target["port"],
            address=(target["address"][0], target["address"][1]) if target["address"] else None,
            forced=target["forced"],
        )
        for target in item["targets"]
    )
    return Group(**{**item, "check": Check(**item["check"]), "targets": targets})
