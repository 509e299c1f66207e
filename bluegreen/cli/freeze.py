"""`bluegreen freeze`: no traffic moves until `bluegreen unfreeze`."""

from typing import Annotated

import typer

from bluegreen.cli.target import Target, on_target
from bluegreen.cli.views.control import freeze_view


@on_target
def freeze(
    target: Target,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; shown in `status`.")],
) -> None:
    """Forbid every move of traffic but a rollback, until `bluegreen unfreeze`.

    As JSON: the result of the switch function, as it is.

    Examples:
        bluegreen freeze --reason "month-end close"
    """
    result = target.act({"action": "freeze", "reason": reason}, "freezing")
    target.show(result, freeze_view)
