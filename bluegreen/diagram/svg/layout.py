"""Where everything goes on the page: left the tiers of the network, a column a colour; right the rest."""

from collections.abc import Sequence
from dataclasses import replace

from bluegreen.diagram.model import Kind, Node, Place, Topology
from bluegreen.diagram.svg import boxes, routes
from bluegreen.diagram.svg.boxes import DETAIL, GAP, LEADING, PAD, TITLE
from bluegreen.diagram.svg.columns import GUTTER, INSET, MARGIN, Columns
from bluegreen.diagram.svg.foot import foot
from bluegreen.diagram.svg.shapes import Box, Look, Page, Text
from bluegreen.diagram.svg.text import width as width_of

WIDTH = 1188.0  # four units a millimetre of A4 landscape
SHAPE = 210 / 297
STEP, TRIES = 1.005, 240  # how much wider the page gets where it is too high, and how often
HEADER = 17.0  # of a frame
BESIDE = (Place.PROTECTION, Place.DATA, Place.CONTROL, Place.WATCH)
# Room for lines above each tier.
TIERS = {Place.PUBLIC: 0.0, Place.APPLICATION: 42.0, Place.DATABASE: 10.0}
SMALL = (Kind.DASHBOARD, Kind.LOGS, Kind.BUCKET)
NARROW = (Kind.FUNCTION, Kind.SECRET)  # of a colour: they leave room for lines to pass
MARGIN_LEFT, PASSING = 0.07, 0.36  # shares of a colour's column left and right of those


def lay_out(topology: Topology) -> Page:
    """A page with the shape of A4 in which everything has its place."""
    width = WIDTH
    for _ in range(TRIES):
        page = _page(topology, width)
        if page.height <= width * SHAPE:
            break
        width *= STEP  # more in a row, and in the end smaller
    page.height = max(page.height, width * SHAPE)
    return page


def _page(topology: Topology, width: float) -> Page:
    page, columns = Page(width=width), Columns(width)
    where = f" in {topology.region}" if topology.region else ""
    title = f"{topology.name}: blue-green platform{where}"
    page.texts.append(Text(x=MARGIN, y=MARGIN + 12, text=title, size=17, bold=True))
    source = f"{topology.total} resources, read from the synthesized Terraform JSON. Weights as created."
    start = columns.beside + columns.beside_width - width_of(source, DETAIL)
    page.texts.append(Text(x=start, y=MARGIN + 12, text=source, size=DETAIL, muted=True))
    top = _outside(topology, page, columns, MARGIN + 26)
    network = _network(topology, page, columns, top)
    bottom = _beside(topology, page, columns, MARGIN + 26)
    below = max(network, bottom)
    page.boxes = [replace(b, height=below - b.y) if b.id == "network" else b for b in page.boxes]
    page.lines += routes.route(topology, page, columns.beside - GUTTER, columns.shared - GUTTER)
    page.height = foot(topology, page, MARGIN, below + 10, width - 2 * MARGIN) + MARGIN
    return page


def _outside(topology: Topology, page: Page, columns: Columns, y: float) -> float:
    """What is before the network: a row above the load balancer."""
    nodes = [node for node in topology.nodes if node.place is Place.OUTSIDE]
    room = 2 * columns.colour_width + GAP
    each = min(room * 0.36, (room - 1.6 * GUTTER * (len(nodes) - 1)) / len(nodes))
    start = columns.colours[0] + (room - each) / 2 if len(nodes) == 1 else columns.colours[0]
    distance = (room - each) / max(len(nodes) - 1, 1)
    placed = [boxes.place(topology, node, start + i * distance, y, each) for i, node in enumerate(nodes)]
    page.boxes += [box for found in placed for box in found]
    return max(box.bottom for box in page.boxes) + 20


def _network(topology: Topology, page: Page, columns: Columns, y: float) -> float:
    """The frame of the network with its tiers; where it ends."""
    title = " ".join(("VPC", topology.network, f"over {len(topology.zones)} zones" if topology.zones else ""))
    frame = _frame("network", "frame", columns.network, y, columns.network_width, title=title.strip())
    page.boxes.append(frame)
    place = len(page.boxes)
    y += HEADER
    for tier, room in TIERS.items():
        if not any(node.place is tier for node in topology.nodes):
            continue
        y = _tier(topology, page, columns, tier, y + room) + GAP
    page.boxes[place - 1] = replace(frame, height=y - frame.y)
    return y


