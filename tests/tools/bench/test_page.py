"""The page and the plot: made of given figures, and as they are in the repository."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workspaces import ROOT
from tools.bench.growth import Growth, Point
from tools.bench.machine import Machine, this
from tools.bench.page import UNKNOWN, page
from tools.bench.plot import ceiling, plot
from tools.bench.row import Row

SVG = "{http://www.w3.org/2000/svg}"
MACHINE = Machine(cores=2, system="Linux x86_64", python="3.11.7", node="20.1.0")
GROWTH = Growth(
    (Point(1, 1.2, 190), Point(5, 2.4, 210), Point(20, 6.9, 270), Point(50, 16.1, 1420)),
    (Point(1, 10.4, 1185), Point(5, 12.4, 1230)),
)
NO_MEMORY = Growth(
    tuple(Point(point.deployments, point.user_s, None) for point in GROWTH.trimmed), GROWTH.stock[:0]
)
ROWS = [
    Row("time", "s", ("ours", "theirs"), 1.0, 10.0, 1 / 6),
    Row("memory", "MB", ("ours", "theirs"), 1185.4, 500, 2),
    Row("calls", "", ("ours", "theirs"), 18, 1, None),
    Row("unmeasured", "MB", ("ours", "theirs"), None, None, 2),
]
DOCS = ROOT / "docs"
FIGURE = re.compile(r"\d\s*(?:s|ms|MB|GB|seconds|minutes)\b")


def tables(text: str) -> list[list[list[str]]]:
    """Each table's rows of cells, without its head."""
    found = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
        for table in found
    ]


def shown(svg: str) -> dict[str, list[tuple[int, str]]]:
    """Each series' points, (deployments, figure), in order; the panels one after the other."""
    series: dict[str, list[tuple[int, str]]] = {}
    for circle in ElementTree.fromstring(svg).iter(f"{SVG}circle"):  # noqa: S314 - our own
        label = circle.findtext(f"{SVG}title") or ""
        name, count, value = re.fullmatch(r"(\w+), (\d+): (.*)", label).groups()  # type: ignore[union-attr]
        series.setdefault(name, []).append((int(count), value))
    return series


def test_the_table_says_each_row() -> None:
    rows, _ = tables(page(ROWS, GROWTH, MACHINE))
    assert rows == [
        ["time", "ours: 1.00 s", "theirs: 10.00 s", "0.1", "at most 0.167"],
        ["memory", "ours: 1,185 MB", "theirs: 500 MB", "2.37", "**missed**: at most 2"],
        ["calls", "ours: 18", "theirs: 1", "18", ""],
        ["unmeasured", UNKNOWN, "", "", ""],
    ]


def test_the_second_table_says_each_point() -> None:
    _, points = tables(page(ROWS, GROWTH, MACHINE))
    assert points == [
        ["1", "1.20 s", "190 MB", "10.40 s", "1,185 MB"],
        ["5", "2.40 s", "210 MB", "12.40 s", "1,230 MB"],
        ["20", "6.90 s", "270 MB", "", ""],
        ["50", "16.10 s", "1,420 MB", "", ""],
    ]
    _, points = tables(page(ROWS, NO_MEMORY, MACHINE))
    assert points[0] == ["1", "1.20 s", UNKNOWN, "", ""]


@pytest.mark.integration
def test_the_page_names_the_class_of_the_machine() -> None:
    assert "those of 2 cores, Linux x86_64, Python 3.11.7, Node 20.1.0." in page(ROWS, GROWTH, MACHINE)
    assert this().cores > 0
    assert re.fullmatch(r"\d+\.\d+\.\d+", this().node)


def test_the_plot_shows_each_point_of_both_panels() -> None:
    assert shown(plot(GROWTH)) == {
        "trimmed": [
            *[(1, "1.20 s"), (5, "2.40 s"), (20, "6.90 s"), (50, "16.10 s")],
            *[(1, "190 MB"), (5, "210 MB"), (20, "270 MB"), (50, "1,420 MB")],
        ],
        "stock": [(1, "10.40 s"), (5, "12.40 s"), (1, "1,185 MB"), (5, "1,230 MB")],
    }
    assert shown(plot(NO_MEMORY)) == {
        "trimmed": [(1, "1.20 s"), (5, "2.40 s"), (20, "6.90 s"), (50, "16.10 s")]
    }


times = st.floats(0.01, 1000).map(lambda value: round(value, 2))


@given(st.lists(times, min_size=4, max_size=4), st.lists(st.integers(1, 10**5), min_size=4, max_size=4))
def test_everything_lies_within_the_plot_and_higher_is_more(time_s: list[float], memory: list[int]) -> None:
    points = tuple(Point(n, s, mb) for n, s, mb in zip((1, 5, 20, 50), time_s, memory, strict=True))
    root = ElementTree.fromstring(plot(Growth(points, ())))  # noqa: S314 - our own
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    circles = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in root.iter(f"{SVG}circle")]
    assert all(0 < x < width and 0 < y < height for x, y in circles)
    for values, panel in ((time_s, circles[:4]), (memory, circles[4:])):
        assert [x for x, _ in panel] == sorted({x for x, _ in panel})
        by_value = [y for _, (_, y) in sorted(zip(values, panel, strict=True), key=lambda pair: pair[0])]
        assert by_value == sorted(by_value, reverse=True)


@given(st.floats(0.001, 1e6))
def test_an_axis_ends_at_a_round_number_not_far_above(value: float) -> None:
    top = ceiling(value)
    assert value * (1 - 1e-9) <= top <= 2.5 * value * (1 + 1e-9)


@pytest.mark.parametrize(
    ("value", "top"), [(16.1, 20), (1230, 2000), (0, 4), (4, 4), (4.1, 8), (9, 10), (19, 20)]
)
def test_the_ends_of_axes(value: float, top: float) -> None:
    assert ceiling(value) == pytest.approx(top)


def test_the_plot_in_the_repository_is_of_the_page_beside_it() -> None:
    _, points = tables((DOCS / "speed.md").read_text(encoding="utf-8"))
    said = {
        "trimmed": [(int(n), time) for n, time, *_ in points] + [(int(n), mb) for n, _, mb, *_ in points],
        "stock": [(int(n), time) for n, _, _, time, _ in points if time]
        + [(int(n), mb) for n, *_, mb in points if mb],
    }
    assert shown((DOCS / "speed.svg").read_text(encoding="utf-8")) == said


def test_the_readme_leaves_figures_to_the_page() -> None:
    (section,) = re.findall(
        r"^## Speed\n(.*?)^## ", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert "](docs/speed.md)" in section
    assert "](docs/speed.svg)" in section
    assert FIGURE.findall(section) == []
