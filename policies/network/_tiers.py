"""What stands in each subnet, and which subnets have the route table of another tier.

A table that serves several tiers belongs to the one that most of its subnets are of; where one of the others
finds a way that it must not have, or lacks one that it needs, its association is the defect.
"""

from collections import Counter
from collections.abc import Iterator
from enum import Enum

from stack_gate.stack import LOAD_BALANCERS, Block, Body, Stack, is_true

from policies._network import DESTINATIONS, Network, default_routes, is_private

_ASSOCIATION = "aws_route_table_association"
_STRAY = ("carrier_gateway_id", "local_gateway_id", "network_interface_id", "vpc_peering_connection_id")


class Use(Enum):
    """What a subnet is there for."""

    PUBLIC = "what the internet reaches"
    INNER = "tasks, functions and endpoints"
    DATABASE = "databases"


class Tiers:
    """The subnets of one stack that are of one use, and their tables."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self._network = stack, stack.derived(Network)
        uses: dict[str, set[Use]] = {}
        for use, named in _named(stack):
            for subnet in stack.referred(named, "aws_subnet"):
                uses.setdefault(subnet.key, set()).add(use)
        self.all = uses
        self.uses = {key: next(iter(found)) for key, found in uses.items() if len(found) == 1}
        subnets = [subnet for subnet in stack.resources("aws_subnet") if subnet.key in self.uses]
        self._tables = {subnet.key: (subnet, self._network.tables(subnet)) for subnet in subnets}

    def of_others(self, subnet: Block) -> bool:
        """Whether the subnet's table is that of another tier."""
        if (own := self.uses.get(subnet.key)) is None:
            return False
        for table in self._network.tables(subnet):
            served = Counter(self.uses[key] for key, (_, tables) in self._tables.items() if table in tables)
            if len(served) > 1 and served[own] <= max(n for use, n in served.items() if use != own):
                return True
        return False

    def _astray(self, tables: list[Block]) -> Iterator[tuple[Block, str]]:
        """Ways out of tasks that are none of a NAT gateway, a firewall or the company's network."""
        for table in tables:
            for owner, route in routes(table):
                wide = [d for name in DESTINATIONS if (d := route.get(name)) and not is_private(str(d))]
                other = [name for name in _STRAY if route.get(name)]
                public = self._stack.referred(route.get("gateway_id"), "aws_internet_gateway")
                if wide and (other or public):
                    yield owner, f"leads {wide[0]} past the NAT gateways"

    def misplaced(self) -> Iterator[tuple[Block, str]]:
        """Associations with the table of another tier, and routes that no tier has."""
        leaving = any(
            self._leaves(tables)
            for key, (subnet, tables) in self._tables.items()
            if self.uses[key] is Use.INNER and not self.of_others(subnet)
        )
        for key, (subnet, tables) in self._tables.items():
            use = self.uses[key]
            public = self._network.is_public(subnet)
            wrong = {
                Use.PUBLIC: not public,
                Use.INNER: public or (leaving and not self._leaves(tables)),
                Use.DATABASE: public or self._leaves(tables),
            }[use]
            if use is Use.INNER and not self.of_others(subnet):
                yield from self._astray(tables)
            if wrong and self.of_others(subnet):
                for association in self._stack.users(subnet, "subnet_id", _ASSOCIATION):
                    yield (
                        association,
                        f"gives {subnet.address}, for {use.value}, another tier's table",
                    )

    def _leaves(self, tables: list[Block]) -> bool:
        return any(default_routes(self._network.routes(table)) for table in tables)


def routes(table: Block) -> Iterator[tuple[Block, Body]]:
    """(resource that has it, route) of each route of a table."""
    yield from ((table, route) for route in table.blocks("route"))
    yield from ((route, route.body) for route in table.stack.users(table, "route_table_id", "aws_route"))


def _named(stack: Stack) -> Iterator[tuple[Use, object]]:
    for balancer in stack.resources(*LOAD_BALANCERS):
        if not is_true(balancer.get("internal")):
            yield Use.PUBLIC, balancer.get("subnets")
    for gateway in stack.resources("aws_nat_gateway"):
        yield Use.PUBLIC, gateway.get("subnet_id")
    for service in stack.resources("aws_ecs_service"):
        yield Use.INNER, service.get("network_configuration.subnets")
    for function in stack.resources("aws_lambda_function"):
        yield Use.INNER, function.get("vpc_config.subnet_ids")
    for group in stack.resources("aws_db_subnet_group"):
        yield Use.DATABASE, group.get("subnet_ids")
