"""A NAT gateway has an Elastic IP that no other one uses."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy


class NatGatewayHasItsOwnAddress(StackPolicy):
    policy = "CKV2_BG_9"
    title = "Each NAT gateway has its own Elastic IP"
    requirement = "R09"
    pci = "1.4.1"
    severity = "MEDIUM"
    why = (
        "One address can't be in two places: AWS refuses the apply, and partners can't allow-list what "
        "isn't fixed"
    )
    fix = "add an aws_eip for each aws_nat_gateway, and refer to it in its allocation_id"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        gateways = [g for g in stack.resources("aws_nat_gateway") if g.get("connectivity_type") != "private"]
        named = {gateway.address: _address(gateway) for gateway in gateways}
        free = len(stack.resources("aws_eip")) - sum(
            1 for name in set(named.values()) if name.startswith("aws_eip.")
        )
        for gateway in gateways:
            name = named[gateway.address]
            if not name and free <= 0:
                yield gateway, "has no Elastic IP, and the stack has none for it"
            elif name and list(named.values()).count(name) > 1:
                yield gateway, f"shares {name} with another NAT gateway"
            elif name and not name.startswith(("aws_eip.", "eipalloc-", "data.aws_eip.")):
                yield gateway, f"names {name}, which is no Elastic IP"


def _address(gateway: Block) -> str:
    found = gateway.refers("allocation_id", "aws_eip")
    return found[0].address if found else str(gateway.get("allocation_id") or "").removeprefix("${")


check = NatGatewayHasItsOwnAddress()
