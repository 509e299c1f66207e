"""Writes a page as SVG: each box as a group of its rectangle and texts, each line with what it connects."""

from collections.abc import Iterator, Sequence
from xml.sax import saxutils

from safe_io import xml

from bluegreen.diagram.model import Flow, Lock, Topology
from bluegreen.diagram.svg.crossings import crossings
from bluegreen.diagram.svg.foot import KEY
from bluegreen.diagram.svg.glyphs import GLYPHS, LOCKS
from bluegreen.diagram.svg.layout import lay_out
from bluegreen.diagram.svg.shapes import Box, Line, Page, Point, Text
from bluegreen.diagram.svg.text import FAMILY, width

INK, MUTED = "#1a1a1a", "#4d4d4d"
TINTS = {"blue": ("#e6f0fa", "#1f5f99"), "green": ("#e7f4e4", "#2c7a1f")}  # background, edge
FILLS = {"frame": "#ffffff", "tier": "#f6f6f6", "node": "#ffffff", "part": "#ffffff"}
# Width and dashes of a line: what it carries is told apart in black and white, too.
STROKES = {
    Flow.TRAFFIC: (2.2, ""),
    Flow.IDLE: (1.1, "5 3"),
    Flow.DATA: (1.1, ""),
    Flow.CONTROL: (1.1, "1.5 2"),
}
SHARP = 3


def svg(topology: Topology) -> str:
    """The topology as a page of A4 landscape."""
    return "\n".join(_document(topology, lay_out(topology))) + "\n"


def _document(topology: Topology, page: Page) -> Iterator[str]:
    across, down = _number(page.width), _number(page.height)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="297mm" height="210mm" viewBox="0 0 {across} {down}" '
        f'role="img" aria-labelledby="title description" font-family="{FAMILY}" fill="{INK}">'
    )
    yield f'<title id="title">{_escaped(topology.name)}: topology</title>'
    yield f'<desc id="description">{_escaped(_described(topology))}</desc>'
    yield f"<defs>{''.join(_arrow(flow) for flow in Flow)}</defs>"
    yield f'<rect width="{across}" height="{down}" fill="#ffffff"/>'
    around = [box for box in page.boxes if box.look in ("frame", "tier", "colour")]
    for box in around:
        yield from _box(box)
    bridges = list(crossings(page.lines))
    for index, line in enumerate(page.lines):
        yield from (_bridge(*piece) for number, *piece in bridges if number == index)
        yield _line(line)
    for box in page.boxes:
        if box not in around:
            yield from _box(box)
    yield from (_label(line.label) for line in page.lines if line.label)
    yield from map(_text, page.texts)
    yield from _legend(page.box(KEY))
    yield "</svg>"


def _described(topology: Topology) -> str:
    shown = "; ".join(". ".join((node.title, *node.details)) for node in topology.nodes)
    left = sum(topology.further.values())
    return f"{topology.total} resources in {topology.region}. {shown}. Further resources: {left}."


def _box(box: Box) -> Iterator[str]:
    fill, edge, dashes = FILLS.get(box.look, "#ffffff"), "#8c8c8c", ""
    stroke = 1.0
    if box.colour in TINTS and box.look in ("colour", "node"):
        fill = TINTS[box.colour][0] if box.look == "colour" else "#ffffff"
        edge = TINTS[box.colour][1]
    if box.look == "frame":
        edge, stroke = INK, 1.2
    if box.look in ("tier", "empty"):
        dashes = ' stroke-dasharray="4 3"'
    yield f'<g data-box={_attribute(box.id)} data-look="{box.look}">'
    if box.said:
        yield f"<title>{_escaped(box.said)}</title>"
    yield (
        f'<rect {_area(box.x, box.y, box.width, box.height)} rx="{SHARP}" fill="{fill}" stroke="{edge}" '
        f'stroke-width="{stroke}"{dashes}/>'
    )
    if box.kind and box.look == "node" and box.kind in GLYPHS:
        yield _sign(GLYPHS[box.kind], box.x + 7, box.y + 6.5, 1.1)
    if box.lock:
        yield _lock(box.lock, box.right - 16, box.y + 5.5)
    yield from map(_text, box.texts)
    yield "</g>"


def _sign(path: str, x: float, y: float, size: float = 1.0) -> str:
    return (
        f'<path d="{path}" transform="translate({_number(x)} {_number(y)}) scale({size})" fill="none" '
        f'stroke="{INK}" stroke-width="0.9" stroke-linejoin="round"/>'
    )


def _lock(lock: Lock, x: float, y: float) -> str:
    sign = _sign(LOCKS[lock], x, y)
    if lock is not Lock.CUSTOMER:
        return sign
    return sign + f'<rect x="{_number(x + 1.5)}" y="{_number(y + 4.5)}" width="7" height="5" fill="{INK}"/>'


def _bridge(start: Point, end: Point) -> str:
    return f'<path d="{_path((start, end))}" stroke="#ffffff" stroke-width="6"/>'


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in points)


def _line(line: Line) -> str:
    thick, dashes = STROKES[line.flow]
    colour = TINTS[line.colour][1] if line.colour in TINTS else INK
    edges = " ".join(f"{source}>{target}" for source, target in line.edges)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    look = f'fill="none" stroke="{colour}" stroke-width="{thick}"{dashed} stroke-linejoin="round"'
    return (
        f'<path data-edges={_attribute(edges)} d="{_path(line.points)}" {look} '
        f'marker-end="url(#{line.flow.name.lower()})"/>'
    )


def _arrow(flow: Flow) -> str:
    size = 5 / STROKES[flow][0] + 2
    return (
        f'<marker id="{flow.name.lower()}" viewBox="0 0 6 6" refX="5.5" refY="3" markerWidth="{size:.2f}" '
        f'markerHeight="{size:.2f}" orient="auto"><path d="M0 0L6 3L0 6z" fill="{INK}"/></marker>'
    )


def _text(text: Text) -> str:
    weight = ' font-weight="bold"' if text.bold else ""
    colour = f' fill="{MUTED}"' if text.muted else ""
    long = width(text.text, text.size, bold=text.bold)
    return (
        f'<text x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}"{weight}{colour} '
        f'textLength="{_number(long)}" lengthAdjust="spacingAndGlyphs">{_escaped(text.text)}</text>'
    )


def _label(label: Text) -> str:
    long = width(label.text, label.size)
    area = _area(label.x - 1.5, label.y - label.size + 1, long + 3, label.size + 1)
    return f'<g data-label=""><rect {area} fill="#ffffff" fill-opacity="0.85"/>{_text(label)}</g>'


def _legend(box: Box) -> Iterator[str]:
    """What lines and locks mean, in the box that is there for it."""
    left, top = box.x + 10, box.y + 24
    for index, flow in enumerate(Flow):
        y = top + 12.5 * index
        line = Line(points=((left, y), (left + 34, y)), flow=flow, edges=())
        yield _line(line)
        yield _text(Text(x=left + 42, y=y + 3.2, text=flow.value, size=9.5))
    for index, lock in enumerate(Lock):
        y = top + 12.5 * index
        yield _lock(lock, left + 160, y - 6)
        yield _text(Text(x=left + 176, y=y + 3.2, text=lock.value, size=9.5))


def _area(x: float, y: float, width: float, height: float) -> str:
    return f'x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}"'


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _escaped(text: str) -> str:
    """What stands between tags."""
    return saxutils.escape(xml(text))


def _attribute(text: str) -> str:
    return saxutils.quoteattr(xml(text))
