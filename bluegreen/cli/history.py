"""`bluegreen history`: what was done, by whom and why."""

from typing import Annotated

import typer

from bluegreen.cli.target import Target, on_target
from bluegreen.cli.views.history import history_view

LIMIT = 50  # the switch function's own


@on_target
def history(
    target: Target,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=LIMIT, help="How many actions.")] = 10,
) -> None:
    """Show the last actions, the newest first.

    As JSON: the result of the switch function, as it is.

    Examples:
        bluegreen history --limit 5
    """
    result = target.read({"action": "history", "limit": limit}, "reading the history")
    target.show(result, lambda shown: history_view(shown["entries"]))
