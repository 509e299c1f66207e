"""The tasks of a colour stand in the target group of the colour."""

from collections.abc import Iterator

from stack_gate.stack import COLOURS, TARGET_GROUPS, Block, Stack, Traffic

from policies._anchored import Anchored
from policies._policy import StackPolicy
from policies.service._containers import SERVICE


class ServiceStandsInItsColoursGroup(StackPolicy):
    policy = "CKV2_BG_409"
    title = "Each service registers its tasks in the target group of its own colour, and in no other"
    requirement = None
    pci = "6.5.1"
    severity = "CRITICAL"
    why = "The switch moves traffic to a colour, and the other colour's tasks answer it"
    fix = "set load_balancer.target_group_arn of the service to the target group of its colour"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        colours, groups = stack.derived(Anchored), stack.derived(Traffic).colours
        colour_of = {group.key: colour for colour in COLOURS for group in groups[colour]}
        for service in stack.resources(SERVICE):
            named = [entry.get("target_group_arn") for entry in service.blocks("load_balancer")]
            found = stack.referred(named, *TARGET_GROUPS)
            told = {colour_of[group.key] for group in found if group.key in colour_of}
            own = colours.told_by_tags(service)
            if len(told) > 1:
                yield service, "registers its tasks in the target groups of both colours"
            elif own and told - own:
                yield service, f"is {min(own)}, and registers its tasks in the target group of {min(told)}"
            elif len(found) < len({str(name) for name in named}):
                yield service, "registers its tasks in a target group that the stack does not have"


check = ServiceStandsInItsColoursGroup()
