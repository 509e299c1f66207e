"""What the readers of parts share: the stack, its colours, and words for what is in it."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from stack_gate.stack import Block, Stack

from bluegreen.diagram.colours import Colours
from bluegreen.diagram.locks import lock_of, weakest
from bluegreen.diagram.model import Kind, Node, Place

_NAMED = (
    "aws_lb",
    "aws_alb",
    "aws_rds_cluster",
    "aws_dynamodb_table",
    "aws_lambda_function",
    "aws_sns_topic",
)
EVERYWHERE = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True)
class Scene:
    """One stack, with its colours told apart."""

    stack: Stack
    colours: Colours

    def node(
        self,
        kind: Kind,
        place: Place,
        title: str,
        *details: str | None,
        of: Iterable[Block],
        parent: Node | None = None,
        colour: str | None = None,
        zone: str | None = None,
        locked: Iterable[Block] = (),
    ) -> Node:
        """A box for the resources `of`, called by the first; details that are None are left out.

        `locked`: what of it keeps data.
        """
        resources = tuple(resource.address for resource in of)
        return Node(
            id=f"{kind.name.lower()}:{resources[0]}",
            kind=kind,
            place=place,
            title=title,
            details=tuple(detail for detail in details if detail),
            colour=colour,
            parent=parent.id if parent else None,
            zone=zone,
            lock=weakest(lock_of(self.stack, resource) for resource in locked),
            resources=resources,
        )

    def short(self, resource: Block) -> str:
        """Its name, without what most names begin with."""
        name = resource.called.lstrip("/")
        if not name.startswith(self._prefix):
            return resource.called
        return name[len(self._prefix) :].strip("-/_") or name

    @cached_property
    def _prefix(self) -> str:
        """The longest beginning, of whole words, that most names have."""
        names = [resource.called for resource in self.stack.resources(*_NAMED)]
        starts = Counter(name[: end.start()] for name in names for end in re.finditer(r"[-/_]|$", name))
        shared = [start for start, times in starts.items() if 1 < times > len(names) / 2]
        return max(shared, key=len, default="")

    def zones(self, subnet_ids: object) -> list[str]:
        """The availability zones of the subnets that a value refers to, sorted."""
        subnets = self.stack.referred(subnet_ids, "aws_subnet")
        return sorted({str(s.get("availability_zone") or s.get("availability_zone_id")) for s in subnets})

    def place(self, subnet_ids: object) -> Place | None:
        """The tier of the subnets that a value refers to; None where it refers to none."""
        subnets = self.stack.referred(subnet_ids, "aws_subnet")
        return self.tier(subnets[0]) if subnets else None

    def tier(self, subnet: Block) -> Place:
        """By where its routes lead: in from the internet, out to it only, or neither."""
        ways = [
            route
            for table in self._tables(subnet)
            for route in [*table.blocks("route"), *(r.body for r in self.stack.referrers(table, "aws_route"))]
            if {route.get("cidr_block"), route.get("destination_cidr_block")} & set(EVERYWHERE)
        ]
        if self.stack.referred([way.get("gateway_id") for way in ways], "aws_internet_gateway"):
            return Place.PUBLIC
        return Place.APPLICATION if ways else Place.DATABASE

    def _tables(self, subnet: Block) -> list[Block]:
        associations = self.stack.referrers(subnet, "aws_route_table_association")
        return self.stack.referred([a.get("route_table_id") for a in associations], "aws_route_table")
