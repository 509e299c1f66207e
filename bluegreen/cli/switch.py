"""`bluegreen switch`: all traffic to one colour, or a share of it for a limited time, at once."""

from typing import Annotated

import typer

from bluegreen.cli.move import move
from bluegreen.cli.options import ReasonOption, seconds_of
from bluegreen.cli.target import Target, on_target
from lambda_src.contract.values import FULL, Colour


@on_target
def switch(
    target: Target,
    *,
    to: Annotated[Colour, typer.Option("--to", help="The colour that gets the traffic.")],
    percent: Annotated[
        int | None,
        typer.Option("--percent", min=0, max=100, help="Its share, if not all; the other gets the rest."),
    ] = None,
    hold: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="TIME",
            help="With --percent: how long the share stands before it is rolled back, like 30m.",
        ),
    ] = None,
    reason: ReasonOption = "",
) -> None:
    """Move traffic to one colour at once, if its gates pass. `bluegreen shift` goes step by step.

    A share is held: the gates are evaluated while it stands. When one fails, and when its time is over, all
    traffic goes back. As JSON: the result of the switch function, as it is.

    Examples:
        bluegreen switch --to green --percent 25 --for 10m --reason canary
        bluegreen switch --to green
    """
    if hold is not None and percent in (None, 0, FULL):
        raise typer.BadParameter(
            "--for needs a --percent from 1 to 99: all the traffic stays without a limit"
        )
    held = None if hold is None else seconds_of(hold)
    share = {} if percent is None else {"action": "shift", "percent": percent, "hold_seconds": held}
    move(target, {"action": "switch", "target": to.value, "reason": reason, **share})
