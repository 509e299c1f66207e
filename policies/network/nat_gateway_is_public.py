"""A NAT gateway stands where there is a way out."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._network import Network
from policies._policy import ResourcePolicy


class NatGatewayIsPublic(ResourcePolicy):
    policy = "CKV_BG_11"
    title = "Each NAT gateway is in a public subnet"
    requirement = "R11"
    pci = "1.4.1"
    severity = "MEDIUM"
    why = "In a subnet without a route to the internet gateway it passes nothing on"
    fix = "set subnet_id to a subnet whose route table has a route to the aws_internet_gateway"
    types = ("aws_nat_gateway",)

    def defects(self, resource: Block) -> Iterator[str]:
        network = resource.stack.derived(Network)
        if resource.get("connectivity_type") == "private":
            return
        for subnet in resource.refers("subnet_id", "aws_subnet"):
            if not network.is_public(subnet):
                yield f"is in {subnet.address}, which has no route to an internet gateway"


check = NatGatewayIsPublic()
