"""What watches a colour looks at that colour; what it watches of one resource it watches of its equals."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, Stack, strings

from policies._alarms import Alarms, metrics
from policies._colours import Colours
from policies._policy import StackPolicy

ALARM, RULE, TARGET, FILTER = (
    "aws_cloudwatch_metric_alarm", "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target",
    "aws_cloudwatch_log_metric_filter",
)  # fmt: skip
# Where a resource of each type stands in what watches it.
_WATCHED = (
    "aws_dynamodb_table", "aws_ecs_cluster", "aws_ecs_service", "aws_lb_target_group", "aws_nat_gateway",
    "aws_rds_cluster", "aws_secretsmanager_secret", "aws_sqs_queue",
)  # fmt: skip


class WatchingIsOfItsColour(StackPolicy):
    policy = "CKV2_BG_448"
    title = (
        "Each alarm, event rule and log filter of a colour watches that colour, and each colour's is watched"
    )
    requirement = "R05"
    pci = "10.7.2"
    severity = "HIGH"
    why = "The failing colour stays silent, and the healthy one is blamed"
    fix = "name the resource of the same colour; give each resource of a kind the alarm that its equals have"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        colours = stack.derived(Colours)
        for block in stack.resources(ALARM, RULE, TARGET, FILTER):
            own, seen = colours.of(block), set()
            for name, value in _watched(block):
                told = {c for found in stack.referred(value) if (c := colours.of(found)) is not None}
                seen |= told
                if own and told - {own}:
                    yield block, f"is {own}, and has {name} of {min(told - {own})}"
            if own and not seen and block.type in (ALARM, RULE) and not block.get("schedule_expression"):
                yield block, f"is {own}, and watches nothing of {own}"
        yield from _unwatched(stack, colours)

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.resources(ALARM, RULE, TARGET, FILTER):
            for name, value in _watched(block):
                for text in strings(value):
                    if "${data." in text.replace("${data.aws_caller_identity.", "").replace(
                        "${data.aws_region.", ""
                    ):
                        yield block, f"has {name} = {text}, which only an apply tells"


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


def _unwatched(stack: Stack, colours: Colours) -> Iterator[tuple[Block, str]]:
    """Metrics that are watched of one resource of a type, and not of another; of coloured ones, of the other
    colour's counterpart.
    """
    watched: dict[tuple[str, str, str, str], dict[str, Block]] = defaultdict(dict)
    for metric in stack.derived(Alarms).metrics:
        for dimension, value in metric.dimensions.items():
            for block in stack.referred(value, *_WATCHED):
                watched[metric.namespace, metric.name, dimension, block.type][block.key] = block
    for (_, name, _, type_), blocks in watched.items():
        there, told = stack.resources(type_), {colours.of(block) for block in blocks.values()}
        if len(blocks) * 2 < len(there):  # some are of another kind; a colour's counterpart is not
            there = [
                b for b in there if len(told) == 1 and None not in told and colours.of(b) not in (None, *told)
            ]
        for block in there:
            if block.key not in blocks:
                yield block, f"has no alarm on {name}, which {next(iter(blocks))} has"


check = WatchingIsOfItsColour()
