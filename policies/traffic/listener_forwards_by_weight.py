"""Traffic is split by weight between two target groups."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack, Traffic, lookup, number

from policies._policy import StackPolicy

CLIENTS = (80, 443)  # a listener on another port, for tests of one colour, may well have that colour alone


class ListenerForwardsByWeight(StackPolicy):
    policy = "CKV2_BG_27"
    title = "The listener forwards by weight to both target groups"
    requirement = "R27"
    pci = "6.5.1"
    severity = "CRITICAL"
    why = "Without two weighted target groups there is no colour to move traffic to, and none to go back to"
    fix = "give the listener's forward two target_group blocks, blue and green, with weights that sum to 100"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        weighted = stack.derived(Traffic).weighted
        if not weighted:
            yield None, "has no listener that forwards to two target groups"
        for listener in stack.derived(Traffic).forwarding:
            split = any(forward.owner is listener for forward in weighted)
            if not split and number(listener.get("port")) in CLIENTS:
                yield listener, f"forwards to {_target(listener)} alone"


def _target(listener: Block) -> str:
    action = next(iter(listener.blocks("default_action")), {})
    return str(
        action.get("target_group_arn") or lookup(action, "forward.target_group.arn") or "one target group"
    )


check = ListenerForwardsByWeight()
