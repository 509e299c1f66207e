"""The page: nothing overflows, overlaps or is left out; it can be read without colours, and told."""

import json
from collections.abc import Mapping
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from bluegreen.diagram.model import Topology
from bluegreen.diagram.svg import svg
from bluegreen.diagram.svg.text import cut, width, wrap
from bluegreen.diagram.topology import read
from tests.bluegreen.diagram import additions
from tests.bluegreen.diagram.pages import Area, SvgPage
from tests.workspaces import DEPLOYMENTS, ROOT, stack_of

LONG = "a-name-that-somebody-made-" * 12
SMALLEST = 2.0  # millimetres of font size


@pytest.fixture(params=[*DEPLOYMENTS, "grown", "long"], scope="module")
def topology(
    request: pytest.FixtureRequest,
    topologies: Mapping[str, Topology],
    workspace: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Topology:
    """The shipped ones; one with all that may be added; one with far too long names."""
    if request.param in topologies:
        return topologies[request.param]
    document = additions.everything(stack_of(workspace, "local"))
    if request.param == "long":
        for resources in document["resource"].values():
            for resource in resources.values():
                for key in {"name", "function_name", "cluster_identifier", "bucket"} & resource.keys():
                    if "${" not in str(resource[key]):
                        resource[key] = f"{resource[key]}-{LONG}"
    directory = tmp_path_factory.mktemp(request.param)
    (directory / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")
    return read(directory)


@pytest.fixture(scope="module")
def page(topology: Topology) -> SvgPage:
    return SvgPage(svg(topology))


def test_no_text_is_wider_than_its_box(page: SvgPage) -> None:
    over = [(id_, text) for id_, box in page.boxes.items() for text in page.texts[id_] if not box.holds(text)]

    assert over == []
    assert len([text for texts in page.texts.values() for text in texts]) > 100


def test_boxes_hold_each_other_or_do_not_touch(page: SvgPage) -> None:
    touching = [
        (one.id, other.id)
        for one, other in combinations(page.boxes.values(), 2)
        if one.meets(other) and not one.holds(other) and not other.holds(one)
    ]

    assert touching == []


def test_no_text_is_hidden_by_another(page: SvgPage) -> None:
    texts = page.all_texts()

    assert [(one.id, other.id) for one, other in combinations(texts, 2) if one.meets(other)] == []


def test_everything_is_on_the_page(page: SvgPage) -> None:
    assert [box for box in page.boxes.values() if not page.page.holds(box)] == []
    assert [text for text in page.all_texts() if not page.page.holds(text)] == []
    points = [point for _, line in page.lines() for point in line]
    assert [p for p in points if not (0 < p[0] < page.page.right and 0 < p[1] < page.page.bottom)] == []


def test_every_box_and_every_edge_is_drawn(page: SvgPage, topology: Topology) -> None:
    assert {node.id for node in topology.nodes} <= set(page.boxes)
    assert page.edges() == {(edge.source, edge.target) for edge in topology.edges}


def test_lines_go_around_the_boxes(page: SvgPage, topology: Topology) -> None:
    """No line passes through a box, but those that it connects and what these are in."""
    boxes = {node.id: page.boxes[node.id] for node in topology.nodes if node.parent is None}
    within = {node.id: node.parent for node in topology.nodes}
    through = []
    for ends, line in page.lines():
        others = boxes.keys() - ends - {within[end] for end in ends}
        for (x, y), (to_x, to_y) in pairwise(line):
            piece = Area("", min(x, to_x) - 1, min(y, to_y) - 1, max(x, to_x) + 1, max(y, to_y) + 1)
            through += [(id_, line) for id_ in others if piece.meets(boxes[id_])]

    assert through == []


def test_it_is_a_page_of_a4_that_can_be_read(page: SvgPage, topology: Topology) -> None:
    root = page.root
    assert (root.attrib["width"], root.attrib["height"]) == ("297mm", "210mm")
    assert page.page.right / page.page.bottom == pytest.approx(297 / 210, rel=0.002)
    if topology.name in DEPLOYMENTS:
        sizes = [float(t.attrib["font-size"]) for t in root.iter() if "font-size" in t.attrib]
        assert min(sizes) * 297 / page.page.right >= SMALLEST


def test_who_can_not_see_it_is_told(page: SvgPage, topology: Topology) -> None:
    named = page.root.attrib["aria-labelledby"].split()
    texts = {e.attrib["id"]: e.text for e in page.root.iter() if e.attrib.get("id") in named}

    assert page.root.attrib["role"] == "img"
    assert texts["title"] == f"{topology.name}: topology"
    assert f"{topology.total} resources" in str(texts["description"])


def test_colours_are_told_apart_without_colours(page: SvgPage) -> None:
    for colour in ("Blue", "Green"):
        for tier in ("APPLICATION", "DATABASE"):
            assert colour in [text.id for text in page.texts[f"{tier}:{colour.lower()}"]]


def test_the_same_stack_is_the_same_page(local: Topology) -> None:
    assert svg(local) == svg(local)


def test_the_documentation_shows_what_is_synthesized(local: Topology) -> None:
    shown = (ROOT / "docs" / "topology.svg").read_text(encoding="utf-8")

    assert shown == svg(local), "run: make generated"


@pytest.mark.parametrize(
    ("text", "bold", "thousandths"),
    [("Aurora", False, 3001), ("Aurora", True, 3278), ("1,024 s", False, 3280), ("→", False, 1015)],
)
def test_text_is_measured_as_its_font_does(text: str, bold: bool, thousandths: int) -> None:
    assert width(text, 1000, bold=bold) == thousandths


def test_lines_break_between_words_and_words_that_are_too_long_are_cut() -> None:
    assert wrap("encrypts 12 log groups", 10, 60) == ["encrypts", "12 log", "groups"]
    assert wrap(LONG, 10, 60) == [cut(LONG, 10, 60)]
    assert cut(LONG, 10, 60).endswith("...")
    assert width(cut(LONG, 10, 60), 10) <= 60
    assert cut("short", 10, 60) == "short"
