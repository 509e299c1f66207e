"""S3 and DynamoDB are reached without the internet."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._endpoints import GATEWAY_SERVICES, Endpoints
from policies._policy import StackPolicy


class GatewayEndpointsExist(StackPolicy):
    policy = "CKV2_BG_3"
    title = "There are gateway endpoints for S3 and DynamoDB"
    requirement = "R03"
    pci = "1.4.2"
    severity = "HIGH"
    why = (
        "Without them sessions and files leave the network by NAT, through the internet, past every "
        "endpoint policy"
    )
    fix = (
        'add an aws_vpc_endpoint of vpc_endpoint_type "Gateway" for the service, with the private route '
        "tables"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        found = stack.derived(Endpoints).gateways
        for service in GATEWAY_SERVICES:
            if not any(name == service for name, _ in found):
                yield None, f"has no gateway endpoint for {service}"


check = GatewayEndpointsExist()
