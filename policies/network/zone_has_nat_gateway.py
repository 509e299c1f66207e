"""Each zone has its own way out."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._network import Network
from policies._policy import StackPolicy


class ZoneHasNatGateway(StackPolicy):
    policy = "CKV2_BG_11"
    title = "There is a NAT gateway in each zone that has private subnets"
    requirement = "R11"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = "When the zone of a shared NAT gateway fails, the other zones lose their way out with it"
    fix = (
        "add an aws_nat_gateway in the public subnet of that zone, and route the zone's private subnets to it"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        network = stack.derived(Network)
        leaving = network.tiers().get("private", [])  # a tier without a way out needs none
        private = {zone for subnet in leaving if (zone := network.zone(subnet))}
        gateways = stack.resources("aws_nat_gateway")
        served = network.zones([gateway.get("subnet_id") for gateway in gateways])
        if not gateways:
            yield None, "has no NAT gateway"
        elif private - served:
            yield None, f"has no NAT gateway in {', '.join(sorted(private - served))}"


check = ZoneHasNatGateway()
