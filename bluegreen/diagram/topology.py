"""From a stack to what is drawn of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path

from stack_gate import stack

from bluegreen.diagram import colours
from bluegreen.diagram.edges import edges
from bluegreen.diagram.errors import DiagramError
from bluegreen.diagram.model import Node, Topology
from bluegreen.diagram.parts import data, entrance, operations, services
from bluegreen.diagram.scene import Scene

FRAMES = ("aws_vpc", "aws_subnet")  # drawn as what is around the boxes


def read(directory: Path) -> Topology:
    """The topology of the stack in `directory`. Raises DiagramError."""
    try:
        return topology(stack.read(directory))
    except stack.StackError as error:
        raise DiagramError(str(error), error.fix) from error


def topology(found: stack.Stack) -> Topology:
    """Raises DiagramError where the stack is none with two colours."""
    scene = Scene(found, colours.find(found))
    nodes = _once(
        chain(
            entrance.entrance(scene),
            entrance.ways_out(scene),
            services.services(scene),
            services.functions(scene),
            services.endpoints(scene),
            data.databases(scene),
            data.secrets(scene),
            data.tables(scene),
            operations.control(scene),
            operations.protection(scene),
            operations.monitoring(scene),
        )
    )
    frames = tuple(resource.address for resource in found.resources(*FRAMES))
    placed = {address for node in nodes for address in node.resources} | set(frames)
    left = (resource.type for resource in found.resources() if resource.address not in placed)
    network = next((str(vpc.get("cidr_block")) for vpc in found.resources("aws_vpc")), "")
    return Topology(
        name=found.name,
        region=_region(found),
        network=network,
        colours=tuple(scene.colours.groups),
        zones=tuple(scene.zones([f"${{{address}}}" for address in frames])),
        nodes=nodes,
        edges=tuple(edges(scene, nodes)),
        further=dict(sorted(Counter(left).items())),
        total=len(found.resources()),
        resources=frames,
    )


def _region(found: stack.Stack) -> str:
    regions = (block.get("region") for block in found.kind("provider") if block.name == "aws")
    return str(next(regions, None) or "")


def _once(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Each resource in the first box that stands for it: two gateways may have one address."""
    found: list[Node] = []
    taken: set[str] = set()
    for node in nodes:
        found.append(replace(node, resources=tuple(a for a in node.resources if a not in taken)))
        taken.update(node.resources)
    return tuple(found)
