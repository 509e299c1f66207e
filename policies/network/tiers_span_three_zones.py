"""No tier of subnets goes down with two availability zones."""

import re
from collections import Counter
from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._network import ZONES, Network
from policies._policy import StackPolicy
from policies.network._tiers import Tiers, Use

_USES = {"public": Use.PUBLIC, "private": Use.INNER, "isolated": Use.DATABASE}
# Local and Wavelength Zones. Source: EC2 user guide, "Regions and Zones".
_SMALL = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d(?:-[a-z\d]{1,9}){2,4}")


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
                what = f"the {tier} subnets are in {len(zones)} of {ZONES} zones ({', '.join(sorted(zones))})"
                places = [*_beside_others(subnets, network), *_left(tier, subnets, stack)]
                yield from ((place, what) for place in places)
                if not places:
                    yield None, what
        for subnet in stack.resources("aws_subnet"):
            if _SMALL.fullmatch(str(network.zone(subnet))):
                yield subnet, f"is in {network.zone(subnet)}, which is no availability zone"


def _beside_others(subnets: list[Block], network: Network) -> list[Block]:
    """Those that share a zone, where there are enough of them for each zone."""
    count = Counter(map(network.zone, subnets))
    return [
        s for s in subnets if len(subnets) >= ZONES and (count[network.zone(s)] > 1 or not network.zone(s))
    ]


def _left(tier: str, subnets: list[Block], stack: Stack) -> list[Block]:
    """Those that are there for the same as the tier, and whose routes are those of another one."""
    uses = stack.derived(Tiers).uses
    there = {subnet.key for subnet in subnets}
    found = [
        s for s in stack.resources("aws_subnet") if s.key not in there and uses.get(s.key) is _USES[tier]
    ]
    return found if any(uses.get(key) is _USES[tier] for key in there) else []


check = TiersSpanThreeZones()
