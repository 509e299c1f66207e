"""The topology as a page of A4 landscape in SVG.

`boxes.py` measures, `layout.py` places, `routes.py` connects, `draw.py` writes.
"""

from bluegreen.diagram.svg.draw import svg

__all__ = ["svg"]
