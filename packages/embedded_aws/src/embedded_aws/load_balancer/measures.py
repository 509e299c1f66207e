"""What the load balancer counts, and the CloudWatch metrics that it makes of a minute.

Source: Elastic Load Balancing user guide, "CloudWatch metrics for your Application Load Balancer". Like the
real one it publishes a metric of requests only for minutes that had some.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

# LoadBalancer and TargetGroup, as the dimensions name them; the group is empty for the load balancer's own.
Source = tuple[str, str]
SIGNIFICANT_DIGITS = 2


@dataclass
class Tally:
    """One minute of one source. `times`: response times in seconds, rounded, and how many had each."""

    counts: Counter[str] = field(default_factory=Counter)
    times: Counter[float] = field(default_factory=Counter)
    hosts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


class Measures:
    """Counts until `take` is called."""

    def __init__(self) -> None:
        self._tallies: dict[Source, Tally] = defaultdict(Tally)

    def chosen(self, balancer: str, group: str) -> None:
        """A target was chosen for a request: only then it counts as one."""
        self._count(balancer, group, "RequestCount")

    def answered(self, balancer: str, group: str, status: int, seconds: float) -> None:
        """A target answered, after `seconds`."""
        self._count(balancer, group, f"HTTPCode_Target_{status // 100}XX_Count")
        for source in _sources(balancer, group):
            self._tallies[source].times[_rounded(seconds)] += 1

    def unreachable(self, balancer: str, group: str) -> None:
        """No connection to a target came about."""
        self._count(balancer, group, "TargetConnectionErrorCount")

    def own(self, balancer: str, status: int) -> None:
        """The load balancer answered by itself. Of its successes AWS keeps no count."""
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return
        names = [f"HTTPCode_ELB_{status // 100}XX_Count"]
        if status in (502, 503, 504):
            names.append(f"HTTPCode_ELB_{status}_Count")
        self._tallies[balancer, ""].counts.update(names)

    def hosts(self, balancer: str, group: str, healthy: int, unhealthy: int) -> None:
        """How a target group's targets are at this moment."""
        hosts = self._tallies[balancer, group].hosts
        hosts["HealthyHostCount"].append(healthy)
        hosts["UnHealthyHostCount"].append(unhealthy)

    def take(self, minute: int) -> list[dict[str, Any]]:
        """Everything counted, as PutMetricData takes it, for the minute that began at that time."""
        tallies, self._tallies = self._tallies, defaultdict(Tally)
        return [
            {"Dimensions": _dimensions(source), "Timestamp": minute, **datum}
            for source, tally in tallies.items()
            for datum in _data(tally)
        ]

    def _count(self, balancer: str, group: str, name: str) -> None:
        for source in _sources(balancer, group):
            self._tallies[source].counts[name] += 1


def _sources(balancer: str, group: str) -> tuple[Source, Source]:
    return (balancer, group), (balancer, "")


def _dimensions(source: Source) -> list[dict[str, str]]:
    named = zip(("LoadBalancer", "TargetGroup"), source, strict=True)
    return [{"Name": name, "Value": value} for name, value in named if value]


def _data(tally: Tally) -> Iterator[dict[str, Any]]:
    for name, count in tally.counts.items():
        yield {"MetricName": name, "Unit": "Count", "Value": count}
    if tally.times:
        values, counts = zip(*sorted(tally.times.items()), strict=True)
        yield {"MetricName": "TargetResponseTime", "Unit": "Seconds", "Values": values, "Counts": counts}
    for name, seen in tally.hosts.items():
        statistics = {"SampleCount": len(seen), "Sum": sum(seen), "Minimum": min(seen), "Maximum": max(seen)}
        yield {"MetricName": name, "Unit": "Count", "StatisticValues": statistics}


def _rounded(seconds: float) -> float:
    """To two significant digits, at least a millisecond's tenth: enough for percentiles, and few values."""
    if seconds <= 0:
        return 0.0
    digits = SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(seconds))
    return round(seconds, min(digits, 4))
