"""The picture of a deployment: synthesized JSON → topology → SVG or Mermaid.

`reading.py` reads the JSON, `parts/` says what its resources are, `model.py` is what is drawn; `svg/` and
`mermaid.py` draw it and know nothing of Terraform.
"""

from pathlib import Path
from typing import Literal

from bluegreen.diagram.errors import DiagramError
from bluegreen.diagram.mermaid import mermaid
from bluegreen.diagram.svg import svg
from bluegreen.diagram.topology import read

__all__ = ["DiagramError", "draw"]


def draw(directory: Path, format_: Literal["svg", "mermaid"]) -> tuple[str, str]:
    """Name and picture of the one stack in `directory`. Raises DiagramError."""
    topology = read(directory)
    return topology.name, svg(topology) if format_ == "svg" else mermaid(topology)
