"""Subnets, and where their routes lead."""

from ipaddress import ip_network

from stack_gate.stack import Block, Body, Stack, objects

DESTINATIONS = ("destination_cidr_block", "destination_ipv6_cidr_block", "cidr_block", "ipv6_cidr_block")
# RFC 1918, RFC 6598 and RFC 4193: what no router of the internet forwards.
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
EVERYWHERE = ("0.0.0.0/0", "::/0")
ZONES = 3  # the platform is built for the loss of one, and of another one during a repair


class Network:
    """The routing of one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._tables: dict[str, list[Block]] = {}
        for association in stack.resources("aws_route_table_association"):
            tables = stack.referred(
                association.get("route_table_id"), "aws_route_table", "aws_default_route_table"
            )
            for subnet in stack.referred(association.get("subnet_id"), "aws_subnet"):
                self._tables.setdefault(subnet.address, []).extend(tables)

    def tables(self, subnet: Block) -> list[Block]:
        """The route tables of a subnet: those associated, else the main one of its VPC, if there."""
        if own := self._tables.get(subnet.address):
            return own
        vpc = self._stack.referred(subnet.get("vpc_id"), "aws_vpc", "aws_default_vpc")
        main = [
            block
            for association in self._stack.resources("aws_main_route_table_association")
            if self._stack.referred(association.get("vpc_id"), "aws_vpc", "aws_default_vpc") == vpc
            for block in self._stack.referred(association.get("route_table_id"), "aws_route_table")
        ]
        for table in self._stack.resources("aws_default_route_table"):
            if any(owner in self._stack.referred(table.get("default_route_table_id")) for owner in vpc):
                main.append(table)
        return main

    def routes(self, table: Block) -> list[Body]:
        """The routes of a table, whether they are blocks in it or resources of their own."""
        apart = [r.body for r in self._stack.users(table, "route_table_id", "aws_route")]
        return [*table.blocks("route"), *apart]

    def is_public(self, subnet: Block) -> bool:
        """Whether a route leads to an internet gateway."""
        return any(
            self._stack.referred(route.get("gateway_id"), "aws_internet_gateway")
            or str(route.get("gateway_id", "")).startswith("igw-")
            for table in self.tables(subnet)
            for route in self.routes(table)
        )

    def private_subnets(self) -> list[Block]:
        """Subnets that the internet has no way into."""
        return [subnet for subnet in self._stack.resources("aws_subnet") if not self.is_public(subnet)]

    def private_tables(self) -> list[Block]:
        """The route tables of private subnets, each once."""
        tables = {table.address: table for subnet in self.private_subnets() for table in self.tables(subnet)}
        return list(tables.values())

    def tiers(self) -> dict[str, list[Block]]:
        """Subnets by how far they reach: in and out (public), only out (private), neither (isolated)."""
        found: dict[str, list[Block]] = {}
        for subnet in self._stack.resources("aws_subnet"):
            routes = [route for table in self.tables(subnet) for route in self.routes(table)]
            out = "private" if default_routes(routes) else "isolated"
            found.setdefault("public" if self.is_public(subnet) else out, []).append(subnet)
        return found

    def zone(self, subnet: Block) -> str | None:
        """The availability zone: a name, or the expression that gives one; None where nothing is said."""
        zone = subnet.get("availability_zone") or subnet.get("availability_zone_id")
        return str(zone) if zone else None

    def zones(self, subnet_ids: object) -> set[str]:
        """The zones of the subnets that an argument refers to."""
        subnets = self._stack.referred(subnet_ids, "aws_subnet")
        return {zone for subnet in subnets if (zone := self.zone(subnet))}


def default_routes(routes: list[Body]) -> list[Body]:
    """Those that lead everything that has no other route."""
    return [
        route
        for route in objects(routes)
        if any(route.get(key) in EVERYWHERE for key in ("destination_cidr_block", "cidr_block"))
    ]


def is_private(destination: str) -> bool:
    """Whether a destination is a private network. A prefix list, or an expression, may be anything."""
    return any(is_within(destination, private) for private in _PRIVATE)


def is_within(destination: str, network: str) -> bool:
    """Whether a destination is the network or a part of it; False where either is an expression."""
    try:
        inner, outer = ip_network(destination, strict=False), ip_network(network, strict=False)
    except ValueError:
        return False
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]
