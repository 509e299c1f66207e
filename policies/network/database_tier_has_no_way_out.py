"""No route leads out of the tier of the databases, but to private networks."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body, Stack

from policies._network import DESTINATIONS, Network, is_private
from policies._policy import StackPolicy

LISTS = ("destination_prefix_list_id",)


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
                    if not is_private(destination):
                        yield owner, f"leads {destination} out of {table.address}"


def _routes(table: Block) -> Iterator[tuple[Block, Body]]:
    yield from ((table, route) for route in table.blocks("route"))
    yield from ((route, route.body) for route in table.stack.users(table, "route_table_id", "aws_route"))


def _destinations(route: Body) -> Iterator[str]:
    for name in (*DESTINATIONS, *LISTS):
        if route.get(name):
            yield str(route[name])


check = DatabaseTierHasNoWayOut()
