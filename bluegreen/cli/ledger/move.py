"""`bluegreen ledger move`: the other colour's database takes the payments from now on."""

from typing import Annotated

import typer

from bluegreen.cli.connect import connect, connect_machine
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.ledger.place import reporting
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption, ReasonOption
from bluegreen.cli.terminal import confirmed, needs_a_terminal, notice, show, waiting
from bluegreen.cli.views.ledger import moved_view
from bluegreen.operate import ledger_moves
from lambda_src.contract.values import Colour


def move(
    *,
    to: Annotated[Colour, typer.Option("--to", help="The colour whose database takes the payments.")],
    reason: ReasonOption = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    deployment: DeploymentOption = DEFAULT,
    output: OutputOption = Output.text,
) -> None:
    """Move the ledger, or finish such a move. The traffic stays where it is. Exit code 4: run it again.

    The gates of a shift to that colour have to pass, freeze, windows and lock among them, and every guard of
    `bluegreen ledger status`. A move that no database takes payments for is finished whatever they say.

    As JSON: `writer`, `epoch`, `pause_ms` (from the fence until the writer is open; null: it was there
    already).

    Examples:
        bluegreen ledger move --to green --yes
        bluegreen ledger move --to blue --reason "release 42 rolled back" --yes
    """
    if not yes:
        needs_a_terminal("ledger move")
    place = Deployment(deployment)
    switch = connect(place)
    machine = connect_machine(place, switch.access)
    if not yes and not confirmed(f"Move the ledger of {deployment} to {to}?"):
        raise CommandError(
            ExitCode.REFUSED, "not confirmed; nothing was changed", "answer yes, or give --yes"
        )
    name = None
    try:
        with reporting(), waiting(f"moving the ledger to {to}"):
            name = ledger_moves.start(switch, machine, to.value, reason)
            moved = ledger_moves.follow(machine, name)
    except KeyboardInterrupt:
        notice(f"interrupted: {name or 'the move'} continues. Look with `bluegreen ledger status`.")
        raise
    show(moved, output, moved_view)
