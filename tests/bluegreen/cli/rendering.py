"""Views as plain text, the way a terminal of a hundred columns would show them without colours."""

import io

from rich.console import Console, RenderableType


def rendered(view: RenderableType) -> str:
    """Lines without the blanks at their ends."""
    console = Console(file=io.StringIO(), width=100, color_system=None)
    console.print(view)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())
