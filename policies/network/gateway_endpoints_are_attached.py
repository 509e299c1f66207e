"""Gateway endpoints are in every private route table."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._endpoints import GATEWAY_SERVICES, Endpoints
from policies._network import Network
from policies._policy import StackPolicy
from policies.network._network_firewall import Firewalls

TABLES = ("aws_route_table", "aws_default_route_table")


class GatewayEndpointsAreAttached(StackPolicy):
    policy = "CKV2_BG_4"
    title = "Each gateway endpoint is attached to every private route table"
    requirement = "R03"
    pci = "1.4.2"
    severity = "HIGH"
    why = (
        "From a subnet whose route table does not have it, traffic takes the internet although the "
        "endpoint is there"
    )
    fix = "add the route table to the endpoint's route_table_ids"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        private = stack.derived(Network).private_tables()
        for service, endpoint in stack.derived(Endpoints).gateways:
            if service not in GATEWAY_SERVICES:
                continue
            attached = endpoint.refers("route_table_ids", *TABLES)
            for association in stack.users(
                endpoint, "vpc_endpoint_id", "aws_vpc_endpoint_route_table_association"
            ):
                attached += association.refers("route_table_id", *TABLES)
            for table in private:
                if table not in attached and not stack.derived(Firewalls).uses_alone(table):
                    yield endpoint, f"is not attached to {table.address}"


check = GatewayEndpointsAreAttached()
