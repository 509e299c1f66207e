"""Views as plain text, the way a terminal shows them without colours."""

import io

from rich.console import Console, RenderableType


def rendered(view: RenderableType, width: int = 100) -> str:
    """Lines without the blanks at their ends."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(view, crop=False)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())
