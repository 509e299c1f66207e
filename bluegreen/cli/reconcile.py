"""`bluegreen reconcile`: the records follow the live listener."""

from bluegreen.cli.options import ReasonOption
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.views.control import reconcile_view


@on_target
def reconcile(target: Target, *, reason: ReasonOption = "") -> None:
    """Make the records say what the listener does, and close what died. No production traffic moves.

    As JSON: the result of the switch function, as it is.
    """
    result = target.act({"action": "reconcile", "reason": reason}, "reconciling")
    target.show(result, reconcile_view)
