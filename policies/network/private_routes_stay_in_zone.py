"""A private subnet leaves by the NAT gateway of its own zone."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._network import Network, default_routes
from policies._policy import StackPolicy


class PrivateRoutesStayInZone(StackPolicy):
    policy = "CKV2_BG_12"
    title = "Each private route table uses the NAT gateway of its own zone"
    requirement = "R11"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = "The subnet depends on two zones instead of one, and its traffic is charged for crossing them"
    fix = "give each zone its own route table, whose default route names the aws_nat_gateway in that zone"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        network = stack.derived(Network)
        for subnet in network.private_subnets():
            zone = network.zone(subnet)
            for table in network.tables(subnet):
                for route in default_routes(network.routes(table)):
                    for gateway in stack.referred(route.get("nat_gateway_id"), "aws_nat_gateway"):
                        if zone and (other := network.zones(gateway.get("subnet_id"))) and zone not in other:
                            yield (
                                table,
                                f"leads {subnet.address} in {zone} to {gateway.address} in {min(other)}",
                            )


check = PrivateRoutesStayInZone()
