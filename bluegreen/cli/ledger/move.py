"""`bluegreen ledger move`: the other colour's database takes the payments from now on."""

from typing import Annotated

import typer

from bluegreen.cli.connect import connect
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.ledger.place import functions, reporting
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption
from bluegreen.cli.terminal import confirmed, show, waiting
from bluegreen.cli.views.gates import sentence
from bluegreen.cli.views.ledger import moved_view
from bluegreen.operate.ledger import LedgerFunctions
from lambda_src.contract.values import Colour


def move(
    *,
    to: Annotated[Colour, typer.Option("--to", help="The colour whose database takes the payments.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    deployment: DeploymentOption = DEFAULT,
    output: OutputOption = Output.text,
) -> None:
    """Move the ledger, or finish such a move. The traffic stays where it is. Exit code 4: run it again.

    The gates of a shift to that colour have to pass, and every guard of `bluegreen ledger status`.

    As JSON: `writer`, `epoch`, `pause_ms` (from the fence until the writer is open; null: it was there
    already).

    Examples:
        bluegreen ledger move --to green --yes
        bluegreen ledger move --to blue --yes
    """
    found = functions(deployment)
    if not yes and not confirmed(f"Move the ledger of {deployment} to {to}?"):
        raise CommandError(
            ExitCode.REFUSED, "not confirmed; nothing was changed", "answer yes, or give --yes"
        )
    with reporting(), waiting(f"moving the ledger to {to}"):
        _require_gates(deployment, found, to)
        moved = found.move(to.value)
    show(moved, output, moved_view)


def _require_gates(deployment: str, ledger: LedgerFunctions, to: Colour) -> None:
    """Freeze, window, lock, alarms and targets of the colour, as for a shift. Raises CommandError.

    A move that is past its fence is finished whatever they say: no database takes payments until then.
    """
    status = ledger.status()
    if status["state"] != "open" or status["writer"] == to:
        return
    verdicts = connect(Deployment(deployment)).invoke({"action": "preflight", "target": to.value})["gates"]
    failing = [sentence(verdict) for verdict in verdicts if not verdict["passed"]]
    if failing:
        listed = "".join(f"\n  {one}" for one in failing)
        raise CommandError(
            ExitCode.REFUSED,
            f"the ledger was not moved to {to}: {len(failing)} gates have not passed{listed}"
            f"\n  state: {status['writer']} is the writer, as before",
            f"correct what they name: `bluegreen preflight --to {to} --deployment {deployment}`",
        )
