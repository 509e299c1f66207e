"""What is asked of the health check of either colour."""

import re
from collections.abc import Iterator
from typing import ClassVar

from stack_gate.stack import TARGET_GROUPS, Block, Traffic, is_false

from policies._policy import ResourcePolicy

# Or a path with such a segment: /payments/health, /health/ready, /healthz.
PATH = "/health"
CODE, LAST = re.compile(r"\d{3}"), "299"


class HealthPolicy(ResourcePolicy):
    """The health check of the target groups of one colour."""

    pci = "6.5.2"
    severity = "MEDIUM"
    why = (
        "The switch moves payments to a colour because its targets are healthy; by default that means "
        "that / answers"
    )
    fix = f'give the target group a health_check block with path = "{PATH}" and matcher = "200"'
    types = TARGET_GROUPS
    colour: ClassVar[str]

    def defects(self, resource: Block) -> Iterator[str]:
        if resource not in resource.stack.derived(Traffic).colours[self.colour]:
            return
        path, enabled = resource.get("health_check.path"), resource.get("health_check.enabled")
        if not resource.blocks("health_check"):
            yield "has no health_check"
        elif is_false(enabled):
            yield "has its health check off"
        elif not any(segment.startswith(PATH[1:]) for segment in str(path or "").split("/")):
            yield f"has its health check on {path or 'the default path'}, not on {PATH}"
        elif beyond := [
            code for code in CODE.findall(str(resource.get("health_check.matcher"))) if code > LAST
        ]:
            yield f"is healthy with status {beyond[-1]}"
