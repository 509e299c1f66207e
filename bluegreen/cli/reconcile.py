"""`bluegreen reconcile`: the records follow the live listener, and the listeners get their declared shape."""

from typing import Annotated

import typer

from bluegreen.cli.move import ending
from bluegreen.cli.options import ReasonOption
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.views.control import reconcile_view


@on_target
def reconcile(
    target: Target,
    *,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Write both listeners anew, in the declared shape; needs --reason."),
    ] = False,
    reason: ReasonOption = "",
) -> None:
    """Correct the records by the live listener, and close what was interrupted. No production traffic moves.

    With --repair the listeners get their declared shape, with the weights that clients have now; where they
    get neither colour, with all traffic on the active one. Exit code 4: something that is listed still sends
    clients elsewhere. As JSON: the result of the switch function, as it is.

    Examples:
        bluegreen reconcile
        bluegreen reconcile --repair --reason "a rule was added by hand"
    """
    if repair and not reason:
        raise typer.BadParameter("--repair needs a --reason: it writes what production's clients get")
    request = {"action": "reconcile", "repair": repair or None, "reason": reason}
    result = target.act(request, "repairing" if repair else "reconciling")
    ending(target, result, reconcile_view)
