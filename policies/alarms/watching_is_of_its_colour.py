"""What watches a colour looks at that colour, and no two alarms look at the same."""

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from stack_gate.stack import COLOURS, Block, Stack, strings

from policies._alarms import Alarms, Metric, metrics
from policies._colours import Colours
from policies._policy import StackPolicy
from policies._shared import SharedCluster
from policies.alarms._filters import unpublished

ALARM, RULE, TARGET, FILTER = (
    "aws_cloudwatch_metric_alarm", "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target",
    "aws_cloudwatch_log_metric_filter",
)  # fmt: skip
COMPOSITE = "aws_cloudwatch_composite_alarm"
_LOOK = (
    "comparison_operator", "dimensions", "evaluation_periods", "metric_name", "metric_query", "namespace",
    "period", "statistic", "threshold",
)  # fmt: skip


class WatchingIsOfItsColour(StackPolicy):
    policy = "CKV2_BG_448"
    title = (
        "Each alarm, event rule and log filter of a colour watches that colour; no two alarms watch the same"
    )
    requirement = "R05"
    pci = "10.7.2"
    severity = "HIGH"
    yields = True
    why = "The failing colour stays silent, and the healthy one is blamed"
    fix = "name the resource of the same colour, and in each alarm the one that it is for"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        colours, shared = stack.derived(Colours), stack.derived(SharedCluster)
        for block in stack.resources(ALARM, RULE, TARGET, FILTER):
            own, seen, of_both = colours.of(block), set(), False
            for name, value in _watched(block):
                of_both |= any(shared.has(found) for found in stack.referred(value))
                told = {c for found in stack.referred(value) if (c := colours.of(found)) is not None}
                seen |= told
                if own and told - {own}:
                    yield block, f"is {own}, and has {name} of {min(told - {own})}"
            idle = own and not seen and not of_both
            if idle and (
                (block.type == RULE and not block.get("schedule_expression"))
                or (block.type == ALARM and _is_of_another(block, stack, colours))
            ):
                yield block, f"is {own}, and watches nothing of {own}"
        yield from _twice(stack)
        yield from _named_alike(stack)
        yield from _unwatched(stack, colours)
        yield from unpublished(stack)

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.resources(ALARM, RULE, TARGET, FILTER):
            for name, value in _watched(block):
                for text in strings(value):
                    if "${data." in text.replace("${data.aws_caller_identity.", "").replace(
                        "${data.aws_region.", ""
                    ):
                        yield block, f"has {name} = {text}, which only an apply tells"


def _is_of_another(alarm: Block, stack: Stack, colours: Colours) -> bool:
    """Whether it looks at a resource of no colour, where one of that type is of the alarm's own."""
    types = {found.type for found in stack.referred([value for _, value in _watched(alarm)])}
    own = colours.of(alarm)
    return bool(types) and any(colours.of(found) == own for found in stack.resources(*types))


def _watched(block: Block) -> Iterator[tuple[str, Any]]:
    if block.type == ALARM:
        for metric in metrics(block):
            yield "dimensions", metric.dimensions
    elif block.type == RULE:
        yield "event_pattern", _decoded(block.get("event_pattern"))
    elif block.type == TARGET:
        for name in ("arn", "input", "rule"):
            yield name, _decoded(block.get(name))
    else:
        yield "log_group_name", block.get("log_group_name")


def _decoded(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) and value.startswith("{") else value
    except ValueError:
        return value


def _twice(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Alarms that look at the same in the same way: one of them was meant for another resource."""
    seen: dict[str, Block] = {}
    for alarm in stack.resources(ALARM):
        looks = json.dumps({name: alarm.get(name) for name in _LOOK}, sort_keys=True, default=str)
        if looks in seen:
            yield alarm, f"looks at the same as {seen[looks].address}"
            yield seen[looks], f"looks at the same as {alarm.address}"
        seen.setdefault(looks, alarm)
        found = [
            (m.namespace, m.name, json.dumps(m.dimensions, sort_keys=True), m.statistic)
            for m in metrics(alarm)
        ]
        if len(set(found)) < len(found):
            yield alarm, "looks at one metric twice"
        yield from ((alarm, what) for what in _astray(metrics(alarm)))


def _named_alike(stack: Stack) -> Iterator[tuple[Block, str]]:
    """The second one replaces the first. Source: CloudWatch API reference, PutMetricAlarm, AlarmName."""
    seen: dict[str, Block] = {}
    for alarm in stack.resources(ALARM, COMPOSITE):
        name = str(alarm.get("alarm_name"))
        for other in alarm.refers("alarm_name", ALARM, COMPOSITE) if name.startswith("${") else ():
            yield alarm, f"has the name of {other.address}"
        if alarm.get("alarm_name") and name in seen:
            yield alarm, f"has the name of {seen[name].address}"
            yield seen[name], f"has the name of {alarm.address}"
        seen.setdefault(name, alarm)


def _unwatched(stack: Stack, colours: Colours) -> Iterator[tuple[Block, str]]:
    """Resources of one colour that no alarm looks at, where each one of the other colour has that alarm."""
    looks: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    astray = set()  # another policy's finding is on these
    for metric in stack.derived(Alarms).metrics:
        if not stack.referred(list(metric.dimensions.values())):
            astray.add((metric.namespace, metric.name))
        for found in stack.referred(list(metric.dimensions.values())):
            looks[metric.namespace, metric.name, found.type].add(found.key)
    for (space, name, type_), seen in looks.items():
        if (space, name) in astray:
            continue
        of = {colour: [b for b in stack.resources(type_) if colours.of(b) == colour] for colour in COLOURS}
        for colour, other in zip(COLOURS, reversed(COLOURS), strict=True):
            left = [block for block in of[colour] if block.key not in seen]
            if left and len(of[colour]) == len(of[other]) and all(b.key in seen for b in of[other]):
                yield from ((block, f"has no alarm on {name}, which {other} has") for block in left)


def _astray(found: list[Metric]) -> Iterator[str]:
    """Looks of an alarm at one metric differ in one dimension: operations of a table, for example."""
    for one, other in combinations(found, 2):
        if (one.namespace, one.name, one.statistic) == (other.namespace, other.name, other.statistic):
            differing = [
                name
                for name in one.dimensions.keys() | other.dimensions.keys()
                if one.dimensions.get(name) != other.dimensions.get(name)
            ]
            if len(differing) > 1:
                yield f"looks at {one.name} of two resources, by {' and '.join(sorted(differing))}"
                return


check = WatchingIsOfItsColour()
