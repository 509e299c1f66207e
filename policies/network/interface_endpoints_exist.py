"""The AWS APIs that functions in the VPC call are reached without the internet."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._endpoints import GATEWAY_SERVICES, Endpoints
from policies._policy import StackPolicy


class InterfaceEndpointsExist(StackPolicy):
    policy = "CKV2_BG_5"
    title = "There is an interface endpoint for each AWS API that functions in the VPC call"
    requirement = "R03"
    pci = "1.4.2"
    severity = "HIGH"
    why = (
        "The call leaves through the internet, or hangs until the function times out where there is no "
        "way out"
    )
    fix = (
        'add an aws_vpc_endpoint of vpc_endpoint_type "Interface" for the service, in the function\'s subnets'
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        endpoints = stack.derived(Endpoints)
        there = {service for service, _ in endpoints.interfaces}
        missing: dict[str, str] = {}
        for function in stack.resources("aws_lambda_function"):
            if function.get("vpc_config"):
                for service in endpoints.called(function) - there - set(GATEWAY_SERVICES):
                    missing.setdefault(service, function.address)
        for service, caller in sorted(missing.items()):
            yield None, f"has no interface endpoint for {service}, which {caller} calls"


check = InterfaceEndpointsExist()
