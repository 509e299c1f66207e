"""`bluegreen rollback`: the emergency exit."""

import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.ledger.place import reporting
from bluegreen.cli.move import ending, move
from bluegreen.cli.options import ReasonOption, seconds_of
from bluegreen.cli.target import Again, Target, on_target
from bluegreen.cli.terminal import waiting
from bluegreen.cli.views.ledger import moved_view
from bluegreen.cli.views.traffic import move_view
from bluegreen.operate import ledger_moves
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
    with_ledger: Annotated[
        bool, typer.Option("--with-ledger", help="Then move the ledger to the same colour.")
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

    The ledger stays where it is. With --with-ledger it follows once the traffic is back: 4 then also means
    that it did not, 6 that it was there, too; the JSON has `ledger`, as `bluegreen ledger move` has it.

    Examples:
        bluegreen rollback --reason "error rate rises"
        bluegreen rollback  # all traffic is back already: exit code 6

    On a real account:
        bluegreen rollback --with-ledger --reason "release 42 is withdrawn" -d staging
    """
    if force and not reason:
        raise typer.BadParameter("--force needs a --reason: payments may go unanswered")
    request = {"action": "rollback", "target": to and to.value, "force": force or None, "reason": reason}
    again = _while_locked(seconds_of(wait))
    if with_ledger:
        _with_ledger(target, request, again)
    else:
        move(target, request, again)


def _with_ledger(target: Target, request: dict[str, Any], again: Again) -> None:
    """The traffic first: it must not wait for the ledger."""
    machine = target.machine(None)  # what is missing is told before anything moves
    result = target.act(request, f"rollback: waiting for {target.switch}", again)
    to = next(colour for colour, weight in result["after"].items() if weight)

    def view(shown: Any) -> RenderableType:
        return Group(move_view(shown, str(target.switch)), *([moved_view(shown["ledger"])] if moved else []))

    moved = None
    try:
        with reporting(), waiting(f"moving the ledger to {to}"):
            name = ledger_moves.start(target.switch, machine, to, request["reason"])
            moved = ledger_moves.follow(machine, name)
    except CommandError as error:
        target.show(result | {"ledger": None}, view)
        said = str(error).partition("\n  fix: ")[0]
        raise CommandError(
            ExitCode.INCOMPLETE,
            f"{said}\n  state: all traffic is on {to}; the ledger is not, or is unknown",
            f"run `bluegreen ledger status`, then `bluegreen ledger move --to {to}`",
        ) from error
    ending(target, result | {"ledger": moved}, view)


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
