"""No route leads out of the tier of the databases, but to private networks."""

from collections.abc import Iterator
from ipaddress import ip_network

from stack_gate.stack import Block, Body, Stack

from policies._network import Network
from policies._policy import StackPolicy

DESTINATIONS = ("destination_cidr_block", "destination_ipv6_cidr_block", "cidr_block", "ipv6_cidr_block")
LISTS = ("destination_prefix_list_id",)
# RFC 1918, RFC 6598 and RFC 4193: what no router of the internet forwards.
_PRIVATE = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)


class DatabaseTierHasNoWayOut(StackPolicy):
    policy = "CKV2_BG_403"
    title = "No route of a database subnet leads out of private networks"
    requirement = None
    pci = "1.4.4"
    severity = "CRITICAL"
    why = "What runs in the database sends cardholder data anywhere, past every group of the application"
    fix = "remove the route, or give it a destination in a private network"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        network = stack.derived(Network)
        groups = stack.resources("aws_db_subnet_group")
        subnets = {
            subnet.key: subnet for group in groups for subnet in group.refers("subnet_ids", "aws_subnet")
        }
        tables = {table.key: table for subnet in subnets.values() for table in network.tables(subnet)}
        for table in tables.values():
            for owner, route in _routes(table):
                for destination in _destinations(route):
                    if not _is_private(destination):
                        yield owner, f"leads {destination} out of {table.address}"


def _routes(table: Block) -> Iterator[tuple[Block, Body]]:
    yield from ((table, route) for route in table.blocks("route"))
    yield from ((route, route.body) for route in table.stack.users(table, "route_table_id", "aws_route"))


def _destinations(route: Body) -> Iterator[str]:
    for name in (*DESTINATIONS, *LISTS):
        if route.get(name):
            yield str(route[name])


def _is_private(destination: str) -> bool:
    """A prefix list, or an expression, may be anything."""
    try:
        network = ip_network(destination, strict=False)
    except ValueError:
        return False
    return any(
        network.version == private.version and network.subnet_of(private)  # type: ignore[arg-type]
        for private in _PRIVATE
    )


check = DatabaseTierHasNoWayOut()
