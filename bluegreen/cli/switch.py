"""`bluegreen switch`: all traffic to one side, or a share of it, at once."""

from typing import Annotated

import typer

from bluegreen.cli.move import move
from bluegreen.cli.options import ReasonOption, Side
from bluegreen.cli.target import Target, on_target


@on_target
def switch(
    target: Target,
    *,
    to: Annotated[Side, typer.Option("--to", help="The side that gets the traffic.")],
    percent: Annotated[
        int | None,
        typer.Option("--percent", min=0, max=100, help="Its share, if not all; the other gets the rest."),
    ] = None,
    reason: ReasonOption = "",
) -> None:
    """Move traffic to one side at once, if its gates pass. `bluegreen shift` goes step by step.

    As JSON: the result of the switch function, as it is.
    """
    action = "switch" if percent is None else "shift"
    move(target, {"action": action, "target": to.value, "percent": percent, "reason": reason})
