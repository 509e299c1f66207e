"""`bluegreen ledger move`: the other colour's database takes the payments from now on."""

from typing import Annotated

import typer

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.ledger.place import functions, reporting
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption
from bluegreen.cli.terminal import confirmed, show, waiting
from bluegreen.cli.views.ledger import moved_view
from lambda_src.contract.values import Colour


def move(
    *,
    to: Annotated[Colour, typer.Option("--to", help="The colour whose database takes the payments.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    deployment: DeploymentOption = DEFAULT,
    output: OutputOption = Output.text,
) -> None:
    """Move the ledger, or finish such a move. The traffic stays where it is. Exit code 4: run it again.

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
        moved = found.move(to.value)
    show(moved, output, moved_view)
