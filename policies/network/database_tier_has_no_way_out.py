"""No route leads out of the tier of the databases, but to private networks."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body, Stack

from policies._network import DESTINATIONS, Network, is_private, is_within
from policies._policy import StackPolicy
from policies.network._tiers import Tiers, Use, routes

LISTS = ("destination_prefix_list_id",)


class DatabaseTierHasNoWayOut(StackPolicy):
    policy = "CKV2_BG_403"
    title = (
        "Each subnet has the route table of its tier; no route of a database subnet, or of a VPC's main "
        "table, leads out of private networks"
    )
    requirement = None
    pci = "1.4.4"
    severity = "CRITICAL"
    why = "What runs in the database sends cardholder data anywhere, past every group of the application"
    fix = (
        "remove the route, give it a destination in a private network, or name the table or the subnets of "
        "the tier"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        network = stack.derived(Network)
        groups = stack.resources("aws_db_subnet_group")
        subnets = {
            subnet.key: subnet for group in groups for subnet in group.refers("subnet_ids", "aws_subnet")
        }
        tiers = stack.derived(Tiers)
        yield from tiers.misplaced()
        tables = {
            table.key: table
            for subnet in subnets.values()
            if not tiers.of_others(subnet) and Use.INNER not in tiers.all.get(subnet.key, ())
            for table in network.tables(subnet)
        }
        for table in tables.values():
            for owner, route in routes(table):
                for destination in _destinations(route):
                    if not is_private(destination):
                        yield owner, f"leads {destination} out of {table.address}"
        for apart in stack.resources("aws_route"):
            yield from ((apart, what) for what in _astray(apart))
        yield from _beside_tasks(stack, network)
        yield from _main(stack, network)


def _main(stack: Stack, network: Network) -> Iterator[tuple[Block, str]]:
    """Every subnet that is added later, or loses its association, uses the main table. Source: VPC user
    guide, "Route table concepts".
    """
    for association in stack.resources("aws_main_route_table_association"):
        for table in association.refers("route_table_id", "aws_route_table"):
            for destination in (d for route in network.routes(table) for d in _destinations(route)):
                if not is_private(destination):
                    yield association, f"makes {table.address} the main table, which leads to {destination}"


def _astray(route: Block) -> Iterator[str]:
    """Routes of a VPC's default table, and between its own subnets past the VPC's router."""
    named = str(route.get("route_table_id"))
    vpcs = route.stack.referred(named, "aws_vpc", "aws_default_vpc")
    destinations = list(_destinations(route.body))
    if vpcs and not all(map(is_private, destinations)):
        yield f"leads {', '.join(destinations)} out of the default table of {vpcs[0].address}"
    if route.get("vpc_endpoint_id"):
        return  # a firewall's: CKV2_BG_430 judges it
    tables = route.refers("route_table_id", "aws_route_table")
    for vpc in [*vpcs, *(vpc for table in tables for vpc in table.refers("vpc_id", "aws_vpc"))]:
        for destination in destinations:
            if is_within(destination, str(vpc.get("cidr_block"))):
                yield f"takes {destination} from the router of {vpc.address}: what is there reads the traffic"


def _beside_tasks(stack: Stack, network: Network) -> Iterator[tuple[Block, str]]:
    """Databases in the subnets of what has a way out."""
    uses = stack.derived(Tiers).all
    for group in stack.resources("aws_db_subnet_group"):
        for subnet in group.refers("subnet_ids", "aws_subnet"):
            if Use.INNER in uses.get(subnet.key, ()):
                for destination in _leading_out(subnet, network):
                    yield group, f"has {subnet.address} of the tasks, which has a way to {destination}"


def _leading_out(subnet: Block, network: Network) -> Iterator[str]:
    for table in network.tables(subnet):
        for route in network.routes(table):
            yield from (found for found in _destinations(route) if not is_private(found))


def _destinations(route: Body) -> Iterator[str]:
    for name in (*DESTINATIONS, *LISTS):
        if route.get(name):
            yield str(route[name])


check = DatabaseTierHasNoWayOut()
