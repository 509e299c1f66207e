"""`bluegreen unfreeze`: traffic may move again."""

from bluegreen.cli.options import ReasonOption
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.views.control import freeze_view


@on_target
def unfreeze(target: Target, *, reason: ReasonOption = "") -> None:
    """Permit moves of traffic again.

    As JSON: the result of the switch function, as it is.

    Examples:
        bluegreen unfreeze --reason "month-end close is done"
    """
    result = target.act({"action": "unfreeze", "reason": reason}, "unfreezing")
    target.show(result, freeze_view)
