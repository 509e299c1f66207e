"""The growth of synthesis as an SVG of two panels.

A writer of its own: two line charts need no library, the file is small, reads well in a diff, and follows the
reader's light or dark scheme.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from tools.bench.growth import Growth, Point
from tools.bench.row import figure

WIDTH, HEIGHT = 760, 300
_PANEL, _TOP, _LEFT, _BOTTOM = 330, 48, 62, 250
_STEPS = 4
_MULTIPLES = (1, 2, 2.5, 5, 10)

_STYLE = """
svg { font: 12px Helvetica, Arial, sans-serif; } .page { fill: #ffffff; }
text { fill: #1f2328; } .title { font-weight: bold; font-size: 13px; } .axis { fill: #59636e; }
.grid { stroke: #d1d9e0; }
.trimmed { stroke: #0969da; fill: #0969da; } .stock { stroke: #bc4c00; fill: #bc4c00; }
polyline.line { fill: none; stroke-width: 2; } text.trimmed, text.stock { stroke: none; }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117; } text { fill: #f0f6fc; } .axis { fill: #9198a1; } .grid { stroke: #3d444d; }
.trimmed { stroke: #4493f8; fill: #4493f8; } .stock { stroke: #f0883e; fill: #f0883e; }
}
"""

Value = Callable[[Point], float | None]


@dataclass(frozen=True)
class Panel:
    """Where a chart lies and what its scales are."""

    left: float
    most: int
    """The most deployments."""
    top: float
    """The value at the upper end; the lower one is 0."""

    def x(self, deployments: float) -> float:
        """Of a number of deployments."""
        return self.left + _LEFT + (_PANEL - _LEFT) * deployments / self.most

    def y(self, value: float) -> float:
        """Of a value."""
        return _BOTTOM - (_BOTTOM - _TOP) * value / self.top


def plot(growth: Growth) -> str:
    """The SVG: user time on the left, peak memory on the right; a platform may lack the latter."""
    panels = [
        *_panel(growth, 10, "User time of a synthesis", "s", lambda point: point.user_s),
        *_panel(growth, 20 + _PANEL + 30, "Peak memory, all processes", "MB", lambda point: point.peak_mb),
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}" role="img">',
            "<title>Synthesis by number of deployments</title>",
            f"<style>{_STYLE}</style>",
            '<rect class="page" width="100%" height="100%"/>',
            *panels,
            "</svg>\n",
        ]
    )


def ceiling(value: float) -> float:
    """The smallest round number that isn't below: 1, 2, 2.5, 5 times a power of ten, in four steps."""
    if value <= 0:
        return float(_STEPS)
    power = 10.0 ** math.floor(math.log10(value / _STEPS))
    return next(_STEPS * m * power for m in _MULTIPLES if _STEPS * m * power >= value * (1 - 1e-9))


def _panel(growth: Growth, left: float, title: str, unit: str, value: Value) -> list[str]:
    known = [v for point in (*growth.trimmed, *growth.stock) if (v := value(point)) is not None]
    if not known:
        return []
    panel = Panel(left, max(point.deployments for point in growth.trimmed), ceiling(max(known)))
    return [
        _text(panel.left + _LEFT, _TOP - 24, title, "title"),
        *_axes(panel, unit, [point.deployments for point in growth.trimmed]),
        *_series(panel, "stock", growth.stock, unit, value),
        *_series(panel, "trimmed", growth.trimmed, unit, value),
    ]


def _axes(panel: Panel, unit: str, counts: Sequence[int]) -> list[str]:
    lines = []
    left, right = panel.x(0), panel.x(panel.most)
    for step in range(_STEPS + 1):
        value = panel.top * step / _STEPS
        y = panel.y(value)
        lines.append(
            f'<line class="grid" x1="{left:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}"/>',
        )
        lines.append(_text(left - 8, y + 4, f"{value:,.10g} {unit}", "axis", anchor="end"))
    lines += [_text(panel.x(n), _BOTTOM + 18, str(n), "axis", anchor="middle") for n in counts]
    return [*lines, _text((left + right) / 2, _BOTTOM + 38, "deployments", "axis", anchor="middle")]


def _series(panel: Panel, name: str, points: Sequence[Point], unit: str, value: Value) -> list[str]:
    known = [(point.deployments, v) for point in points if (v := value(point)) is not None]
    if not known:
        return []
    path = " ".join(f"{panel.x(n):.1f},{panel.y(v):.1f}" for n, v in known)
    dots = [
        f'<circle class="{name}" cx="{panel.x(n):.1f}" cy="{panel.y(v):.1f}" r="3.5">'
        f"<title>{name}, {n}: {figure(v, unit)}</title></circle>"
        for n, v in known
    ]
    last, high = known[-1]
    beyond = last == panel.most
    label = _text(
        panel.x(last) + (0 if beyond else 9),
        panel.y(high) - (9 if beyond else -4),
        f"{name}, {last}: {figure(high, unit)}",
        name,
        anchor="end" if beyond else "start",
    )
    return [f'<polyline class="line {name}" points="{path}"/>', *dots, label]


def _text(x: float, y: float, text: str, look: str, *, anchor: str = "start") -> str:
    return f'<text class="{look}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
