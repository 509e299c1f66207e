"""An apply does not rewrite what the switch recorded."""

import re
from collections.abc import Iterator

from stack_gate.stack import COLOURS, LISTENERS, TARGET_GROUPS, Block, Traffic, listed

from policies._colours import Colours
from policies._policy import ResourcePolicy
from policies._record import VALUES, Records
from policies._switch import Switches, environment


class RecordBelongsToTheSwitch(ResourcePolicy):
    policy = "CKV_BG_9"
    title = "Terraform ignores changes of the parameters that the switch writes, and begins with what is true"
    requirement = "R07"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = "The next apply records the colour that the code names, while traffic stays on the other one"
    fix = 'set lifecycle.ignore_changes = ["insecure_value"] (or ["value"], where that is the argument)'
    types = ("aws_ssm_parameter",)

    def defects(self, resource: Block) -> Iterator[str]:
        ignored = [str(path) for path in listed(resource.get("lifecycle.ignore_changes"))]
        used = [argument for argument in VALUES if resource.get(argument) is not None]
        if (
            resource in resource.stack.derived(Records).all
            and "all" not in ignored
            and not set(used) <= set(ignored)
        ):
            yield "is written by the switch, and by every apply"
        if resource in resource.stack.derived(Records).active_colour:
            values = [str(resource.get(argument)) for argument in used]
            yield from (
                f"begins with {value}, which is no colour" for value in values if value not in COLOURS
            )
            for value in values:
                yield from _untrue(resource, value)
        pattern = str(resource.get("allowed_pattern") or "")
        if pattern and resource in resource.stack.derived(Records).active_colour and not _lets(pattern):
            yield f"refuses a colour by its allowed_pattern {pattern}"


def _untrue(record: Block, colour: str) -> Iterator[str]:
    """The listener that the switch moves begins with all weight on the colour that the record begins with."""
    stack = record.stack
    told = [environment(function).get("LISTENER_ARN") for function in stack.derived(Switches).known]
    listeners = stack.referred(told, *LISTENERS)
    for forward in stack.derived(Traffic).weighted:
        if forward.owner not in listeners or colour not in COLOURS:
            continue
        for entry, weight in zip(forward.entries, forward.weights, strict=True):
            for group in stack.referred(entry.get("arn"), *TARGET_GROUPS):
                theirs = stack.derived(Colours).of(group)
                if theirs in COLOURS and theirs != colour and weight:
                    yield f"begins with {colour}, and {forward.owner.address} with {weight:g} on {theirs}"


def _lets(pattern: str) -> bool:
    try:
        return all(re.search(pattern, colour) for colour in COLOURS)
    except re.error:
        return False


check = RecordBelongsToTheSwitch()
