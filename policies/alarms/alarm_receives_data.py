"""An alarm looks where AWS publishes data."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._alarms import Metric, attribute, metrics, names_resource
from policies._policy import ResourcePolicy
from policies._published import DIMENSIONS, dimension_sets
from policies._ringing import exists


class AlarmReceivesData(ResourcePolicy):
    policy = "CKV_BG_206"
    title = "Each alarm has dimensions that AWS publishes its metric under, naming resources of the stack"
    requirement = "R05"
    pci = "10.7.2"
    severity = "HIGH"
    why = "Under any other dimensions the metric never has data, so the alarm never rings"
    fix = "set dimensions to those that AWS publishes the metric under, each to the attribute that it takes"
    types = ("aws_cloudwatch_metric_alarm",)

    def defects(self, resource: Block) -> Iterator[str]:
        for metric in metrics(resource):
            yield from _without_data(metric)


def _without_data(metric: Metric) -> Iterator[str]:
    if not exists(metric):
        where = metric.namespace or "no namespace"
        yield f"looks at {metric.name or 'no metric'} of {where}, which AWS doesn't publish"
        return
    if metric.dimensions.get("Role") not in (None, "WRITER", "READER"):
        yield f"has {metric.dimensions['Role']} as Role of {metric.name}, which is WRITER or READER"
    sets = dimension_sets(metric.namespace, metric.name)
    if sets is not None and frozenset(metric.dimensions) not in sets:
        has = ", ".join(sorted(metric.dimensions)) or "no dimensions"
        could = " or ".join(sorted(" and ".join(sorted(names)) for names in sets))
        yield f"has {has} on {metric.name}, which AWS publishes under {could}"
        return
    for name, value in metric.dimensions.items():
        if name in DIMENSIONS and (wrong := _wrong(metric.alarm, name, str(value or ""))):
            yield f"has {wrong} as {name} of {metric.name}"


def _wrong(alarm: Block, name: str, value: str) -> str | None:
    """What is wrong with the value of a dimension."""
    dimension = DIMENSIONS[name]
    candidates = [block for block in alarm.stack.resources(*dimension.types) if names_resource(value, block)]
    for block in candidates:
        used = attribute(value, block)
        if used in dimension.attributes or (used is None and _is_value(value, block, dimension.attributes)):
            return None
    if candidates:
        return f"{value}, not the {dimension.attributes[0]} of {candidates[0].address},"
    return f"{value or 'nothing'}, which is none of this stack's,"


def _is_value(value: str, block: Block, attributes: tuple[str, ...]) -> bool:
    return any(block.get(name) == value for name in attributes) or (
        "id" in attributes and value in (block.get("name"), block.get("function_name"))
    )


check = AlarmReceivesData()
