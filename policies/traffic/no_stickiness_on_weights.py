"""Weights decide, not cookies."""

from collections.abc import Iterator

from policies._policy import ResourcePolicy
from policies._stack import Block
from policies._traffic import LISTENERS, RULES, Traffic
from policies._values import lookup


class NoStickinessOnWeights(ResourcePolicy):
    policy = "CKV_BG_51"
    title = "No weighted forward is sticky"
    requirement = None
    pci = "6.5.1"
    severity = "HIGH"
    why = (
        "Clients with a cookie stay on the side that was drained: neither a shift nor a rollback reaches them"
    )
    mend = "set stickiness.enabled = false on the forward (stickiness of a target group is another matter)"
    types = (*LISTENERS, *RULES)

    def defects(self, resource: Block) -> Iterator[str]:
        for forward in resource.stack.derived(Traffic).weighted:
            enabled = lookup(forward.body, "stickiness.enabled")
            if forward.owner is resource and enabled not in (None, False, "false"):
                yield "is sticky"


check = NoStickinessOnWeights()
