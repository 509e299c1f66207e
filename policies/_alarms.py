"""Alarms and the metrics that they look at."""

import re
from dataclasses import dataclass
from operator import ge, gt, le, lt

from stack_gate.stack import Block, Body, Stack, lookup, objects

# Value of comparison_operator → how a value is compared with the threshold. CloudWatch API, PutMetricAlarm.
COMPARED = {
    "GreaterThanThreshold": gt, "GreaterThanOrEqualToThreshold": ge,
    "LessThanThreshold": lt, "LessThanOrEqualToThreshold": le,
}  # fmt: skip


@dataclass(frozen=True)
class Metric:
    """One metric of an alarm. `dimensions`: name → value, as configured."""

    alarm: Block
    namespace: str
    name: str
    dimensions: Body
    unit: str | None
    is_alone: bool  # the alarm's threshold is compared with it, not with an expression
    statistic: str | None


class Alarms:
    """The metric alarms of one stack."""

    def __init__(self, stack: Stack) -> None:
        alarms = stack.resources("aws_cloudwatch_metric_alarm")
        self.metrics = [metric for alarm in alarms for metric in metrics(alarm)]

    def on(self, namespace: str, name: str) -> list[Metric]:
        """Every look at a metric."""
        return [metric for metric in self.metrics if (metric.namespace, metric.name) == (namespace, name)]

    def watching(self, resource: Block, namespace: str, *names: str) -> list[Metric]:
        """Those of the looks at these metrics that name a resource in a dimension."""
        return [
            metric
            for name in names
            for metric in self.on(namespace, name)
            if any(names_resource(value, resource) for value in metric.dimensions.values())
        ]


def metrics(alarm: Block) -> list[Metric]:
    """The metrics of an alarm: its own, or those of its queries."""
    queries = [body for query in alarm.blocks("metric_query") for body in objects(query.get("metric"))]
    own = [alarm.body] if alarm.get("metric_name") else []
    return [_metric(alarm, body, is_alone=len(own + queries) == 1) for body in own + queries]


def _metric(alarm: Block, body: Body, *, is_alone: bool) -> Metric:
    dimensions = next(iter(objects(body.get("dimensions"))), {})
    unit = body.get("unit")
    name, namespace = str(body.get("metric_name") or ""), str(body.get("namespace") or "")
    statistic = body.get("stat") or body.get("statistic") or body.get("extended_statistic")
    return Metric(
        alarm,
        namespace,
        name,
        dimensions,
        str(unit) if unit else None,
        is_alone,
        str(statistic or "") or None,
    )


def names_resource(value: object, resource: Block) -> bool:
    """Whether a dimension's value refers to a resource, or is its identifier as written or planned."""
    return resource in resource.stack.referred(value, resource.type) or (
        bool(value) and value in (resource.get("arn_suffix"), resource.get("id"))
    )


def attribute(value: str, resource: Block) -> str | None:
    """Which attribute of the resource an expression takes; None where it is no expression on it."""
    match = re.search(re.escape(resource.address) + r"(?:\[[^]]*\])?\.(\w+)", value)
    return match[1] if match else None


def target_groups(metric: Metric, *types: str) -> list[Block]:
    """The target groups that a metric is limited to; none where it is the whole load balancer's."""
    return metric.alarm.stack.referred(lookup(metric.dimensions, "TargetGroup"), *types)
