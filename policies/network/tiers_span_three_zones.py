"""No tier of subnets goes down with two availability zones."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._network import ZONES, Network
from policies._policy import StackPolicy


class TiersSpanThreeZones(StackPolicy):
    policy = "CKV2_BG_8"
    title = "Every tier of subnets spans three availability zones"
    requirement = "R08"
    pci = "12.10.1"
    severity = "HIGH"
    why = "When a zone fails, what is in it is gone: payments stop, or run on what is left without reserve"
    fix = "add a subnet of the tier in each further availability_zone, with a route table of the tier"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        network = stack.derived(Network)
        if not stack.resources("aws_subnet"):
            yield None, "has no subnets"
        for tier, subnets in network.tiers().items():
            zones = {zone for subnet in subnets if (zone := network.zone(subnet))}
            if len(zones) < ZONES:
                yield (
                    None,
                    f"has its {tier} subnets in {len(zones)} of {ZONES} zones ({', '.join(sorted(zones))})",
                )


check = TiersSpanThreeZones()
