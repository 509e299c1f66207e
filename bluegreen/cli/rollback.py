"""`bluegreen rollback`: the emergency exit."""

import time
from collections.abc import Callable
from typing import Annotated

import typer

from bluegreen.cli.move import move
from bluegreen.cli.options import ReasonOption, seconds_of
from bluegreen.cli.target import Again, Target, on_target
from bluegreen.operate.client import FunctionFailedError
from lambda_src.contract.values import Colour

AGAIN_SECONDS = 2.0


@on_target
def rollback(
    target: Target,
    *,
    to: Annotated[
        Colour | None,
        typer.Option("--to", help="Where the traffic came from, if no record says; any other is refused."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Even to a colour without a healthy target; needs --reason.")
    ] = False,
    reason: ReasonOption = "",
    wait: Annotated[
        str, typer.Option("--wait", metavar="TIME", help="How long, while another request is running.")
    ] = "5m",
) -> None:
    """Move all traffic back to where the migration started, at once; a shift in progress ends.

    It ignores alarms and requires healthy targets. Exit code 6: nothing moved, all traffic was there; 4: it
    moved, but something on the load balancer still sends clients elsewhere. As JSON: the result of the switch
    function, as it is.

    Examples:
        bluegreen rollback --reason "error rate rises"
        bluegreen rollback  # all traffic is back already: exit code 6
    """
    if force and not reason:
        raise typer.BadParameter("--force needs a --reason: payments may go unanswered")
    request = {"action": "rollback", "target": to and to.value, "force": force or None, "reason": reason}
    move(target, request, _while_locked(seconds_of(wait)))


def _while_locked(patience: float) -> Again:
    """The function takes the lock from a shift, but not from a request that is just running: that one ends
    within the function's timeout, or its lease does.
    """
    deadline = time.monotonic() + patience
    told: set[str] = set()

    def again(error: FunctionFailedError, tell: Callable[[str], None]) -> bool:
        if error.error_type != "LockedError" or time.monotonic() + AGAIN_SECONDS > deadline:
            return False
        if str(error) not in told:
            tell(f"{error}\n  trying again")
            told.add(str(error))
        time.sleep(AGAIN_SECONDS)
        return True

    return again
