"""Reads an SVG page back: boxes, texts and lines where the file says that they are."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from bluegreen.diagram.svg.text import width

_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?[\d.]+")


@dataclass(frozen=True)
class Area:
    """A rectangle, called `id`."""

    id: str
    x: float
    y: float
    right: float
    bottom: float

    def holds(self, other: "Area", slack: float = 0.15) -> bool:
        """Whether the other lies in it; `slack` for numbers that were rounded to tenths."""
        return (
            self.x - slack <= other.x
            and self.y - slack <= other.y
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def meets(self, other: "Area") -> bool:
        """Whether they have any of the page in common."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )


class SvgPage:
    """One drawn page."""

    def __init__(self, text: str) -> None:
        self.root = ElementTree.fromstring(text)  # noqa: S314 - what this project wrote
        left, top, across, down = map(float, self.root.attrib["viewBox"].split())
        self.page = Area("page", left, top, left + across, top + down)
        groups = [group for group in self.root.iter(f"{_SVG}g") if "data-box" in group.attrib]
        self.boxes = {group.attrib["data-box"]: _rectangle(group) for group in groups}
        self.texts = {group.attrib["data-box"]: _texts(group) for group in groups}

    def all_texts(self) -> list[Area]:
        """Every text on the page, in a box or not."""
        return [_text(element) for element in self.root.iter(f"{_SVG}text")]

    def edges(self) -> set[tuple[str, str]]:
        """What the lines say that they connect."""
        said = [path.attrib.get("data-edges", "") for path in self.root.iter(f"{_SVG}path")]
        return {(a, b) for edges in said for a, _, b in (edge.partition(">") for edge in edges.split())}

    def lines(self) -> list[tuple[set[str], list[tuple[float, float]]]]:
        """Of each line that connects something: what, and its points."""
        paths = [path for path in self.root.iter(f"{_SVG}path") if path.attrib.get("data-edges")]
        ends = [set(re.split(r"[> ]", path.attrib["data-edges"])) for path in paths]
        numbers = [[float(n) for n in _NUMBER.findall(path.attrib["d"])] for path in paths]
        points = [list(zip(found[::2], found[1::2], strict=True)) for found in numbers]
        return list(zip(ends, points, strict=True))


def _rectangle(group: ElementTree.Element) -> Area:
    (rectangle,) = group.findall(f"{_SVG}rect")[:1]
    x, y, across, down = (float(rectangle.attrib[key]) for key in ("x", "y", "width", "height"))
    return Area(group.attrib["data-box"], x, y, x + across, y + down)


def _texts(group: ElementTree.Element) -> list[Area]:
    return [_text(element) for element in group.findall(f"{_SVG}text")]


def _text(element: ElementTree.Element) -> Area:
    """What a text takes: its letters rise to four fifths of the font's size, and fall to a fifth below."""
    x, y, size = (float(element.attrib[key]) for key in ("x", "y", "font-size"))
    text = element.text or ""
    long = width(text, size, bold=element.attrib.get("font-weight") == "bold")
    return Area(text, x, y - 0.8 * size, x + long, y + 0.2 * size)
