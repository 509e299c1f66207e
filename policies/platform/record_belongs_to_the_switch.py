"""An apply does not rewrite what the switch recorded."""

import re
from collections.abc import Iterator

from stack_gate.stack import COLOURS, Block, listed

from policies._policy import ResourcePolicy
from policies._record import VALUES, Records


class RecordBelongsToTheSwitch(ResourcePolicy):
    policy = "CKV_BG_9"
    title = "Terraform ignores changes of the parameters that the switch writes"
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
        pattern = str(resource.get("allowed_pattern") or "")
        if pattern and resource in resource.stack.derived(Records).active_colour and not _lets(pattern):
            yield f"refuses a colour by its allowed_pattern {pattern}"


def _lets(pattern: str) -> bool:
    try:
        return all(re.search(pattern, colour) for colour in COLOURS)
    except re.error:
        return False


check = RecordBelongsToTheSwitch()
