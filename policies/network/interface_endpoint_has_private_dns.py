"""Interface endpoints are what the service's own name leads to."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._policy import ResourcePolicy


class InterfaceEndpointHasPrivateDns(ResourcePolicy):
    policy = "CKV_BG_7"
    title = "Each interface endpoint has private DNS on"
    requirement = "R03"
    pci = "1.4.2"
    severity = "MEDIUM"
    why = "The SDKs look the service up by its public name, and go past the endpoint to the internet"
    fix = "set private_dns_enabled = true"
    types = ("aws_vpc_endpoint",)

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.get("vpc_endpoint_type") == "Interface" and not is_true(
            resource.get("private_dns_enabled")
        ):
            yield "has private DNS off"


check = InterfaceEndpointHasPrivateDns()
