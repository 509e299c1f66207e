"""The ways that lines go: at right angles, around the boxes, through the gutters that the layout leaves."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from bluegreen.diagram.model import Edge, Kind, Node, Place, Topology
from bluegreen.diagram.svg.boxes import DETAIL
from bluegreen.diagram.svg.shapes import Box, Line, Page, Point, Text

LANE = 6.5
GUTTER_SHARE = 8.0  # how far into a gutter its first lane is
LABEL = 13.0  # how far above the services their weights stand
NEXT = 20.0  # boxes no further apart are next to each other
_BESIDE = (Place.DATA, Place.CONTROL, Place.PROTECTION, Place.WATCH)


def route(topology: Topology, page: Page, outer: float, inner: float) -> list[Line]:
    """A line for each edge, or for several of the same kind. `outer`, `inner`: where the gutters begin."""
    return list(_Router(topology, page, outer, inner).lines())


class _Router:
    def __init__(self, topology: Topology, page: Page, outer: float, inner: float) -> None:
        self._topology, self._page = topology, page
        self._outer, self._inner = outer, inner
        self._boxes = {box.id: box for box in page.boxes}
        self._nodes = {node.id: node for node in topology.nodes}
        self._taken: dict[str, int] = defaultdict(int)

    def lines(self) -> Iterator[Line]:
        for group in self._groups():
            first = group[0]
            source, target = self._nodes[first.source], self._nodes[first.target]
            points, label = self._way(group, source, target)
            colour = source.colour or target.colour if source.place not in _BESIDE else None
            colour = None if target.place in _BESIDE else colour  # several join there
            yield Line(
                points=tuple(points),
                flow=first.flow,
                edges=tuple((edge.source, edge.target) for edge in group),
                colour=colour,
                label=label,
            )

    def _groups(self) -> list[list[Edge]]:
        """Edges from one box to several listeners of one load balancer are one line."""
        found: dict[tuple[str, str], list[Edge]] = defaultdict(list)
        for edge in self._topology.edges:
            target = self._nodes[edge.target]
            balancer = target.parent if target.kind is Kind.LISTENER else None
            found[edge.source, balancer or edge.target].append(edge)
        return list(found.values())

    def _way(self, group: Sequence[Edge], source: Node, target: Node) -> tuple[list[Point], Text | None]:
        """The points of a line, and its label."""
        here, there, said, label = self._boxes[source.id], self._boxes[target.id], group[0].label, None
        same = source.colour == target.colour and source.colour is not None
        match source.kind, target.kind:
            case (Kind.CLIENTS | Kind.FIREWALL, Kind.FIREWALL):
                points = [(here.right, here.middle), (there.x, here.middle)]
                label = _text(said, here.right + 6, here.middle - 4)
            case (Kind.CLIENTS | Kind.FIREWALL, _):
                points = _down(here, there, here.across(0.5))
                label = _text(said, here.across(0.5) + 5, here.bottom + 11)
            case (Kind.LISTENER, Kind.SERVICE):
                points = self._request(here, there, source, target)
                label = _text(said, points[-1][0] + 4, self._boxes[Place.APPLICATION.name].y - LABEL)
            case (Kind.SERVICE, Kind.CLUSTER) if same:
                points = _down(here, there, self._column(source).across(0.91))
            case (Kind.SERVICE, Kind.SECRET) if same:
                x = self._column(source).across(0.76)
                points = [(x, here.bottom), (x, there.middle), (there.right, there.middle)]
            case (Kind.FUNCTION, Kind.SECRET) if same:
                points = _down(here, there, here.across(0.5))
                label = _text(said, here.across(0.5) + 5, there.y - 8)
            case (Kind.FUNCTION, Kind.CLUSTER) if same:
                x = self._column(source).across(0.05)
                points = [(here.x, here.middle), (x, here.middle), (x, there.y)]
            case (Kind.CLUSTER, Kind.CLUSTER):
                points = self._between(here, there)
            case (Kind.SERVICE | Kind.FUNCTION, Kind.CLUSTER | Kind.SECRET) if self._crosses(source, target):
                points = self._across(here, there, source, target)
            case (Kind.SERVICE, _) if target.place in _BESIDE:
                points = self._bus(here, there)
            case (Kind.FUNCTION, Kind.LISTENER) if source.colour is None and source.place not in _BESIDE:
                points = self._to_balancer(here, self._boxes[target.parent or target.id])
                label = _text(said, points[1][0] + 5, self._boxes[Place.APPLICATION.name].y - LABEL)
            case _:
                points = self._around(here, there, source, target)
        return points, label

    def _to_balancer(self, here: Box, balancer: Box) -> list[Point]:
        """Up the gutter between the colours and what they share."""
        x, y = self._inner + GUTTER_SHARE, here.y + 14
        return [(here.x, y), (x, y), (x, balancer.middle), (balancer.right, balancer.middle)]

    def _column(self, node: Node) -> Box:
        return self._boxes[f"{node.place.name}:{node.colour}"]

    def _request(self, here: Box, there: Box, source: Node, target: Node) -> list[Point]:
        """From a listener down to a service; each listener arrives at a place of its own."""
        listeners = self._topology.children(self._topology.node(source.parent or ""), Kind.LISTENER)
        forwarding = [n for n in listeners if any(e.source == n.id for e in self._topology.edges)]
        place = forwarding.index(source)
        share = (place + 1) / (len(forwarding) + 1)
        colours = self._topology.colours
        leaving = here.across((colours.index(target.colour or colours[0]) + 1) / (len(colours) + 1))
        arriving = there.x + there.width * 0.84 * share
        lane = self._boxes[Place.PUBLIC.name].bottom + LANE * (1 + self._lane("requests"))
        return [(leaving, here.bottom), (leaving, lane), (arriving, lane), (arriving, there.y)]

    def _between(self, here: Box, there: Box) -> list[Point]:
        """From a database to the one beside it, each direction at a height of its own."""
        y = max(here.y, there.y) + (12 if here.x < there.x else 24)
        return [(here.right, y), (there.x, y)] if here.x < there.x else [(here.x, y), (there.right, y)]

    def _crosses(self, source: Node, target: Node) -> bool:
        """Whether a line goes from a colour, or from what both share, to the data of another."""
        return (
            source.colour != target.colour
            and source.place is Place.APPLICATION
            and target.place is Place.DATABASE
            and f"{target.place.name}:{target.colour}" in self._boxes
        )

    def _across(self, here: Box, there: Box, source: Node, target: Node) -> list[Point]:
        """Above the databases' tier, in a lane of the source, then down the right of the target's column."""
        colours = self._topology.colours
        own = source.colour in colours
        lane = colours.index(source.colour or "") if own else len(colours)
        y = self._boxes[Place.DATABASE.name].y - LANE * (len(colours) + 1 - lane) + 2
        x = self._column(target).across(0.83 if own else 0.97)
        if own:
            leaving = self._column(source).across(0.97)
            start = [(leaving, here.bottom)]
        else:
            leaving = self._inner + GUTTER_SHARE + LANE
            start = [(here.x, here.middle), (leaving, here.middle)]
        start += [(leaving, y), (x, y)]
        if target.kind is Kind.CLUSTER:
            return [*start, (x, there.y)]
        end = there.y + there.height * (0.3 if own else 0.7)
        return [*start, (x, end), (there.right, end)]

    def _bus(self, here: Box, there: Box) -> list[Point]:
        """From the top of a service, above the tier, to what is beside the network."""
        x = here.across(0.93)
        lane = self._boxes[Place.APPLICATION.name].y - 5
        y = there.y + there.height * 0.5
        across = self._outer + GUTTER_SHARE
        return [(x, here.y), (x, lane), (across, lane), (across, y), (there.x, y)]

    def _around(self, here: Box, there: Box, source: Node, target: Node) -> list[Point]:
        """Between the network and what is beside it; or, within one column, along its left."""
        beside = (source.place in _BESIDE, target.place in _BESIDE)
        if all(beside) and 0 < there.y - here.bottom < NEXT:
            return _down(here, there, here.across(0.5))
        start, end = here.y + 14 + LANE * self._lane(here.id), there.y + 14 + LANE * self._lane(there.id)
        if not all(beside) and there.y < start < there.bottom:
            end = start
        x = self._outer + GUTTER_SHARE + LANE * (self._lane("outer") % 3 + 1)
        leaving = here.x if beside[0] else here.right
        arriving = there.x if beside[1] else there.right
        return [(leaving, start), (x, start), (x, end), (arriving, end)]

    def _lane(self, name: str) -> int:
        self._taken[name] += 1
        return self._taken[name] - 1


def _down(here: Box, there: Box, x: float) -> list[Point]:
    return [(x, here.bottom), (x, there.y)]


def _text(text: str, x: float, y: float) -> Text | None:
    return Text(x=x, y=y, text=text, size=DETAIL - 0.5) if text else None
