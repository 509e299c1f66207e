"""The page as a browser renders it, with two fonts: each text lies in its box, and over no other text.

Letters of DejaVu Sans are wider than those that the layout counts with. The page sets each text's length.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from bluegreen.diagram.model import Topology
from bluegreen.diagram.svg import svg

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FONTS = ("Liberation Sans", "DejaVu Sans")
SAMPLE = "Further resources"
SLACK = 1.0  # units of the page, of 1,188: browsers round the lengths of texts
# Every text: what it says, where it is drawn, and the box that it is in, the page where that is none.
MEASURE = """() => {
    const area = ({x, y, width, height}) => ({x, y, right: x + width, bottom: y + height})
    const page = document.querySelector("svg").viewBox.baseVal
    return [...document.querySelectorAll("text")].map(text => {
        const box = text.closest("[data-box], [data-label]")?.querySelector("rect")
        return {text: text.textContent, area: area(text.getBBox()), box: area(box ? box.getBBox() : page)}
    })
}"""
WIDTH = """([font, text]) => {
    const context = document.createElement("canvas").getContext("2d")
    context.font = `100px "${font}", monospace`
    return context.measureText(text).width
}"""


@pytest.fixture(scope="module")
def page(browser: "Browser") -> Iterator["Page"]:
    found = browser.new_page()
    yield found
    found.close()


def drawn(page: "Page", text: str, font: str) -> list[dict[str, Any]]:
    """The texts of a page of SVG, drawn with that font."""
    page.set_content(f'<!doctype html><style>svg {{font-family: "{font}" !important}}</style>{text}')
    found: list[dict[str, Any]] = page.evaluate(MEASURE)
    return found


def outside(found: list[dict[str, Any]]) -> list[str]:
    return [
        text["text"]
        for text in found
        if text["area"]["x"] < text["box"]["x"] - SLACK
        or text["area"]["right"] > text["box"]["right"] + SLACK
    ]


def overlapping(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Pairs of texts of one line that touch."""
    pairs = ((one, other) for one in found for other in found if one is not other)
    return [
        (one["text"], other["text"])
        for one, other in pairs
        if abs(one["area"]["bottom"] - other["area"]["bottom"]) < SLACK
        and one["area"]["x"] <= other["area"]["x"] < one["area"]["right"] - SLACK
    ]


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("deployment", ["local", "production"])
def test_every_text_fits(
    deployment: str, font: str, topologies: Mapping[str, Topology], page: "Page"
) -> None:
    found = drawn(page, svg(topologies[deployment]), font)

    assert outside(found) == []
    assert overlapping(found) == []
    assert f"{deployment}: blue-green platform in us-east-1" in [text["text"] for text in found]
    assert len(found) > 100


def test_the_fonts_are_there_and_differ(page: "Page") -> None:
    widths = [page.evaluate(WIDTH, [font, SAMPLE]) for font in (*FONTS, "a font that no machine has")]
    assert len(set(widths)) == len(widths), "install fonts-dejavu-core and fonts-liberation"


def test_without_its_length_a_text_would_not_fit(local: Topology, page: "Page") -> None:
    natural = svg(local).replace("textLength", "data-length")
    assert outside(drawn(page, natural, "DejaVu Sans")) != []