def _tier(topology: Topology, page: Page, columns: Columns, tier: Place, y: float) -> float:
    nodes = [node for node in topology.children(None) if node.place is tier]
    title = tier.value.capitalize()
    frame = _frame(tier.name, "tier", columns.network + INSET, y, columns.network_width - 2 * INSET)
    # Not at the left, where lines pass.
    label = Text(x=columns.shared, y=y + 12, text=title, size=TITLE, muted=True)
    frame = replace(frame, texts=(label,))
    top = y + HEADER
    filled: list[Box] = []
    wide = [node for node in nodes if node.kind is Kind.BALANCER]
    filled += boxes.column(topology, wide, columns.colours[0], top, 2 * columns.colour_width + GAP)
    for colour, x in zip(topology.colours, columns.colours, strict=True):
        own = [node for node in nodes if node.colour == colour]
        filled += _colour(topology, own, f"{tier.name}:{colour}", (x, top, columns.colour_width))
    shared = [node for node in nodes if node.colour is None and node not in wide]
    filled += _shared(topology, shared, columns.shared, top, columns.shared_width)
    bottom = max((box.bottom for box in filled), default=top + LEADING) + INSET
    page.boxes.append(replace(frame, height=bottom - y))
    colours = [box for box in filled if box.look == "colour"]
    rest = [box for box in filled if box.look != "colour"]
    page.boxes += [replace(box, height=bottom - INSET - box.y) for box in colours] + rest
    return bottom


def _colour(
    topology: Topology, nodes: Sequence[Node], id_: str, where: tuple[float, float, float]
) -> list[Box]:
    """One colour's part of a tier."""
    if not nodes:
        return []
    x, y, width = where
    colour = id_.rpartition(":")[2]
    frame = _frame(id_, "colour", x, y, width)
    # Between the lines that pass at its left and right.
    name = Text(x=x + width * MARGIN_LEFT + PAD, y=y + 12, text=colour.capitalize(), size=TITLE, bold=True)
    frame = replace(frame, texts=(name,))
    left, room = x + PAD, width - 2 * PAD
    placed: list[Box] = []
    y += HEADER
    for node in sorted(nodes, key=lambda node: (node.kind is Kind.CLUSTER, node.kind is Kind.FUNCTION)):
        narrow = node.kind in NARROW
        start = left + room * MARGIN_LEFT if narrow else left
        placed += boxes.place(
            topology, node, start, y, room * (1 - MARGIN_LEFT - PASSING) if narrow else room
        )
        y = max(box.bottom for box in placed) + GAP + 3
    return [replace(frame, colour=colour, height=y - frame.y - 3), *placed]


def _shared(topology: Topology, nodes: Sequence[Node], x: float, y: float, width: float) -> list[Box]:
    """What both colours share: small ones in a row."""
    small = [node for node in nodes if node.kind is Kind.NAT]
    large = sorted((n for n in nodes if n not in small), key=lambda node: node.kind is not Kind.FUNCTION)
    placed = boxes.column(topology, large, x, y, width)
    below = max((box.bottom + GAP for box in placed), default=y)
    return placed + boxes.row(topology, small, x, below, width, at_most=3)


def _beside(topology: Topology, page: Page, columns: Columns, y: float) -> float:
    """What is in the region, but in no network."""
    for place in BESIDE:
        nodes = [node for node in topology.children(None) if node.place is place]
        if not nodes:
            continue
        title = place.value.capitalize()
        frame = _frame(place.name, "frame", columns.beside, y, columns.beside_width, title=title)
        inside = _stacked(
            topology, nodes, columns.beside + INSET, y + HEADER, columns.beside_width - 2 * INSET
        )
        bottom = max(box.bottom for box in inside) + INSET
        page.boxes += [replace(frame, height=bottom - y), *inside]
        y = bottom + GAP
    return y


def _stacked(topology: Topology, nodes: Sequence[Node], x: float, y: float, width: float) -> list[Box]:
    """Beneath each other, what is small and stands alone two in a row."""
    small = [node for node in nodes if node.kind in SMALL]
    placed: list[Box] = []
    for node in (node for node in nodes if node not in small):
        placed += boxes.place(topology, node, x, y, width)
        y = placed[-1].bottom + (GAP + 6 if node.kind is Kind.ALARMS else GAP)  # it tells the next one
    return placed + boxes.row(topology, small, x, y, width, at_most=2)


def _frame(id_: str, look: Look, x: float, y: float, width: float, *, title: str = "") -> Box:
    text = Text(x=x + PAD, y=y + 12, text=title, size=TITLE, bold=True)
    return Box(id=id_, look=look, x=x, y=y, width=width, height=HEADER, texts=(text,))
