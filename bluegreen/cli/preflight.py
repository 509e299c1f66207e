"""`bluegreen preflight`: whether traffic could be moved now."""

from typing import Annotated

import typer

from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.views.control import preflight_view
from lambda_src.contract.values import Colour


@on_target
def preflight(
    target: Target,
    *,
    to: Annotated[Colour, typer.Option("--to", help="The colour that would get the traffic.")],
    percent: Annotated[
        int | None, typer.Option("--percent", min=0, max=100, help="Its share, if not all.")
    ] = None,
) -> None:
    """Show whether a move would be allowed now: gates, lock, freeze, window. Exit code 1: it would not.

    As JSON: the result of the switch function, as it is.

    Examples:
        bluegreen preflight --to green
        bluegreen preflight --to green --percent 25 --output json
    """
    request = {"action": "preflight", "target": to.value, "percent": percent}
    result = target.read(request, f"asking what keeps traffic from {to}")
    target.show(result, preflight_view)
    if not result["ready"]:
        raise typer.Exit(ExitCode.REFUSED)
