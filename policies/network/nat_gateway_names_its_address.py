"""A NAT gateway names its Elastic IP."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy


class NatGatewayNamesItsAddress(ResourcePolicy):
    policy = "CKV_BG_10"
    title = "Each NAT gateway names its allocation_id"
    requirement = "R10"
    pci = "1.4.1"
    severity = "MEDIUM"
    why = "A public NAT gateway without it is refused by AWS in the middle of an apply"
    fix = 'set allocation_id to the allocation of an aws_eip of its own, or connectivity_type to "private"'
    types = ("aws_nat_gateway",)

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.get("connectivity_type") != "private" and not resource.get("allocation_id"):
            yield "names no allocation_id"


check = NatGatewayNamesItsAddress()
