"""Reads alarms and their metrics from a synthesized stack."""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from lambda_src.contract.actions import Action
from lambda_src.contract.gates import PREFLIGHT, Gate
from lambda_src.contract.values import Colour
from tests.modules.published_metrics import DIMENSION_VALUES, OPERATIONS, PUBLISHED, ROLES
from tests.stack_reader import REFERENCE, Resource, Stack

THRESHOLD = re.compile(r" Threshold: (above|below) (\S+) (\S+), (\d+) of (\d+) periods of (\d+) s\.$")


@dataclass(frozen=True)
class Measured:
    """One metric as an alarm or a widget asks for it; values of dimensions may be references."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]

    @property
    def unit(self) -> str:
        """The unit in which AWS publishes it."""
        return PUBLISHED[self.namespace][self.name].unit


def alarms(stack: Stack) -> dict[str, Resource]:
    """Every metric alarm by its name below the deployment's, such as `blue-response-time`."""
    found = {alarm["alarm_name"]: alarm for alarm in stack.all("aws_cloudwatch_metric_alarm")}
    return {name.split("-", 2)[2]: alarm for name, alarm in sorted(found.items())}


def measured(alarm: Resource) -> list[Measured]:
    """What the alarm is computed from."""
    if "metric_query" not in alarm.block:
        return [Measured(alarm["namespace"], alarm["metric_name"], alarm["dimensions"])]
    metrics = [query["metric"] for query in alarm["metric_query"] if "metric" in query]
    return [Measured(metric["namespace"], metric["metric_name"], metric["dimensions"]) for metric in metrics]


def problems(metric: Measured, stack: Stack) -> Iterator[str]:
    """Why this metric would have no data."""
    published = PUBLISHED.get(metric.namespace, {}).get(metric.name)
    if published is None:
        yield f"AWS publishes no {metric.namespace} {metric.name}"
    elif frozenset(metric.dimensions) not in published.dimensions:
        yield f"{metric.name} has no data under {sorted(metric.dimensions)}"
    for dimension, value in metric.dimensions.items():
        if not _right_value(dimension, value, stack):
            yield f"{dimension} of {metric.name} is not {value}"


def _right_value(dimension: str, value: str, stack: Stack) -> bool:
    fixed: Mapping[str, Container[str]] = {
        "Action": set(Action),
        "Colour": set(Colour),
        "Gate": set(Gate) - PREFLIGHT,
        "Operation": OPERATIONS,
        "Role": ROLES,
        "Region": {provider["region"] for provider in stack.document["provider"]["aws"]},
        "Rule": {"ALL"},
    }
    if dimension in fixed:
        return value in fixed[dimension]
    if dimension == "CertificateArn":
        return value in [listener.block.get("certificate_arn") for listener in stack.all("aws_lb_listener")]
    match = REFERENCE.fullmatch(value)
    return match is not None and (match[1], match[3]) == DIMENSION_VALUES[dimension]
