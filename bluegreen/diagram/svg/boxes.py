"""How big the box of a node is, and where what is in it goes."""

from collections.abc import Sequence
from dataclasses import replace

from bluegreen.diagram.model import Kind, Node, Topology
from bluegreen.diagram.svg.shapes import Box, Look, Text
from bluegreen.diagram.svg.text import wrap

TITLE, DETAIL = 10.5, 9.5  # font sizes
LEADING = 12.5
PAD = 7
GLYPH = 15  # what a glyph before the title takes
LOCK = 12
GAP = 8
ABREAST = {Kind.BALANCER: 4, Kind.SERVICE: 2}  # how many children beside each other
FLAT = (Kind.LISTENER, Kind.INSTANCE, Kind.NAT)  # small boxes in a row: no glyph


def place(topology: Topology, node: Node, x: float, y: float, width: float) -> list[Box]:
    """The box of a node, `width` wide, with its top left at x and y; then the boxes in it."""
    head = _head(node, x, y, width)
    inside = _inside(topology, node, x + PAD, head[1], width - 2 * PAD)
    bottom = max((box.bottom + PAD for box in inside), default=0)
    look: Look = "part" if node.parent else "node"
    said = ". ".join((node.title, *node.details, *([node.lock.value] if node.lock else ())))
    outer = Box(
        id=node.id, look=look, x=x, y=y, width=width, height=max(bottom, head[1]) - y, texts=head[0],
        colour=node.colour, kind=node.kind, lock=node.lock, said=said,
    )  # fmt: skip
    return [outer, *inside]


def _head(node: Node, x: float, y: float, width: float) -> tuple[tuple[Text, ...], float]:
    """Title and details, and where they end."""
    indent = 0 if node.kind in FLAT or node.parent else GLYPH
    room = width - 2 * PAD
    texts = []
    line = y + PAD + TITLE * 0.8
    for text in wrap(node.title, TITLE, room - indent - (LOCK if node.lock else 0), bold=True):
        texts.append(Text(x=x + PAD + indent, y=line, text=text, size=TITLE, bold=True))
        line += LEADING
    for detail in node.details:
        for text in wrap(detail, DETAIL, room):
            texts.append(Text(x=x + PAD, y=line, text=text, size=DETAIL))
            line += LEADING
    return tuple(texts), line - LEADING + PAD + 3


def _inside(topology: Topology, node: Node, x: float, y: float, width: float) -> list[Box]:
    children = topology.children(node)
    if node.kind is Kind.CLUSTER:
        return _zones(topology, node, x, y, width)
    if node.kind in ABREAST:
        return row(topology, children, x, y, width, at_most=ABREAST[node.kind])
    return column(topology, children, x, y, width)


def column(topology: Topology, nodes: Sequence[Node], x: float, y: float, width: float) -> list[Box]:
    """Beneath each other."""
    placed: list[Box] = []
    for node in nodes:
        placed += place(topology, node, x, y, width)
        y = max(box.bottom for box in placed) + GAP
    return placed


def row(
    topology: Topology, nodes: Sequence[Node], x: float, y: float, width: float, *, at_most: int = 4
) -> list[Box]:
    """Beside each other, equally wide and high; `at_most` so many, the others beneath."""
    placed: list[Box] = []
    while nodes:
        now, nodes = nodes[:at_most], nodes[at_most:]
        each = (width - GAP * (len(now) - 1)) / len(now)
        boxes = [place(topology, node, x + i * (each + GAP), y, each) for i, node in enumerate(now)]
        placed += level([box for found in boxes for box in found], y)
        y = max(box.bottom for box in placed) + GAP
    return placed


def level(boxes: list[Box], top: float) -> list[Box]:
    """The boxes, those that begin at `top` all as high as the highest."""
    height = max(box.height for box in boxes if box.y == top)
    return [replace(box, height=height) if box.y == top else box for box in boxes]


def _zones(topology: Topology, cluster: Node, x: float, y: float, width: float) -> list[Box]:
    """The instances of a cluster, each in its zone; a zone without one has the cluster's storage only."""
    instances = topology.children(cluster)
    zones = topology.zones if all(i.zone in topology.zones for i in instances) else ()
    if not zones:
        return row(topology, instances, x, y, width) if instances else []
    each = (width - GAP * (len(zones) - 1)) / len(zones)
    placed: list[Box] = []
    for index, zone in enumerate(zones):
        left = x + index * (each + GAP)
        here = [instance for instance in instances if instance.zone == zone]
        stand_in = Node(
            id=f"{cluster.id}:{zone}", kind=Kind.INSTANCE, place=cluster.place, title="Storage",
            parent=cluster.id, details=(zone,), colour=cluster.colour,
        )  # fmt: skip
        if here:
            placed += column(topology, here, left, y, each)
        else:
            placed += [replace(box, look="empty") for box in place(topology, stand_in, left, y, each)]
    return level(placed, y)
