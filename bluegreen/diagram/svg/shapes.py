"""What the page is made of, in its own unit (a quarter of a millimetre on A4 where nothing is scaled)."""

from dataclasses import dataclass, field
from typing import Literal

from bluegreen.diagram.model import Flow, Kind, Lock

Point = tuple[float, float]
Look = Literal["frame", "tier", "colour", "node", "part", "empty"]


@dataclass(frozen=True, kw_only=True)
class Text:
    """One line; `x` and `y` are where its baseline begins."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    muted: bool = False


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle with its texts. What is in another box lies within it."""

    id: str
    look: Look
    x: float
    y: float
    width: float
    height: float
    texts: tuple[Text, ...] = ()
    colour: str | None = None
    kind: Kind | None = None
    lock: Lock | None = None
    said: str = ""  # for who can't see it

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    def across(self, share: float) -> float:
        """The x at a share of its width."""
        return self.x + self.width * share


@dataclass(frozen=True, kw_only=True)
class Line:
    """An edge, or several that go the same way. `edges`: what each connects, by id."""

    points: tuple[Point, ...]
    flow: Flow
    edges: tuple[tuple[str, str], ...]
    colour: str | None = None
    label: Text | None = None


@dataclass(kw_only=True)
class Page:
    """All of it; later boxes lie over earlier ones, lines over boxes that are around others."""

    width: float
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def box(self, id_: str) -> Box:
        """The box with this id."""
        return next(box for box in self.boxes if box.id == id_)
