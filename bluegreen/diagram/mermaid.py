"""Writes a topology as a Mermaid flowchart. Source: Mermaid documentation, "Flowcharts - Basic Syntax"."""

from collections.abc import Iterator

from safe_io import mermaid as escaped

from bluegreen.diagram.model import Flow, Kind, Lock, Node, Place, Topology
from bluegreen.diagram.words import count, plain

ARROWS = {Flow.TRAFFIC: "==>", Flow.IDLE: "-.->", Flow.DATA: "-->", Flow.CONTROL: "-.->"}
LOCKS = {Lock.CUSTOMER: "own KMS key", Lock.AWS: "key of AWS", Lock.NONE: "not encrypted"}
NETWORK = (Place.PUBLIC, Place.APPLICATION, Place.DATABASE)
BESIDE = (Place.PROTECTION, Place.DATA, Place.CONTROL, Place.WATCH)
STYLES = (
    "classDef blue fill:#e6f0fa,stroke:#1f5f99,color:#1a1a1a",
    "classDef green fill:#e7f4e4,stroke:#2c7a1f,color:#1a1a1a",
    "classDef shared fill:#ffffff,stroke:#8c8c8c,color:#1a1a1a",
)


def mermaid(topology: Topology) -> str:
    """The same boxes and edges as the SVG has."""
    names = {node.id: f"n{index}" for index, node in enumerate(topology.nodes)}
    return "\n".join(("flowchart TB", *(f"  {line}" for line in _lines(topology, names)))) + "\n"


def _lines(topology: Topology, names: dict[str, str]) -> Iterator[str]:
    yield f"accTitle: {escaped(topology.name)}, topology"
    yield f"accDescr: {topology.total} resources in {escaped(topology.region)}"
    for node in topology.children(None):
        if node.place is Place.OUTSIDE:
            yield from _node(topology, node, names)
    yield f'subgraph network["VPC {escaped(topology.network)}"]'
    for place in NETWORK:
        yield from _place(topology, place, names)
    yield "end"
    for place in BESIDE:
        yield from _place(topology, place, names)
    if topology.further:
        left = ", ".join(count(number, plain(type_)) for type_, number in topology.further.items())
        yield f'further["{_quoted("Further resources", left)}"]:::shared'
    for edge in topology.edges:
        label = f'|"{escaped(edge.label)}"|' if edge.label else ""
        yield f"{names[edge.source]} {ARROWS[edge.flow]}{label} {names[edge.target]}"
    yield from STYLES


def _place(topology: Topology, place: Place, names: dict[str, str]) -> Iterator[str]:
    nodes = [node for node in topology.children(None) if node.place is place]
    if not nodes:
        return
    yield f'subgraph {place.name.lower()}["{place.value.capitalize()}"]'
    for colour in (*topology.colours, None):
        here = [node for node in nodes if node.colour == colour]
        if colour and here:
            yield f'subgraph {place.name.lower()}_{colour}["{colour.capitalize()}"]'
        for node in here:
            yield from _node(topology, node, names)
        if colour and here:
            yield "end"
    yield "end"


def _node(topology: Topology, node: Node, names: dict[str, str]) -> Iterator[str]:
    """A box; one that has others in it is a frame around them."""
    details = (*node.details, *([LOCKS[node.lock]] if node.lock else ()))
    label = _quoted(node.title, *details)
    children = topology.children(node)
    if not children:
        shape = f'[("{label}")]' if node.kind in (Kind.TABLE, Kind.INSTANCE) else f'["{label}"]'
        yield f"{names[node.id]}{shape}:::{node.colour or 'shared'}"
        return
    yield f'subgraph {names[node.id]}["{label}"]'
    for child in children:
        yield from _node(topology, child, names)
    yield "end"


def _quoted(title: str, *details: str) -> str:
    """Text between quotes, a line each."""
    return "<br/>".join(map(escaped, (title, *details)))
