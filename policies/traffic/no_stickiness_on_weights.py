"""Weights decide, not cookies."""

from collections.abc import Iterator

from stack_gate.stack import LISTENERS, RULES, Block, Traffic, is_false, lookup

from policies._policy import ResourcePolicy


class NoStickinessOnWeights(ResourcePolicy):
    policy = "CKV_BG_51"
    title = "No weighted forward is sticky"
    requirement = None
    pci = "6.5.1"
    severity = "HIGH"
    why = "Clients with a cookie stay on the drained colour: neither a shift nor a rollback reaches them"
    fix = "set stickiness.enabled = false on the forward (stickiness of a target group is another matter)"
    types = (*LISTENERS, *RULES)

    def defects(self, resource: Block) -> Iterator[str]:
        for forward in resource.stack.derived(Traffic).weighted:
            enabled = lookup(forward.body, "stickiness.enabled")
            if forward.owner is resource and enabled is not None and not is_false(enabled):
                yield "is sticky"


check = NoStickinessOnWeights()
